/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The last store that was told of an address space. The kernel's tree tells most stores twice, from
 * a function and from one that it calls, both under the lock of the mm. Several address spaces may
 * share a place here: then a store may be told twice, which changes nothing.
 *
 * The store of a hole is kept until the next record. If that says that a VMA in the hole is gone,
 * then all VMAs in it are, and the hole need not be told.
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

/*
 * A number for a store. It has the mm in it, so that the store of another mm is not taken for it.
 */
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

/* Does the hole that is kept have all of a range? An end of 0 is the end of all addresses. */
static __always_inline bool hole_has(const struct mm_slot *slot, __u64 start, __u64 end)
{
	const struct stored *last = stored_of(slot);

	return last->mm == slot->id && last->start <= start && last->end - 1 >= end - 1;
}

/*
 * If a hole is stored that has all of the kept one and more, keep it instead: the tree joins holes.
 */
static __always_inline bool hole_grows(const struct mm_slot *slot, __u64 start, __u64 end)
{
	struct stored *last = stored_of(slot);

	if (last->mm != slot->id || start > last->start || end - 1 < last->end - 1)
		return false;
	last->start = start;
	last->end = end;
	return true;
}

/* The hole that is kept was told, or need not be told. */
static __always_inline void hole_over(const struct mm_slot *slot)
{
	struct stored *last = stored_of(slot);

	if (last->mm == slot->id)
		last->mm = 0;
}

/* Keep a hole; false if another address space that shares the place has one there. */
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
