// SPDX-License-Identifier: GPL-2.0
/*
 * Statistics of faults: of one session, or of each of two that are compared.
 */
#include <stdlib.h>
#include "stat/context.h"

static struct fault_stats first;
struct fault_stats *fault_stats = &first;

/**
 * fault_stats_new - statistics without a fault, to be selected
 */
struct fault_stats *fault_stats_new(void)
{
	struct fault_stats *new = calloc(1, sizeof(*new));

	if (!new)
		abort();
	return new;
}

/**
 * fault_stats_select - have all functions of stat/ be about these statistics
 * @selected: from fault_stats_new(), while their session is selected; NULL for those that are
 *	there from the start
 */
void fault_stats_select(struct fault_stats *selected)
{
	fault_stats = selected ? selected : &first;
}
