/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The last store that was told of an address space: the kernel's tree tells most stores twice, from
 * a function and from one that it calls. Whoever stores holds the lock of the mm. Address spaces
 * may share a place here: then a store is told again, which changes nothing.
 *
 * A hole is told with what comes next: if that is that a VMA in it is gone, so are all in it, and
 * there is nothing to tell.
 */
#ifndef MMSCOPE_BPF_STORED_BPF_H
#define MMSCOPE_BPF_STORED_BPF_H

#include "mms.bpf.h"

#define GOLDEN		0x61c8864680b583ebULL

extern struct stored stored[STORED];

static __always_inline struct stored *stored_of(const struct mm_slot *slot)
{
	return &stored[slot->id & (STORED - 1)];
}

/* A word each: another mm's is never taken for it. */
static __always_inline __u64 stored_what(const struct mm_slot *slot, __u64 object, __u64 start,
					 __u64 end)
{
	__u64 what = (object ^ (__u64)slot->id << 32) * GOLDEN;

	what = (what ^ start) * GOLDEN;
	return (what ^ what >> 32 ^ end) * GOLDEN | 1;
}

static __always_inline __u64 stored_looks(__u64 what, __u64 flags, __u64 pgoff)
{
	return ((what ^ flags) * GOLDEN ^ pgoff) * GOLDEN;
}

/* Does a hole that waits have all of a range? Up to the end of all is up to 0. */
static __always_inline bool hole_has(const struct mm_slot *slot, __u64 start, __u64 end)
{
	const struct stored *last = stored_of(slot);

	return last->mm == slot->id && last->start <= start && last->end - 1 >= end - 1;
}

/* The tree has the store of a hole reach over holes beside it. */
static __always_inline bool hole_grows(const struct mm_slot *slot, __u64 start, __u64 end)
{
	struct stored *last = stored_of(slot);

	if (last->mm != slot->id || start > last->start || end - 1 < last->end - 1)
		return false;
	last->start = start;
	last->end = end;
	return true;
}

/* It is told already, or need not be. */
static __always_inline void hole_over(const struct mm_slot *slot)
{
	struct stored *last = stored_of(slot);

	if (last->mm == slot->id)
		last->mm = 0;
}

/* Of the address spaces that share a place one can have its hole wait. */
static __always_inline bool hole_waits(const struct mm_slot *slot, __u64 start, __u64 end)
{
	struct stored *last = stored_of(slot);

	if (__sync_val_compare_and_swap(&last->mm, 0, slot->id))
		return false;
	last->start = start;
	last->end = end;
	return true;
}

#endif
