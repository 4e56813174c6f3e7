/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_STAT_FAULT_STATS_H
#define MMSCOPE_STAT_FAULT_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/mmscope.h>
#include "bpf/tracer_abi.h"

struct vma;
struct mm;

/**
 * struct stat_class - faults of one class
 * @total: sums of the faults
 * @times: number of faults by time_bucket()
 */
struct stat_class {
	struct fault_total total;
	__u64 times[TIME_BUCKETS];
};

/**
 * struct stat_vma - a VMA that is or was there; kept for --json alone
 * @id: id of the VMA; 0 for one that was not seen
 * @mm: id of its address space
 * @heir: id of the VMA that it was merged into, or 0
 * @start: first address
 * @end: first address behind the VMA
 * @faults: number of faults in it
 * @present: number of pages that were there when it went
 * @name: its name, from name_keep()
 * @row: row of its name or lineage
 */
struct stat_vma {
	__u32 id;
	__u32 mm;
	__u32 heir;
	__u64 start;
	__u64 end;
	__u64 faults;
	__u64 present;
	const char *name;
	struct stat_row *row;
};

/**
 * struct stat_row - VMAs of one name, or without a name and of one lineage
 * @id: id of the first of them
 * @start: first address of that one
 * @vmas: number of these VMAs that went, or are there at the end
 * @promised: pages that each of them had when it went, or at the end, added up
 * @present: pages of these that were present then
 * @faults: number of faults in them
 * @name: their name, "" for none
 * @refs: number of pointers to this row: from living VMAs, and from rows that became part of it
 * @into: row that this one became part of, since two VMAs merged; NULL for none
 * @next: next in the list of all rows
 * @before: previous in the list of all rows
 */
struct stat_row {
	__u32 id;
	__u64 start;
	__u64 vmas;
	__u64 promised;
	__u64 present;
	__u64 faults;
	const char *name;
	size_t refs;
	struct stat_row *into;
	struct stat_row *next;
	struct stat_row *before;
};

/**
 * struct stat_site - faults of one class at one instruction
 * @name: name of the program or library, "" for none
 * @offset: offset of the instruction in its file; its address if there is no name
 * @class: enum record_class
 * @total: sums of the faults
 */
struct stat_site {
	const char *name;
	__u64 offset;
	__u32 class;
	struct fault_total total;
};

/**
 * struct stat_again - faults in pages that were given back
 * @by: what gave them back, from name_keep()
 * @faults: number of faults
 */
struct stat_again {
	const char *by;
	__u64 faults;
};

/* stat/fault_stats.c has all faults, by class and by instruction. */
void stat_begin(void);
void stat_add(struct fault_total *to, const struct fault_total *from);
void stat_event(const struct mmscope_event *e);
void stat_site(const struct raw_site *raw);
void stat_finish(void);
void stat_classes(struct stat_class classes[RECORD_NR_CLASSES]);
struct stat_site *stat_sites(size_t *n);
const struct stat_again *stat_agains(size_t *n);
__u64 stat_missed(void);
__u64 stat_no_vma(void);

/* stat/fault_vmas.c has faults by VMA. */
void stat_vmas_begin(void);
void stat_vmas_event(const struct mmscope_event *e);
void stat_faults(const struct mmscope_event *raw);
void stat_vmas_finish(void);
struct stat_vma *stat_vmas(size_t *n);
struct stat_row **stat_rows(size_t *n);

/* stat/fault_places.c knows which code is where. */
void stat_leaves(const struct vma *vma, __u64 start, __u64 end);
void stat_ended(__u32 mm, __u64 now);
void stat_place(__u32 mm, __u64 ip, const char **name, __u64 *offset);
void stat_forget_places(__u64 now);

#endif
