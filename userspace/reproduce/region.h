/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_REPRODUCE_REGION_H
#define MMSCOPE_REPRODUCE_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/**
 * struct region - addresses that keep their distances in a program
 * @start: first address, in the recording
 * @end: first address behind it
 * @heap: it is where the heap begins, which brk(2) moves
 */
struct region {
	__u64 start;
	__u64 end;
	bool heap;
};

/**
 * struct regions - all of them
 * @list: by address, once regions_join() was called
 * @nr: how many
 * @room: for how many
 */
struct regions {
	struct region *list;
	size_t nr;
	size_t room;
};

void regions_add(struct regions *regions, __u64 start, __u64 end);
void regions_heap(struct regions *regions, __u64 start, __u64 end);
void regions_join(struct regions *regions);
void regions_name(const struct regions *regions, __u64 addr, char *buf, size_t size);
void regions_free(struct regions *regions);

#endif
