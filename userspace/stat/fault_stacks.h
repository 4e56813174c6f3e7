/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_STAT_FAULT_STACKS_H
#define MMSCOPE_STAT_FAULT_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include "stat/fault_stats.h"
#include "symbolize/unwind.h"

struct mm;

/**
 * struct stack_frame - an instruction, where its address space had it
 * @name: of the program or library, "" for none
 * @offset: in its file; the address where there is none
 * @exact: it is the instruction, and not where a call returns to
 */
struct stack_frame {
	const char *name;
	__u64 offset;
	bool exact;
};

/**
 * struct stack - faults of one class that came about in one way
 * @class: enum record_class
 * @end: where it ends, if it was unwound
 * @total: how many
 * @n: number of frames
 * @frames: the instruction that faulted, then those that called
 * @next: of its bucket
 */
struct stack {
	__u32 class;
	enum unwind_end end;
	struct fault_total total;
	size_t n;
	struct stack_frame *frames;
	size_t next;
};

void stacks_add(const struct fault_site *site);
void stacks_unwind(struct mm *mm, const struct raw_stack *raw);
const struct stack *stacks_all(size_t *n);
void stacks_report(void);

#endif
