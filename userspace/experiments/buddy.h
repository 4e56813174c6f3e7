/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_EXPERIMENTS_BUDDY_H
#define MMSCOPE_EXPERIMENTS_BUDDY_H

#include <stddef.h>

#define BUDDY_ORDERS	11
#define BUDDY_HUGE	9	/* order of a page of 2 MiB */

/**
 * struct buddy_lists - free blocks of all zones
 * @blocks: of each order
 * @stores: pages in the stores of CPUs
 */
struct buddy_lists {
	long blocks[BUDDY_ORDERS];
	long stores;
};

struct buddy_lists buddy_look(void);

/* The second part of buddy, in a file of its own. */
void buddy_fragments(size_t size);

#endif
