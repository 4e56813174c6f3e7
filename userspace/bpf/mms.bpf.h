/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which address spaces are watched. The question is asked at each fault and each change of a VMA
 * of every process: a set of four ways in an array answers it in two dozen instructions, and for
 * most that are not watched in one, where a hash map takes a hundred.
 *
 * An mm is put in before anybody else can see it (fork, exec) or while its mmap_lock is held
 * (attach), and taken out when its last VMA is gone. Its pointer is valid in between, and no
 * other mm can have it.
 */
#ifndef MMSCOPE_BPF_MMS_BPF_H
#define MMSCOPE_BPF_MMS_BPF_H

#include "hold.bpf.h"
#include "tracer_abi.h"
#include "typed.bpf.h"

extern struct mm_slot mm_slots[MM_SLOTS];
extern __u32 mm_used[MM_SLOTS / MM_WAYS];	/* ways of each set that are, or are about to be */
extern __u32 mm_last_id;
extern __u64 mm_refused;

/* How often the tool was asked to read the VMAs of a stale slot by its iterator. */
extern __u64 looks_wanted;

/* The process whose next program is watched from its first instruction, as its tool numbers it. */
extern __u32 target;
extern struct wide wide;
extern const volatile __u64 pid_ns_dev;
extern const volatile __u64 pid_ns_ino;

/* The verifier lets no pointer be multiplied; the difference of two is a number. */
static __always_inline __u64 key_of(const void *object)
{
	return (__u64)object - (__u64)mm_slots;
}

static __always_inline __u64 mm_key(const void *mm)
{
	return key_of(mm);
}

/*
 * mm_key() for an mm that the verifier takes for a number: the address of the slots is read as a
 * number, too.
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
	/* Multiplied, since the low bits of a slab's objects are alike. */
	return key * 0x61c8864680b583ebULL >> (64 - MM_SET_BITS);
}

/*
 * Make the verifier forget what it knows of a number. It follows each value that a number may have
 * through all code that comes after. A number that was mixed with @any is unknown, and is followed
 * once.
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
 * mm_find() without making one path of its four results. The verifier follows each of them, so this
 * is for programs with little code after the call.
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

/* As mm_find(), where the mm is a watched one as a rule: mm_used is not asked. */
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

/* Watch an mm from now on: its id, or 0 when its set has no room. */
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
