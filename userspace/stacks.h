/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_STACKS_H
#define MMSCOPE_STACKS_H

#include <stddef.h>
#include "tally.h"

/**
 * struct stack_frame - an instruction, where its address space had it
 * @name: of the program or library, "" for none
 * @offset: in its file; the address where there is none
 */
struct stack_frame {
	const char *name;
	__u64 offset;
};

/**
 * struct stack - faults of one class that came about in one way
 * @class: enum mmscope_class
 * @total: how many
 * @n: number of frames
 * @frames: the instruction that faulted, then those that called
 */
struct stack {
	__u32 class;
	struct fault_total total;
	size_t n;
	struct stack_frame *frames;
};

void stacks_add(const struct fault_site *site);
struct stack *stacks_all(size_t *n);
void stacks_report(void);

#endif
