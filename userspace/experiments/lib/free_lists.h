/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_LIB_FREE_LISTS_H
#define MMSCOPE_LIB_FREE_LISTS_H

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

#endif
