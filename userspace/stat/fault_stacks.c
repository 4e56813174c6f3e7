// SPDX-License-Identifier: GPL-2.0
/*
 * Stacks of faults, and how many faults had each. With --stacks=fp the kernel finds them by
 * following frame pointers: code without frame pointers, as in most libraries, ends a stack, or
 * hides its caller. Otherwise stacks are unwound from copies, when the copy is told: after the next
 * record something else may be mapped.
 */
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "base/name_store.h"
#include "base/proc.h"
#include "stat/context.h"
#include "stat/fault_stacks.h"
#include "tracer/tracer.h"

static bool equal(const struct stack *a, const struct stack *b)
{
	bool same = a->class == b->class && a->end == b->end && a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++)
		same = a->frames[i].name == b->frames[i].name &&
		       a->frames[i].offset == b->frames[i].offset;
	return same;
}

static size_t *head_of(const struct stack *stack)
{
	__u64 hash = stack->class;

	for (size_t i = 0; i < stack->n; i++)
		hash = (hash ^ stack->frames[i].offset) * 0x61c8864680b583ebULL;
	return &fault_stats->heads[hash >> 52];
}

/* Add the faults of a stack to those of an equal one, or keep a copy of it and its frames. */
static void sum_up(const struct stack *stack)
{
	struct fault_stats *stats = fault_stats;
	size_t *head = head_of(stack), at = *head, size = stack->n * sizeof(*stack->frames);
	struct stack *new;

	while (at && !equal(&stats->stacks[at - 1], stack))
		at = stats->stacks[at - 1].next;
	if (at) {
		stat_add(&stats->stacks[at - 1].total, &stack->total);
		return;
	}
	if (stats->nr_stacks == stats->room_stacks) {
		stats->room_stacks = 2 * stats->room_stacks + 256;
		stats->stacks = realloc(stats->stacks, stats->room_stacks * sizeof(*stats->stacks));
		if (!stats->stacks)
			abort();
	}
	new = &stats->stacks[stats->nr_stacks];
	*new = *stack;
	new->frames = malloc(size + 1);
	if (!new->frames)
		abort();
	memcpy(new->frames, stack->frames, size);
	new->next = *head;
	*head = ++stats->nr_stacks;
}

/**
 * stacks_add - count faults for their stack, while it is known where their address space has its
 *	code
 * @site: the faults
 */
void stacks_add(const struct fault_site *site)
{
	static struct stack_frame frames[MAX_FRAMES];
	__u64 addresses[MAX_FRAMES];
	struct stack stack = {
		.class = SITE_CLASS(site->who),
		.total = site->total,
		.frames = frames,
		.n = tracer_stack(SITE_STACK(site->who), addresses),
	};

	/* Without a stack the faulting instruction is its only frame. */
	if (!stack.n)
		addresses[stack.n++] = site->ip;
	for (size_t i = 0; i < stack.n; i++) {
		stat_place(SITE_MM(site->who), addresses[i], &frames[i].name, &frames[i].offset);
		frames[i].exact = !i;
	}
	sum_up(&stack);
}

/* Set the name and offset of a frame by the VMA that has its address now. */
static void place(const struct mm *mm, __u64 address, struct stack_frame *frame)
{
	const struct vma *vma = mm_at(mm, address - !frame->exact);

	frame->name = name_keep(vma ? names_of(vma, mm) : NULL);
	frame->offset = address;
	if (*frame->name)
		frame->offset -= vma->start;
	if (*frame->name && vma->image.file)
		frame->offset += vma_pgoff(vma) * proc_page_size();
}

/**
 * stacks_unwind - count a fault for its stack, which is unwound from a copy
 * @mm: address space of the fault, as it was at that time
 * @raw: the fault, with the copy
 */
void stacks_unwind(struct mm *mm, const struct raw_stack *raw)
{
	static struct stack_frame frames[UNWIND_MOST];
	static struct unwound unwound;
	struct stack stack = {
		.class = raw->class,
		.total = { 1, raw->pages, raw->ns },
		.frames = frames,
	};

	/* A recording may have copies of stacks even if nobody asks for stacks now. */
	if (tracer_stack_way() == STACKS_NONE)
		return;
	stack.end = unwind(mm, raw, &unwound);
	stack.n = unwound.n;
	for (size_t i = 0; i < unwound.n; i++) {
		frames[i].exact = unwound.at[i].exact;
		place(mm, unwound.at[i].address, &frames[i]);
	}
	sum_up(&stack);
}

static int compare_counts(const void *a, const void *b)
{
	const struct stack *x = a, *y = b;

	if (x->total.count != y->total.count)
		return x->total.count < y->total.count ? 1 : -1;
	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	for (size_t i = 0; i < x->n; i++)
		if (x->frames[i].offset != y->frames[i].offset)
			return x->frames[i].offset < y->frames[i].offset ? -1 : 1;
	return 0;
}

/**
 * stacks_all - all stacks, the most frequent one first; is called when all faults are counted
 * @n: becomes the number of stacks
 */
const struct stack *stacks_all(size_t *n)
{
	struct fault_stats *stats = fault_stats;

	if (stats->nr_stacks)
		qsort(stats->stacks, stats->nr_stacks, sizeof(*stats->stacks), compare_counts);
	*n = stats->nr_stacks;
	return stats->stacks;
}
