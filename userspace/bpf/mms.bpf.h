/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which address spaces are watched. Programs ask this at each fault and each change of a VMA of
 * every process. A set of four slots in an array answers in two dozen instructions, and for most
 * address spaces that are not watched in one; a hash map takes a hundred.
 *
 * An mm is put in before anybody else can see it (fork, exec) or while its mmap_lock is held
 * (attach), and is taken out when its last VMA is gone. In between its address is valid, and no
 * other mm can have it.
 */
#ifndef MMSCOPE_BPF_MMS_BPF_H
#define MMSCOPE_BPF_MMS_BPF_H

#include "hold.bpf.h"
#include "tracer_abi.h"
#include "typed.bpf.h"

extern struct mm_slot mm_slots[MM_SLOTS];
extern __u32 mm_used[MM_SLOTS / MM_WAYS];	/* slots of each set that are taken, or will be */
extern __u32 mm_last_id;
extern __u64 mm_refused;			/* mms that found no room */

/* How often the tool was asked to read the VMAs of a stale slot by its iterator. */
extern __u64 looks_wanted;

/*
 * Process whose next program is watched from its first instruction, by its id in the tool's
 * namespace
 */
extern __u32 target;
extern struct wide wide;
extern const volatile __u64 pid_ns_dev;
extern const volatile __u64 pid_ns_ino;

/*
 * A number that tells an object from others. The verifier lets no pointer be multiplied, but the
 * difference of two pointers is a number.
 */
static __always_inline __u64 key_of(const void *object)
{
	return (__u64)object - (__u64)mm_slots;
}

static __always_inline __u64 mm_key(const void *mm)
{
	return key_of(mm);
}

/*
 * mm_key() for an mm that the verifier takes for a number. The address of the slots is read from
 * memory, so that it is a number, too.
 */
static __always_inline __u64 mm_key_of_number(__u64 mm)
{
	const struct mm_slot *slots = mm_slots;
	__u64 address = 0;

	bpf_probe_read_kernel(&address, sizeof(address), &slots);
	return mm - address;
}

static __always_inline __u32 mm_set(__u64 key)
{
	/* The low bits of objects of a slab are alike: the product has the others, too. */
	return key * 0x61c8864680b583ebULL >> (64 - MM_SET_BITS);
}

/*
 * Make the verifier forget what it knows of a number. It follows each value that the number may
 * have through all code that comes after. Of a number that was mixed with the unknown number @any
 * it knows nothing, and follows it once.
 */
static __always_inline __u64 forget(__u64 n, __u64 any)
{
	n ^= any;
	barrier_var(n);
	n ^= any;
	barrier_var(n);
	return n;
}

/* forget() for a pointer to one of the four ways of a set. */
static __always_inline void *forget_way(void *set, void *way, __u64 size)
{
	__u64 offset = way - set;

	barrier_var(offset);
	return set + (offset / size & 3) * size;
}

static __always_inline struct mm_slot *mm_find_in(__u32 n, __u64 key)
{
	struct mm_slot *set = &mm_slots[n * MM_WAYS];

	if (set[0].key == key)
		return &set[0];
	if (set[1].key == key)
		return &set[1];
	if (set[2].key == key)
		return &set[2];
	if (set[3].key == key)
		return &set[3];
	return NULL;
}

/*
 * mm_find() whose result is one of four pointers for the verifier, which follows each of them. So
 * it is for programs with little code after the call.
 */
static __always_inline struct mm_slot *mm_find_way(const void *mm)
{
	__u64 key = mm_key(mm);
	__u32 n = mm_set(key);

	return mm_used[n] ? mm_find_in(n, key) : NULL;
}

static __always_inline struct mm_slot *mm_find(const void *mm)
{
	struct mm_slot *set = &mm_slots[mm_set(mm_key(mm)) * MM_WAYS], *slot = mm_find_way(mm);

	return slot ? forget_way(set, slot, sizeof(*slot)) : NULL;
}

/* As mm_find(), for an mm that is watched in most cases: mm_used is not asked before. */
static __always_inline struct mm_slot *mm_find_key(__u64 key)
{
	return mm_find_in(mm_set(key), key);
}

static __always_inline struct mm_slot *mm_find_likely(const void *mm)
{
	return mm_find_key(mm_key(mm));
}

/* The id of an mm, or 0 for one that is not watched. */
static __always_inline __u32 mm_id(const void *mm)
{
	struct mm_slot *slot = mm_find(mm);

	return slot ? slot->id : 0;
}

/* Begin to watch an mm; return its id, or 0 when its set has no room. */
static __always_inline __u32 mm_watch(const void *mm, __u64 key)
{
	__u32 n = mm_set(key);
	struct mm_slot *set = &mm_slots[n * MM_WAYS];

	__sync_fetch_and_add(&mm_used[n], 1);
	for (int i = 0; i < MM_WAYS; i++) {
		if (__sync_val_compare_and_swap(&set[i].key, 0, key))
			continue;
		set[i].mm = (__u64)mm;
		set[i].torn = 0;
		set[i].stale = 0;
		set[i].first = 0;
		set[i].opened = 0;
		set[i].id = __sync_fetch_and_add(&mm_last_id, 1) + 1;
		return set[i].id;
	}
	__sync_fetch_and_add(&mm_used[n], -1);
	__sync_fetch_and_add(&mm_refused, 1);
	return 0;
}

static __always_inline void mm_unwatch(struct mm_slot *slot)
{
	__u32 n = mm_set(slot->key);

	slot->id = 0;
	slot->key = 0;
	__sync_fetch_and_add(&mm_used[n], -1);
}

#endif
