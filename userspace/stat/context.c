// SPDX-License-Identifier: GPL-2.0
/*
 * Statistics of the faults of a session. Two sessions that are compared have one each.
 */
#include <stdlib.h>
#include "stat/context.h"

static struct fault_stats first;
struct fault_stats *fault_stats = &first;

/**
 * fault_stats_new - make statistics without a fault, for fault_stats_select()
 *
 * Return: the statistics, which are never freed
 */
struct fault_stats *fault_stats_new(void)
{
	struct fault_stats *new = calloc(1, sizeof(*new));

	if (!new)
		abort();
	return new;
}

/**
 * fault_stats_select - let all functions of stat/ work on other statistics
 * @selected: from fault_stats_new(), whose session has to be selected, too; NULL for the statistics
 *	that exist from the start
 */
void fault_stats_select(struct fault_stats *selected)
{
	fault_stats = selected ? selected : &first;
}
