// SPDX-License-Identifier: GPL-2.0
/*
 * Faults as a sum.
 */
#include "stat/fault_stats.h"

/**
 * stat_add - be all faults of two sums
 * @to: one of them, becomes their sum
 * @from: the other
 */
void stat_add(struct fault_total *to, const struct fault_total *from)
{
	to->count += from->count;
	to->pages += from->pages;
	to->ns += from->ns;
}
