/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_STAT_CONTEXT_H
#define MMSCOPE_STAT_CONTEXT_H

#include <stddef.h>
#include <linux/types.h>

#define PLACE_MMS	4096	/* buckets of the table of address spaces whose code is known */
#define NAMED_ROWS	4096	/* buckets of the table of rows with a name */
#define STACK_BUCKETS	4096

struct named;
struct places;
struct stack;
struct stat_again;
struct stat_row;
struct stat_site;
struct stat_vma;

/**
 * struct fault_stats - statistics of the faults of a session
 * @sites: faults by instruction; stat/fault_stats.c
 * @nr_sites: number of elements of @sites
 * @room_sites: number of elements for which @sites has room
 * @again: faults in pages that were given back, by what gave them back
 * @nr_again: number of elements of @again
 * @rows: list of VMAs by name or lineage; stat/fault_vmas.c
 * @named: hash table of the rows that have a name
 * @vmas: VMAs by their ids, for --json alone
 * @nr_vmas: number of elements of @vmas
 * @mms: hash table of code that has left the map of its address space; stat/fault_places.c
 * @oldest: list of the address spaces in @mms that have ended: the one that ended first
 * @youngest: the one of that list that ended last
 * @stacks: stacks that faults had; stat/fault_stacks.c
 * @nr_stacks: number of elements of @stacks
 * @room_stacks: number of elements for which @stacks has room
 * @heads: place in @stacks of the first stack of each bucket, plus one
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

/* The statistics that are selected. Names are shared by all, since name_keep() keeps each once. */
extern struct fault_stats *fault_stats;

struct fault_stats *fault_stats_new(void);
void fault_stats_select(struct fault_stats *selected);

#endif
