/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_ASPACE_ASPACE_H
#define MMSCOPE_ASPACE_ASPACE_H

#include <bsd/sys/tree.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/mmscope.h>
#include "bpf/tracer_abi.h"

/**
 * struct vma - a VMA of a watched process, from its first record until it is forgotten
 * @id: number of the VMA in records, from a counter
 * @mm: id of the address space that the VMA is in
 * @parent: id of the VMA that this one was split or copied from, 0 for none
 * @start: first address that the map has for the VMA; stays when the VMA leaves the map
 * @end: first address behind the VMA
 * @image: what the kernel said of the VMA last; where it differs, @start and @end are right
 * @base: page number that address 0 would have in the VMA, modulo 2^64: a VMA keeps it for life
 * @born_ns: time of the VMA's first record
 * @birth: type of the VMA's first record, 0 while there is none
 * @apart: what the last record RECORD_APART said of this VMA and its lower neighbour: the
 *	neighbour's id, enum record_why, and which flags differ
 * @born_by: cause of the VMA's first record
 * @zapped: pages that the VMA gave back and that no record has told yet, by enum raw_rss
 * @name: name of a VMA without a file; NULL for none. The VMA owns the string
 * @special: @name was given by the kernel, as that of the vdso
 * @mapped: the VMA is in the map of its mm
 * @told: a record has said that the VMA is gone, or that another VMA has taken it in
 * @ops_awaited: the VMA was mapped before its operations were known: vm_ops_target_completed()
 * @live: the kernel's object of the VMA lives
 * @dropped_ns: when the kernel's object was freed
 * @tally: rows of mmscope stat: @tally.root is that of the VMA's lineage; @tally.last is the row
 *	that the VMA had when it went, NULL before
 * @by_object: next VMA in the same bucket of &aspaces.objects
 * @by_id: next VMA in the same bucket of &aspaces.ids
 * @younger: next VMA in the list of those whose object is gone, which begins at
 *	&aspaces.first_grave
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
 * struct map_range - a range of addresses that a VMA holds
 * @node: in the tree &mm.map, by @start; no two ranges overlap
 * @start: first address
 * @end: first address behind the range
 * @vma: the VMA that holds the range, never NULL
 * @present: pages that stat/present_pages.c has counted in the range; unused elsewhere
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
 * @tid: thread that calls mremap(2)
 * @call: number of that call among the calls of the thread
 * @start: first address of the source
 * @end: first address behind the source; 0 while no mremap(2) is under way
 */
struct move {
	__u32 tid;
	__u64 call;
	__u64 start;
	__u64 end;
};

/**
 * struct mm - a watched address space
 * @id: number of the address space in records
 * @parent: id of the address space that this one was forked from, or that its process had before
 *	execve(2); 0 for none
 * @tgid: process that has the address space, 0 while that is not known
 * @comm: name of the process
 * @compat: the process runs a 32-bit program
 * @seq: number of the last structural record of this address space
 * @brk_start: first address of the heap
 * @brk: first address behind the heap
 * @stack: address at which the first stack began when the program was started
 * @move: the mremap(2) that is under way in this address space
 * @cgroup: path of the memory cgroup whose limit was reached last, "" for none
 * @layout: number of the struct layout (symbolize/modules.c) that says what code is where; 0 when
 *	the map has changed since it was made
 * @shifts: id of the VMA of the first stack while execve(2) moves it or lets it grow; 0 at other
 *	times
 * @stack_was: first address of that VMA before it moved or grew
 * @rss: pages of the address space as the records have told them, by enum raw_rss
 * @told: sum of the pages in the records that were handed out so far, by enum raw_rss; for
 *	trace/verify.c and why/ledger.c, which keep it
 * @rss_unknown: @rss is incomplete: the kernel's next exact counts are taken as they are
 * @threaded: trace/verify.c saw several threads in the process
 * @map: all &struct map_range of this address space, by address
 * @nr: number of ranges in @map
 * @next: next address space in the same bucket of &aspaces.mms
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

/* The ranges of a map are in aspace/ranges.c. */
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
