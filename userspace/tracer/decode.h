/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_DECODE_H
#define MMSCOPE_TRACER_DECODE_H

#include <linux/mmscope.h>

struct raw_site;
struct raw_stack;
struct mm;

/**
 * struct raw_sums - functions that take sums of faults; each may be NULL
 * @vma: takes the faults of a VMA, RAW_FAULTS
 * @site: takes the faults at an instruction, RAW_SITE
 * @stack: takes a fault with its stack, RAW_STACK, and the address space as it was at the fault
 */
struct raw_sums {
	void (*vma)(const struct mmscope_event *raw);
	void (*site)(const struct raw_site *raw);
	void (*stack)(struct mm *mm, const struct raw_stack *raw);
};

void raw_take(const struct mmscope_event *raw);
void raw_pass_over(const struct mmscope_event *raw);
void raw_reset(void);
void raw_sum_up(const struct raw_sums *to);

#endif
