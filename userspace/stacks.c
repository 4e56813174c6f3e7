// SPDX-License-Identifier: GPL-2.0
/*
 * What led to faults: user stacks, as the kernel finds them by following frame pointers. Code that
 * keeps none, as most libraries do, ends a stack, or hides who called it.
 */
#include <stdlib.h>
#include <string.h>
#include "event.h"
#include "lines.h"
#include "mmscope.h"
#include "probe.h"
#include "report.h"
#include "stacks.h"

#define MOST_STACKS	6	/* on the screen */
#define MOST_FRAMES	8	/* of each */

static struct stack *stacks;
static size_t nr_stacks, room;

/**
 * stacks_add - take note of faults, while it is known what their address space has where
 * @site: them
 */
void stacks_add(const struct fault_site *site)
{
	__u64 addresses[MAX_FRAMES];
	struct stack *stack;

	if (nr_stacks == room) {
		room = 2 * room + 256;
		stacks = realloc(stacks, room * sizeof(*stacks));
		if (!stacks)
			abort();
	}
	stack = &stacks[nr_stacks++];
	*stack = (struct stack){ .class = SITE_CLASS(site->who), .total = site->total };
	stack->n = probe_stack(SITE_STACK(site->who), addresses);
	/* Where no stack was found, the instruction is known. */
	if (!stack->n)
		addresses[stack->n++] = site->ip;
	stack->frames = calloc(stack->n, sizeof(*stack->frames));
	if (!stack->frames)
		abort();
	for (size_t i = 0; i < stack->n; i++)
		tally_place(SITE_MM(site->who), addresses[i], &stack->frames[i].name,
			    &stack->frames[i].offset);
}

static int compare(const void *a, const void *b)
{
	const struct stack *x = a, *y = b;

	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	for (size_t i = 0; i < x->n && i < y->n; i++) {
		const struct stack_frame *f = &x->frames[i], *g = &y->frames[i];

		if (f->name != g->name)
			return f->name < g->name ? -1 : 1;
		if (f->offset != g->offset)
			return f->offset < g->offset ? -1 : 1;
	}
	return x->n < y->n ? -1 : x->n > y->n;
}

static int compare_counts(const void *a, const void *b)
{
	const struct stack *x = a, *y = b;

	if (x->total.count != y->total.count)
		return x->total.count < y->total.count ? 1 : -1;
	return compare(a, b);
}

/**
 * stacks_all - those that faults had, the most frequent first; once all are added
 * @n: becomes their number
 */
struct stack *stacks_all(size_t *n)
{
	size_t kept = 0;

	qsort(stacks, nr_stacks, sizeof(*stacks), compare);
	for (size_t i = 0; i < nr_stacks; i++)
		if (kept && !compare(&stacks[kept - 1], &stacks[i])) {
			tally_add(&stacks[kept - 1].total, &stacks[i].total);
			free(stacks[i].frames);
		} else {
			stacks[kept++] = stacks[i];
		}
	nr_stacks = kept;
	qsort(stacks, nr_stacks, sizeof(*stacks), compare_counts);
	*n = nr_stacks;
	return stacks;
}

/* A call returns to what follows it, which may be another line, or another function. */
static struct line line_of_frame(const struct stack *stack, size_t i)
{
	return line_of(stack->frames[i].name, stack->frames[i].offset - !!i);
}

static void print_frame(const struct stack *stack, size_t i)
{
	struct line line = line_of_frame(stack, i);
	const struct stack_frame *frame = &stack->frames[i];
	const char *slash = strrchr(frame->name, '/');
	const char *name = slash ? slash + 1 : frame->name;

	if (line.function && line.file)
		report_line("    %-26.40s %.24s:%d", line.function, line.file, line.number);
	else if (line.function)
		report_line("    %-26.40s %.30s", line.function, name);
	else if (*name)
		report_line("    %.30s+0x%llx", name, frame->offset);
	else
		report_line("    0x%llx", frame->offset);
}

static void print_stack(const struct stack *stack)
{
	report_line("%s", "");
	report_line("%llu %s", stack->total.count, class_word(stack->class));
	for (size_t i = 0; i < stack->n && i < MOST_FRAMES; i++)
		print_frame(stack, i);
	if (stack->n > MOST_FRAMES)
		report_line("    and %zu more (--json shows all)", stack->n - MOST_FRAMES);
}

static struct json_object *frame_json(const struct stack *stack, size_t i)
{
	struct json_object *o = json_object_new_object();
	struct line line = line_of_frame(stack, i);

	if (line.function)
		json_object_object_add(o, "function", json_object_new_string(line.function));
	if (line.file) {
		json_object_object_add(o, "file", json_object_new_string(line.file));
		json_object_object_add(o, "line", json_object_new_int(line.number));
	}
	json_object_object_add(o, "program", json_object_new_string(stack->frames[i].name));
	json_object_object_add(o, "offset", json_object_new_uint64(stack->frames[i].offset));
	return o;
}

static struct json_object *stack_json(const struct stack *stack)
{
	struct json_object *frames = json_object_new_array(), *o = json_object_new_object();

	json_object_object_add(o, "faults", json_object_new_uint64(stack->total.count));
	json_object_object_add(o, "pages", json_object_new_uint64(stack->total.pages));
	json_object_object_add(o, "ns", json_object_new_uint64(stack->total.ns));
	json_object_object_add(o, "class", json_object_new_string(class_name(stack->class)));
	for (size_t i = 0; i < stack->n; i++)
		json_object_array_add(frames, frame_json(stack, i));
	json_object_object_add(o, "frames", frames);
	return o;
}

static void report_json_stacks(const struct stack *all, size_t n)
{
	struct json_object *o = report_object(), *list = json_object_new_array();

	for (size_t i = 0; i < n; i++)
		json_object_array_add(list, stack_json(&all[i]));
	json_object_object_add(o, "stacks", list);
	report_object_print(o);
}

/**
 * stacks_report - show them
 */
void stacks_report(void)
{
	size_t n;
	const struct stack *all = stacks_all(&n);

	if (report_json)
		return report_json_stacks(all, n);
	for (size_t i = 0; i < n && i < MOST_STACKS; i++)
		print_stack(&all[i]);
	if (n > MOST_STACKS)
		report_line("and %zu more (--json shows all)", n - MOST_STACKS);
}
