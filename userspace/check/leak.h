/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rounds of what is to leave nothing behind, for whoever counts something before and after.
 */
#ifndef MMSCOPE_CHECK_LEAK_H
#define MMSCOPE_CHECK_LEAK_H

#include <linux/types.h>
#include "check/target.h"

/* So often the rounds are made: what grows each time is lost. */
#define LEAK_SERIES	3

/**
 * enum leak_round - what a round is
 * @LEAK_FAULT: mmap(2), reading every page, munmap(2)
 * @LEAK_OPEN: the same with open(2) and close(2)
 * @LEAK_HALVES: the same, mapped in two halves, side by side
 * @LEAK_REFUSAL: an mmap(2) that the driver refuses
 */
enum leak_round {
	LEAK_FAULT,
	LEAK_OPEN,
	LEAK_HALVES,
	LEAK_REFUSAL,
};

__u64 leak_share(const struct target *target);
bool leak_rounds(struct target *target, unsigned int n, enum leak_round what);
unsigned int leak_affordable(struct target *target, unsigned int n, enum leak_round what, __u64 ns);

#endif
