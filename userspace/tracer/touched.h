/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_TOUCHED_H
#define MMSCOPE_TRACER_TOUCHED_H

#include <stddef.h>
#include <linux/mmscope.h>

struct block;

/**
 * struct release - pages that were given back at once
 * @time_ns: when
 * @cause: by which call
 * @advice: its advice, -1 for none
 */
struct release {
	__u64 time_ns;
	__s32 cause;
	__s32 advice;
};

/**
 * struct touched - what is known of an address space
 * @mm: its id
 * @nr: number of its blocks
 * @blocks: they
 * @made: what grew or was made last: where an mremap(2) goes to whose source has not been left
 * @next: with the same hash
 */
struct touched {
	__u32 mm;
	size_t nr;
	struct block *blocks;
	__u64 made;
	struct touched *next;
};

struct touched *touched_of(__u32 mm);
void touched_end(__u32 mm);
void touched_copy(__u32 from, __u32 to);
__u32 touched_there(struct touched *touched, __u64 page);
void touched_release(const struct mmscope_event *e, __u64 start, __u64 end);
void touched_move(const struct mmscope_event *e, __u64 from, __u64 to, __u64 bytes);
const struct release *release_of(__u32 release);
__u64 touched_missed(void);

#endif
