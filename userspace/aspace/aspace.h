/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_ASPACE_ASPACE_H
#define MMSCOPE_ASPACE_ASPACE_H

#include <bsd/sys/tree.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/mmscope.h>
#include "bpf/tracer_abi.h"

/**
 * struct vma - a VMA of a watched process, from its first record until it is gone
 * @id: for records; a counter
 * @mm: whose
 * @parent: id of the VMA it came from, or 0
 * @start: first address, by the map; stays when it leaves the map
 * @end: first address behind it
 * @image: as the kernel had it last; where it differs, @start and @end are right
 * @base: its page number at address 0, modulo 2^64: constant for life
 * @born_ns: time of its first record
 * @birth: type of its first record
 * @apart: what was told last of its lower neighbour: id, enum record_why, and which flags differ
 * @born_by: cause of its first record
 * @zapped: pages given back that no record has told yet, by enum raw_rss
 * @name: what it is called if it has no file, NULL for nothing
 * @special: ... and that name is the kernel's, as of the vdso
 * @mapped: it is in the map of its mm
 * @told: that it is gone, or has become another's
 * @ops_awaited: its first record came before its operations were known
 * @live: its object is
 * @dropped_ns: when that went
 * @tally: of stat: the row of its lineage, and that of its name if it has one and went
 * @by_object: next in the table of objects
 * @by_id: next in the table of ids
 * @younger: of those that are gone: the next to go
 */
struct vma {
	__u32 id;
	__u32 mm;
	__u32 parent;
	__u64 start;
	__u64 end;
	struct vma_image image;
	__u64 base;
	__u64 born_ns;
	__u8 birth;
	struct {
		__u32 from;
		__u32 why;
		__u64 flags;
	} apart;
	__s16 born_by;
	__s64 zapped[RAW_NR_RSS];
	char *name;
	bool special;
	bool mapped;
	bool told;
	bool ops_awaited;
	bool live;
	__u64 dropped_ns;
	struct {
		struct stat_row *root;
		struct stat_row *last;
	} tally;
	struct vma *by_object;
	struct vma *by_id;
	struct vma *younger;
};

struct stat_row;

/**
 * struct map_range - a range of a map
 * @node: in the map's tree, by @start; no two ranges overlap
 * @start: first address
 * @end: first address behind it
 * @vma: what it holds, never NULL
 * @present: pages that were counted there, for who counts them
 */
struct map_range {
	RB_ENTRY(map_range) node;
	__u64 start;
	__u64 end;
	struct vma *vma;
	__u64 present;
};

RB_HEAD(map_ranges, map_range);

/**
 * struct move - an mremap(2) that has made its destination, and not yet left its source
 * @tid: who
 * @call: which call of his
 * @start: source
 * @end: behind it, 0 for none
 */
struct move {
	__u32 tid;
	__u64 call;
	__u64 start;
	__u64 end;
};

/**
 * struct mm - a watched address space
 * @id: for records
 * @parent: of the one it was forked from, or that its process had before exec; 0 for none
 * @tgid: its process, 0 while not known
 * @comm: the process's name
 * @compat: it runs a 32-bit program
 * @seq: number of its last structural record
 * @brk_start: where the heap begins
 * @brk: where it ends
 * @stack: where the first stack began
 * @move: what is moving in it
 * @cgroup: the memory cgroup whose limit was reached last, "" for none
 * @layout: number of what code is where, in layout.c; 0 when the map has changed since
 * @shifts: id of its first stack while exec moves it, or lets it grow; 0 at other times
 * @stack_was: where that is until then
 * @rss: pages that it has by what was told, by enum raw_rss
 * @told: pages by the records that were handed out, by enum raw_rss, for who adds them up
 * @rss_unknown: not all was told: it is what the kernel says next
 * @threaded: it was seen with several threads
 * @map: its ranges, by address
 * @nr: how many
 * @next: in the table of mms
 */
struct mm {
	__u32 id;
	__u32 parent;
	__u32 tgid;
	char comm[16];
	bool compat;
	__u32 seq;
	__u64 brk_start;
	__u64 brk;
	__u64 stack;
	struct move move;
	char cgroup[64];
	__u64 layout;
	__u32 shifts;
	__u64 stack_was;
	__s64 rss[RAW_NR_RSS];
	__s64 told[RAW_NR_RSS];
	bool rss_unknown;
	bool threaded;
	struct map_ranges map;
	size_t nr;
	struct mm *next;
};

struct mm *mm_get(__u32 id);
struct mm *mm_add(__u32 id);
void mm_drop(struct mm *mm);
struct mm *mm_of_process(__u32 tgid);

/* aspace/ranges.c: ranges of a map */
struct map_range *mm_find(const struct mm *mm, __u64 addr);
struct map_range *mm_first(const struct mm *mm);
struct map_range *mm_in(const struct mm *mm, __u64 start, __u64 end);
struct map_range *range_above(const struct map_range *range);
struct map_range *range_below(const struct mm *mm, __u64 addr);
struct vma *mm_at(const struct mm *mm, __u64 addr);
void mm_empty(struct mm *mm);
void mm_assign(struct mm *mm, __u64 start, __u64 end, struct vma *vma);

struct vma *vma_of_object(__u64 object);
struct vma *vma_that_had(__u64 object, __u32 mm);
struct vma *vma_of_id(__u32 id);
struct vma *vma_add(__u32 mm, __u64 object);
struct vma *vma_restore(__u32 id, __u32 mm, __u64 object);
__u32 vma_last(void);
struct vma *vma_each(struct vma *before);
void aspace_clear(void);
void vma_drop(struct vma *vma);
void vma_clock(__u64 now);
void vma_forget(__u64 now);
void vma_on_forget(void (*forgotten)(struct vma *vma));
struct mm *mm_each(struct mm *before);
__u64 vma_pgoff(const struct vma *vma);

#endif
