/* SPDX-License-Identifier: GPL-2.0 */
/* Counters of one mm on one CPU, and sums of them: counts.c */
#ifndef MMSCOPE_COUNTS_H
#define MMSCOPE_COUNTS_H

#include <linux/types.h>
#include <linux/mmscope.h>

struct mmscope_mm;

/* The flag bits that tell kinds of faults apart; counting one is a single increment. */
#define MMSCOPE_KINDS	64
#define MMSCOPE_KIND	(MMSCOPE_F_WRITE | MMSCOPE_F_USER | MMSCOPE_F_REMOTE | \
			 MMSCOPE_F_VMA_LOCK | MMSCOPE_F_REFAULT | MMSCOPE_F_COW)

/**
 * struct mmscope_counts - one CPU's counters of one mm
 * @events: by type, faults excepted
 * @faults: by kind
 * @major: subset of the faults, as @error
 * @error: see @major
 * @extra: pages mapped beyond one per fault: eager, around, copied by fork
 * @given_back: pages unmapped
 * @ns: sum of handler times
 * @latency: their log2 histogram
 *
 * Written by its own CPU with preemption off, read by anyone with READ_ONCE().
 */
struct mmscope_counts {
	u64 events[MMSCOPE_NR_TYPES];
	u64 faults[MMSCOPE_KINDS];
	u64 major;
	u64 error;
	u64 extra;
	u64 given_back;
	u64 ns;
	u64 latency[32];
};

void mmscope_counts_add(struct mmscope_counts *sum, const struct mmscope_counts *n);
void mmscope_mm_stat(struct mmscope_mm *m, struct mmscope_stat *stat);
void mmscope_mm_forget(struct mmscope_mm *m);
int mmscope_mm_total(struct mmscope_stat *stat, u32 *mms);

#endif
