/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faults that the programs sum up instead of telling each, in memory that they share with the tool
 * and in maps.
 */
#ifndef MMSCOPE_BPF_FAULT_SUMS_H
#define MMSCOPE_BPF_FAULT_SUMS_H

#include "record/record.h"

/**
 * struct fault_total - sums of faults that have something in common
 * @count: number of faults
 * @pages: number of pages that they mapped
 * @ns: time that they took
 */
struct fault_total {
	__u64 count;
	__u64 pages;
	__u64 ns;
};

/**
 * struct fault_site - sums of faults of one class at one instruction, and of one stack if stacks
 *	are kept
 * @who: SITE_WHO() and STACK_WHO(): class, id of the mm, and stack; 0 for a free element
 * @ip: the instruction
 * @total: the sums
 */
struct fault_site {
	__u64 who;
	__u64 ip;
	struct fault_total total;
};

/**
 * struct raw_site - raw record RAW_SITE
 * @e: type and mm of the record
 * @site: sums that made room for others
 */
struct raw_site {
	struct mmscope_event e;
	struct fault_site site;
};

#define SITE_WHO(mm, class)	((__u64)(mm) << 8 | (class))
#define SITE_MM(who)		((__u32)((who) >> 8))
#define SITE_CLASS(who)		((who) & 0xff)

/* The stack in @who: its place in the map of stacks plus one, or 0 for no stack. */
#define SITE_STACK(who)		((who) >> 40)
#define STACK_WHO(id)		((__u64)((id) + 1) << 40)

#define MAX_STACKS	16384
#define MAX_FRAMES	127	/* kernel.perf_event_max_stack, as it is by default */

/**
 * struct fault_vma - number of faults in one VMA
 * @object: address of the VMA's object, 0 for a free element
 * @who: VMA_WHO(): id of its mm, and whether the VMA has operations
 * @count: number of faults
 */
struct fault_vma {
	__u64 object;
	__u64 who;
	__u64 count;
};

#define VMA_WHO(mm, ops)	((__u64)(mm) << 1 | !!(ops))
#define VMA_MM(who)		((who) >> 1)

/**
 * struct fault_driver - the driver that faults of RECORD_CLASS_DRIVER were of
 * @ops: address of its vm_operations_struct, or the number that stands for it in a recording
 * @name: name of the mapping if it is one of the kernel's own: "[vdso]"
 */
struct fault_driver {
	__u64 ops;
	char name[24];
};

#define MAX_DRIVERS	256
#define MAX_REFUSALS	256	/* enum record_error with enum record_refusal */

#define SUM_WAYS	4
#define SITE_SET_BITS	10
#define VMA_SET_BITS	8
#define TIME_BUCKETS	128	/* four for each power of two ns */

/**
 * struct fault_sums - faults that were summed up on the CPUs that share this structure
 *
 * Elements are found in sets of SUM_WAYS. If a set is full, one of its elements is sent through the
 * ring as RAW_SITE or RAW_FAULTS, and its place is used again.
 *
 * @sites: sums by instruction
 * @vmas: numbers of faults by VMA
 * @missed: by class: faults that are not in @sites, since the ring had no room either
 * @missed_vmas: number of faults that are not in @vmas for the same reason
 * @no_vma: number of faults at addresses without a VMA
 * @times: number of faults by class and time_bucket()
 */
struct fault_sums {
	struct fault_site sites[SUM_WAYS << SITE_SET_BITS];
	struct fault_vma vmas[SUM_WAYS << VMA_SET_BITS];
	struct fault_total missed[32];
	__u64 missed_vmas;
	__u64 no_vma;
	__u64 times[32][TIME_BUCKETS];
};

#define MAX_SUMS	64

/*
 * The buckets of times below 2^SHORT_BITS ns are looked up in a table with steps of 2^SHORT_STEP
 * ns.
 */
#define SHORT_BITS	16
#define SHORT_STEP	4

/* The bucket of a time: there are four for each power of two. */
static inline __u32 time_bucket(__u32 ns)
{
	__u32 power = 0, rest = ns;

	if (ns < 4)
		return ns;
	if (rest >> 16) {
		rest >>= 16;
		power = 16;
	}
	if (rest >> 8) {
		rest >>= 8;
		power += 8;
	}
	if (rest >> 4) {
		rest >>= 4;
		power += 4;
	}
	if (rest >> 2) {
		rest >>= 2;
		power += 2;
	}
	power += rest >> 1;
	return power << 2 | (ns >> (power - 2) & 3);
}

#endif
