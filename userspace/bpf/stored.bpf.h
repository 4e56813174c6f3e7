/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The last store that was told of an address space: the kernel's tree tells most stores twice, from
 * a function and from one that it calls. Whoever stores holds the lock of the mm. Address spaces
 * may share a place here: then a store is told again, which changes nothing.
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

/* Something else is told. */
static __always_inline void stored_other(const struct mm_slot *slot)
{
	stored_of(slot)->what = 0;
}

#endif
