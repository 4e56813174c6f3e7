/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_DECODE_H
#define MMSCOPE_TRACER_DECODE_H

#include <linux/mmscope.h>

struct raw_site;
struct raw_stack;
struct mm;

/**
 * struct raw_sums - who keeps sums of faults; each may be NULL
 * @vma: is given those of a VMA, RAW_FAULTS
 * @site: those of an instruction
 * @stack: those of a stack, with its address space as it was then
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
