/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_STAT_FAULT_STACKS_H
#define MMSCOPE_STAT_FAULT_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include "stat/fault_stats.h"
#include "symbolize/unwind.h"

struct mm;

/**
 * struct stack_frame - an instruction in a program or library
 * @name: name of the program or library, "" for none
 * @offset: offset of the instruction in its file; its address if there is no name
 * @exact: it is the instruction that faulted, and not one that a call returns to
 */
struct stack_frame {
	const char *name;
	__u64 offset;
	bool exact;
};

/**
 * struct stack - faults of one class that had the same stack
 * @class: enum record_class
 * @end: why the stack ends where it does, if it was unwound
 * @total: sums of the faults
 * @n: number of elements of @frames
 * @frames: the instruction that faulted, then its callers; the stack owns the array
 * @next: place of the next stack in the same bucket, plus one
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
