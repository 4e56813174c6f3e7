/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faults that the programs sum up, instead of a record for each: in memory that they share with the
 * tool, and in maps.
 */
#ifndef MMSCOPE_BPF_FAULT_SUMS_H
#define MMSCOPE_BPF_FAULT_SUMS_H

#include "record/record.h"

/**
 * struct fault_total - faults that have something in common
 * @count: how many
 * @pages: that they mapped
 * @ns: that they took
 */
struct fault_total {
	__u64 count;
	__u64 pages;
	__u64 ns;
};

/**
 * struct fault_site - faults of one class at one instruction, and with one stack if that is asked
 * @who: id of the mm, class and stack; 0 for none
 * @ip: the instruction
 * @total: how many
 */
struct fault_site {
	__u64 who;
	__u64 ip;
	struct fault_total total;
};

/**
 * struct raw_site - faults at an instruction
 * @site: they
 */
struct raw_site {
	struct mmscope_event e;
	struct fault_site site;
};

#define SITE_WHO(mm, class)	((__u64)(mm) << 8 | (class))
#define SITE_MM(who)		((__u32)((who) >> 8))
#define SITE_CLASS(who)		((who) & 0xff)

/* A place in the map of stacks, or 0 for no stack; and as a part of @who. */
#define SITE_STACK(who)		((who) >> 40)
#define STACK_WHO(id)		((__u64)((id) + 1) << 40)

#define MAX_STACKS	16384
#define MAX_FRAMES	127	/* kernel.perf_event_max_stack, as it is by default */

/**
 * struct fault_vma - faults in one VMA
 * @object: the VMA, 0 for none
 * @who: id of its mm, and whether it has operations
 * @count: how many
 */
struct fault_vma {
	__u64 object;
	__u64 who;
	__u64 count;
};

#define VMA_WHO(mm, ops)	((__u64)(mm) << 1 | !!(ops))
#define VMA_MM(who)		((who) >> 1)

/**
 * struct fault_driver - whose memory faults of class driver were in
 * @ops: its vm_operations_struct
 * @name: what the kernel calls the mapping, if it is one of its own: "[vdso]"
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
 * struct fault_sums - faults summed up by the CPUs that share this, instead of a record for each.
 *	What is new where all ways of its set are taken has one of them told, and takes its place.
 * @sites: sets of ways, by instruction
 * @vmas: sets of ways, by VMA
 * @missed: by class: those of @sites that found no room in the ring either
 * @missed_vmas: those of @vmas that did not
 * @no_vma: those that hit none
 * @times: how many took how long, by class
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

/* Times up to this are looked up. */
#define SHORT_BITS	16
#define SHORT_STEP	4	/* in steps of so many bits */

/* Four buckets for each power of two. */
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
