// SPDX-License-Identifier: GPL-2.0
/*
 * The free blocks of the page allocator, as /proc tells of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/proc.h"
#include "experiments/lib/free_lists.h"
#include "lab/experiment.h"

static long in_stores(void)
{
	struct proc_lines lines;
	long sum = 0, count;
	const char *line;

	if (!proc_open(&lines, "/proc/zoneinfo"))
		skip("there is no /proc/zoneinfo");
	while ((line = proc_line(&lines)))
		if (sscanf(line, " count: %ld", &count) == 1)
			sum += count;
	return sum;
}

/**
 * buddy_look - add up what is free now
 */
struct buddy_lists buddy_look(void)
{
	struct buddy_lists all = { .stores = in_stores() };
	struct proc_lines lines;
	const char *line;

	if (!proc_open(&lines, "/proc/buddyinfo"))
		skip("there is no /proc/buddyinfo");
	while ((line = proc_line(&lines))) {
		char *p = strstr((char *)line, "zone");

		p += p ? strcspn(p, "0123456789") : 0;
		if (p && strstr(line, "DMA32"))	/* the name has digits */
			p = strstr((char *)line, "DMA32") + 5;
		for (size_t i = 0; p && i < BUDDY_ORDERS; i++)
			all.blocks[i] += strtol(p, &p, 10);
	}
	return all;
}
