/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TALLY_H
#define MMSCOPE_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/mmscope.h>
#include "bpf/probe.h"

/**
 * struct tally_class - faults of one class
 * @total: how many, and what they took
 * @times: how many took how long
 */
struct tally_class {
	struct fault_total total;
	__u64 times[TIME_BUCKETS];
};

/**
 * struct tally_vma - a VMA that is or was
 * @id: its id; 0: not seen yet
 * @mm: whose
 * @heir: id of the VMA that it became part of, or 0
 * @gone: it is
 * @exec: it may be executed
 * @start: first address
 * @end: first address behind it
 * @offset: of its first byte in its file
 * @faults: in it
 * @present: pages that were there when it went
 * @name: of it
 */
struct tally_vma {
	__u32 id;
	__u32 mm;
	__u32 heir;
	bool gone;
	bool exec;
	__u64 start;
	__u64 end;
	__u64 offset;
	__u64 faults;
	__u64 present;
	const char *name;
};

/**
 * struct tally_site - faults of one class at one instruction
 * @name: of the program or library, "" for none
 * @offset: in its file; the address where there is none
 * @class: enum mmscope_class
 * @total: how many
 */
struct tally_site {
	const char *name;
	__u64 offset;
	__u32 class;
	struct fault_total total;
};

/**
 * struct tally_again - faults in pages that were given back
 * @by: what took them
 * @faults: how many
 */
struct tally_again {
	const char *by;
	__u64 faults;
};

void tally_add(struct fault_total *to, const struct fault_total *from);
void tally_event(const struct mmscope_event *e);
const char *tally_name(const char *name);
void tally_place(__u32 mm, __u64 ip, const char **name, __u64 *offset);
void tally_finish(void);
void tally_classes(struct tally_class classes[MMSCOPE_NR_CLASSES]);
struct tally_vma *tally_vmas(size_t *n);
struct tally_site *tally_sites(size_t *n);
__u64 tally_time(const struct tally_class *class, unsigned int percent);
const struct tally_again *tally_agains(size_t *n);
__u64 tally_missed(void);

#endif
