/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_STAT_CONTEXT_H
#define MMSCOPE_STAT_CONTEXT_H

#include <stddef.h>
#include <linux/types.h>

#define PLACE_MMS	4096	/* lists of address spaces whose code is known */
#define NAMED_ROWS	4096	/* lists of rows that have a name */
#define STACK_BUCKETS	4096

struct named;
struct places;
struct stack;
struct stat_again;
struct stat_row;
struct stat_site;
struct stat_vma;

/**
 * struct fault_stats - statistics of faults
 * @sites: by instruction; stat/fault_stats.c
 * @nr_sites: how many
 * @room_sites: for how many there is room
 * @again: faults in pages that were given back, by what took them
 * @nr_again: how many kinds
 * @rows: VMAs by name or lineage; stat/fault_vmas.c
 * @named: those that have a name
 * @vmas: each VMA by its id, with --json
 * @nr_vmas: for how many there is room
 * @mms: code that is no longer in the map of its address space, by that; stat/fault_places.c
 * @oldest: of the address spaces that have ended: the first
 * @youngest: and the last
 * @stacks: what led to faults; stat/fault_stacks.c
 * @nr_stacks: how many
 * @room_stacks: for how many there is room
 * @heads: one more than the place of the first stack in each bucket
 */
struct fault_stats {
	struct stat_site *sites;
	size_t nr_sites;
	size_t room_sites;
	struct stat_again *again;
	size_t nr_again;
	struct stat_row *rows;
	struct named *named[NAMED_ROWS];
	struct stat_vma *vmas;
	size_t nr_vmas;
	struct places *mms[PLACE_MMS];
	struct places *oldest;
	struct places *youngest;
	struct stack *stacks;
	size_t nr_stacks;
	size_t room_stacks;
	size_t heads[STACK_BUCKETS];
};

/* Those that are selected. Names are shared: name_keep() has one pointer for the same name. */
extern struct fault_stats *fault_stats;

struct fault_stats *fault_stats_new(void);
void fault_stats_select(struct fault_stats *selected);

#endif
