// SPDX-License-Identifier: GPL-2.0
/*
 * Sums of faults.
 */
#include "stat/fault_stats.h"

/**
 * stat_add - add a sum of faults to another one
 * @to: becomes the sum of both
 * @from: is added
 */
void stat_add(struct fault_total *to, const struct fault_total *from)
{
	to->count += from->count;
	to->pages += from->pages;
	to->ns += from->ns;
}
