// SPDX-License-Identifier: GPL-2.0
/*
 * What led to each fault: a stack, unwound from its copy as soon as that is told, for later
 * something else may be mapped; or the faulting instruction alone, where no stack was copied.
 */
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "base/table.h"
#include "export/callers.h"
#include "export/code.h"
#include "record/record.h"
#include "tracer/decode.h"
#include "tracer/tracer.h"

/**
 * struct told - a stack whose fault comes next, of the same thread
 * @tid: the thread
 * @mm: where
 * @ip: instruction that faulted
 * @class: enum record_class
 * @callers: number of the stack, 0 when the fault has taken it
 */
struct told {
	__u32 tid;
	__u32 mm;
	__u64 ip;
	__u32 class;
	__u32 callers;
};

static struct callers *all;
static size_t nr_all;
static struct table table;

/* A stack is followed by its fault, unless that is lost: so many threads cannot be in between. */
#define MOST_TOLD	256

static struct told told[MOST_TOLD];
static size_t nr_told, next_told;

static bool same(size_t place, const void *wanted)
{
	const struct callers *a = &all[place], *b = wanted;

	return a->n == b->n && a->end == b->end &&
	       !memcmp(a->codes, b->codes, b->n * sizeof(*b->codes));
}

/* The number of a stack; of a new one a copy is kept. */
static __u32 number_of(const struct callers *callers)
{
	size_t size = callers->n * sizeof(*callers->codes), place;
	__u64 hash = callers->end;

	for (size_t i = 0; i < callers->n; i++)
		hash = table_hash(hash, callers->codes[i]);
	place = table_find(&table, hash, same, callers);
	if (place != TABLE_NONE)
		return place + 1;
	all = table_grow(all, nr_all, sizeof(*all));
	all[nr_all] = *callers;
	all[nr_all].codes = malloc(size + 1);
	if (!all[nr_all].codes)
		abort();
	memcpy(all[nr_all].codes, callers->codes, size);
	table_add(&table, hash, nr_all);
	return ++nr_all;
}

static struct told *place_of(__u32 tid)
{
	for (size_t i = nr_told; i-- > 0;)
		if (told[i].tid == tid || !told[i].callers)
			return &told[i];
	if (nr_told < MOST_TOLD)
		return &told[nr_told++];
	return &told[next_told++ % MOST_TOLD];
}

static void take_stack(struct mm *mm, const struct raw_stack *raw)
{
	static __u32 codes[UNWIND_MOST];
	static struct unwound unwound;
	struct callers callers = { .codes = codes };

	callers.end = unwind(mm, raw, &unwound);
	callers.n = unwound.n;
	for (size_t i = 0; i < unwound.n; i++)
		codes[i] = code_at(mm, unwound.at[i].address, unwound.at[i].exact);
	/* Readers of profiles pass over stacks without frames: this one says that there is none. */
	if (!callers.n)
		codes[callers.n++] = code_at(NULL, 0, true);
	*place_of(raw->e.tid) = (struct told){
		.tid = raw->e.tid,
		.mm = mm->id,
		.ip = raw->regs[STACK_REGS - 1],
		.class = raw->class,
		.callers = number_of(&callers),
	};
}

/**
 * callers_begin - before anything is told
 */
void callers_begin(void)
{
	static const struct raw_sums here = { .stack = take_stack };

	tracer_stacks(STACKS_DWARF);
	raw_sum_up(&here);
}

/**
 * callers_told - the stack of a fault, if it was copied
 * @fault: its record, in the order in which records come, and once
 *
 * Return: its number, from 1; 0 for none
 */
__u32 callers_told(const struct mmscope_event *fault)
{
	__u32 callers;

	for (size_t i = nr_told; i-- > 0;) {
		if (told[i].tid != fault->tid || told[i].mm != fault->mm || !told[i].callers)
			continue;
		/* The stack of another, whose own record was lost, is not this one's. */
		callers = told[i].ip == fault->ip &&
			  told[i].class == RECORD_CLASS(fault->flags) ? told[i].callers : 0;
		told[i].callers = 0;
		return callers;
	}
	return 0;
}

/**
 * callers_of - what led to a fault
 * @fault: its record, in the order in which records come
 *
 * Return: number of its stack, from 1
 */
__u32 callers_of(const struct mmscope_event *fault)
{
	__u32 id = callers_told(fault), code;
	struct callers callers = { .n = 1, .codes = &code };

	if (id)
		return id;
	code = code_at(mm_get(fault->mm), fault->ip, true);
	return number_of(&callers);
}

/**
 * callers_get - a stack
 * @id: its number
 */
const struct callers *callers_get(__u32 id)
{
	return &all[id - 1];
}

/**
 * callers_number - how many stacks there are
 */
size_t callers_number(void)
{
	return nr_all;
}

/**
 * callers_end - where a stack ends, as a word; NULL for where it began
 * @end: where it ends
 */
const char *callers_end(enum unwind_end end)
{
	static const char *const words[UNWIND_NR_ENDS] = {
		[UNWIND_CUT] = "cut", [UNWIND_ABSENT] = "absent", [UNWIND_UNKNOWN] = "unknown",
		[UNWIND_32] = "32-bit", [UNWIND_EXEC] = "exec", [UNWIND_OTHER] = "other",
	};

	return words[end];
}
