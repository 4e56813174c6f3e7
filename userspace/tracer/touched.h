/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_TOUCHED_H
#define MMSCOPE_TRACER_TOUCHED_H

#include <stddef.h>
#include <linux/mmscope.h>

struct block;

/**
 * struct release - that pages were given back by one call
 * @time_ns: when
 * @cause: &mmscope_event.cause of the record that said so
 * @advice: advice of the call, -1 if it was not madvise(2)
 */
struct release {
	__u64 time_ns;
	__s32 cause;
	__s32 advice;
};

/**
 * struct touched - the pages of an address space that were touched
 * @mm: id of the address space
 * @nr: number of blocks
 * @blocks: list of blocks of pages, linked by &block.next
 * @made: first address of the VMA, or part of one, that was made last: an mremap(2) that is under
 *	way moves its pages there
 * @next: next address space in the same bucket of &touched_pages.mms
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
