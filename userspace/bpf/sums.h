/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faults that are summed up where they happen: by class and instruction, by VMA, and by the time
 * they took. Each CPU has its own sums, or shares them with few.
 */
#ifndef MMSCOPE_BPF_SUMS_H
#define MMSCOPE_BPF_SUMS_H

#include "fault.h"

struct sums_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);		/* probe.c says how many */
	__type(key, __u32);
	__type(value, struct fault_sums);
};

extern struct sums_map sums SEC(".maps");
extern const volatile __u32 sums_last;	/* a power of two, less one */

#define SUM_BUSY	(~0ULL)

/* The verifier lets no pointer be multiplied; what comes from memory is a number. */
static __always_inline __u64 as_number(struct fault_state *state, const void *object)
{
	*(volatile __u64 *)&state->addr = (__u64)object;
	return *(volatile __u64 *)&state->addr;
}

static __always_inline void add_total(struct fault_total *total, __u32 pages, __u32 ns)
{
	__sync_fetch_and_add(&total->count, 1);
	__sync_fetch_and_add(&total->pages, pages);
	if (fault_mode == FAULTS_TIMED)
		__sync_fetch_and_add(&total->ns, ns);
}

/* Two that are new at the same time may both find room: who reads adds them. */
static __noinline struct fault_site *add_site(struct fault_site *set, __u64 who, __u64 ip)
{
	for (int i = 0; i < SUM_WAYS; i++) {
		if (__sync_val_compare_and_swap(&set[i].who, 0, SUM_BUSY))
			continue;
		set[i].ip = ip;
		set[i].who = who;
		return &set[i];
	}
	return NULL;
}

static __always_inline struct fault_site *find_site(struct fault_sums *all, __u64 who, __u64 ip)
{
	__u32 hash = (ip ^ who << 32) * 0x61c8864680b583ebULL >> (64 - SITE_SET_BITS);
	struct fault_site *set = &all->sites[hash * SUM_WAYS];

	if (set[0].ip == ip && set[0].who == who)
		return &set[0];
	if (set[1].ip == ip && set[1].who == who)
		return &set[1];
	if (set[2].ip == ip && set[2].who == who)
		return &set[2];
	if (set[3].ip == ip && set[3].who == who)
		return &set[3];
	return add_site(set, who, ip);
}

static __noinline struct fault_vma *add_vma(struct fault_vma *set, __u64 object, __u32 mm)
{
	for (int i = 0; i < SUM_WAYS; i++) {
		if (__sync_val_compare_and_swap(&set[i].object, 0, SUM_BUSY))
			continue;
		set[i].mm = mm;
		set[i].object = object;
		return &set[i];
	}
	return NULL;
}

static __always_inline struct fault_vma *vma_set(struct fault_sums *all, __u64 object)
{
	__u32 hash = object * 0x61c8864680b583ebULL >> (64 - VMA_SET_BITS);

	return &all->vmas[hash * SUM_WAYS];
}

static __always_inline struct fault_vma *find_vma(struct fault_sums *all, __u64 object, __u32 mm)
{
	struct fault_vma *set = vma_set(all, object);

	if (set[0].object == object && set[0].mm == mm)
		return &set[0];
	if (set[1].object == object && set[1].mm == mm)
		return &set[1];
	if (set[2].object == object && set[2].mm == mm)
		return &set[2];
	if (set[3].object == object && set[3].mm == mm)
		return &set[3];
	return add_vma(set, object, mm);
}

/* Four buckets for each power of two. */
static __always_inline __u32 time_bucket(__u32 ns)
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

/* The mask is to be the last step: of what is or-ed, the verifier of 6.1 knows no limit. */
static __always_inline void add_time(__u64 *times, __u32 ns)
{
	__u32 bucket = time_bucket(ns);

	barrier_var(bucket);
	__sync_fetch_and_add(&times[bucket & (TIME_BUCKETS - 1)], 1);
}

static __always_inline void sum_up(const struct fault *fault)
{
	__u32 cpu = bpf_get_smp_processor_id() & sums_last;
	struct fault_sums *all = bpf_map_lookup_elem(&sums, &cpu);
	__u32 class = MMSCOPE_CLASS(fault->flags) & 31, ns = 0, mm = fault->slot->id;
	__u32 pages = fault->flags & MMSCOPE_F_ERROR ? 0 : fault->npages;
	struct fault_site *site;
	struct fault_vma *vma;

	if (!all)
		return;
	if (fault_mode == FAULTS_TIMED && fault->state->start) {
		ns = time_since(fault->state->start, bpf_ktime_get_ns());
		add_time(all->times[class], ns);
	}
	site = find_site(all, SITE_WHO(mm, class), fault->ip);
	add_total(site ? &site->total : &all->missed[class], pages, ns);
	if (!fault->vma)
		return;
	vma = find_vma(all, as_number(fault->state, fault->vma), mm);
	__sync_fetch_and_add(vma ? &vma->count : &all->missed_vmas, 1);
}

#endif
