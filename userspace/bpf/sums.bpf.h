/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sums of faults, which are made where the faults happen: by class and instruction, by VMA, and by
 * time. Each CPU has sums of its own, or shares them with a few others.
 */
#ifndef MMSCOPE_BPF_SUMS_BPF_H
#define MMSCOPE_BPF_SUMS_BPF_H

#include "stack.bpf.h"

struct sums_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);		/* tracer/load.c says how many */
	__type(key, __u32);
	__type(value, struct fault_sums);
};

extern struct sums_map sums SEC(".maps");

struct drivers_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_DRIVERS);
	__type(key, struct fault_driver);
	__type(value, struct fault_total);
};

extern struct drivers_map drivers SEC(".maps");

/* Sums of refused faults, by record_error() */
struct refusals_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_REFUSALS);
	__type(key, __u32);
	__type(value, struct fault_total);
};

extern struct refusals_map refusals SEC(".maps");
extern const volatile __u32 sums_last;	/* number of sums, a power of two, minus one */

/*
 * For each set of VMAs, a bit for each of the sums in which it is not empty: the others are
 * skipped.
 */
extern __u64 vmas_summed[1 << VMA_SET_BITS];

/* time_bucket() of times below 2^SHORT_BITS ns */
extern const volatile __u8 short_times[1 << (SHORT_BITS - SHORT_STEP)];

#define SUM_BUSY	(~0ULL)
#define STACK_SHIFT	20	/* above those bits that differ between instructions of a program */

/* An address as a number: the verifier lets no pointer be multiplied, but what memory has. */
static __always_inline __u64 as_number(struct fault_state *state, const void *object)
{
	*(volatile __u64 *)&state->scratch = (__u64)object;
	return *(volatile __u64 *)&state->scratch;
}

static __always_inline void add_total(struct fault_total *total, __u32 pages, __u32 ns)
{
	__sync_fetch_and_add(&total->count, 1);
	__sync_fetch_and_add(&total->pages, pages);
	if (fault_mode == FAULTS_TIMED)
		__sync_fetch_and_add(&total->ns, ns);
}

/*
 * Take a free element of a set. Two CPUs that share the sums may each take one for the same new
 * site at the same time: the tool adds both up.
 */
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

/* Fill the head of a record with a sum; its address space may have ended. */
static __always_inline void fill_sum(struct mmscope_event *e, __u8 type, __u32 mm)
{
	e->time_ns = bpf_ktime_get_ns();
	e->mm = mm;
	e->vma = 0;
	e->seq = 0;
	e->tid = 0;
	e->type = type;
	e->flags = 0;
	e->cause = 0;
	e->cpu = bpf_get_smp_processor_id();
}

/*
 * Make room in a full set: send the sum of one of its sites as a record. The record is reserved
 * before the sum is taken, so that it comes before the records of what happens to the VMA or the
 * address space later.
 */
static __noinline int evict_site(struct fault_site *set)
{
	struct fault_site *way = &set[bpf_get_prandom_u32() & (SUM_WAYS - 1)];
	__u64 who = way->who, unread = ring_unread();
	struct raw_site *raw = NULL;

	if (unread < ring_full)
		raw = bpf_ringbuf_reserve(&ring, sizeof(*raw), 0);
	if (!raw)
		return 0;
	if (!who || who == SUM_BUSY ||
	    __sync_val_compare_and_swap(&way->who, who, SUM_BUSY) != who) {
		bpf_ringbuf_discard(raw, 0);
		return 0;
	}
	fill_sum(&raw->e, RAW_SITE, SITE_MM(who));
	raw->site.who = who;
	raw->site.ip = way->ip;
	raw->site.total.count = __sync_lock_test_and_set(&way->total.count, 0);
	raw->site.total.pages = __sync_lock_test_and_set(&way->total.pages, 0);
	raw->site.total.ns = __sync_lock_test_and_set(&way->total.ns, 0);
	way->who = 0;
	ring_submit_at(raw, unread);
	return 0;
}

static __always_inline struct fault_site *site_set(struct fault_sums *all, __u64 who, __u64 ip)
{
	__u32 hash = (ip ^ who << 32) * 0x61c8864680b583ebULL >> (64 - SITE_SET_BITS);

	return &all->sites[hash * SUM_WAYS];
}

/* The element of a site in its set, NULL where it has none yet. */
static __always_inline struct fault_site *find_site(struct fault_site *set, __u64 who, __u64 ip)
{
	if (set[0].ip == ip && set[0].who == who)
		return &set[0];
	if (set[1].ip == ip && set[1].who == who)
		return &set[1];
	if (set[2].ip == ip && set[2].who == who)
		return &set[2];
	if (set[3].ip == ip && set[3].who == who)
		return &set[3];
	return NULL;
}

static __noinline struct fault_vma *add_vma(struct fault_vma *set, __u64 object, __u64 who)
{
	for (int i = 0; i < SUM_WAYS; i++) {
		if (__sync_val_compare_and_swap(&set[i].object, 0, SUM_BUSY))
			continue;
		set[i].who = who;
		set[i].object = object;
		return &set[i];
	}
	return NULL;
}

static __noinline int evict_vma(struct fault_vma *set)
{
	struct fault_vma *way = &set[bpf_get_prandom_u32() & (SUM_WAYS - 1)];
	__u64 object = way->object, unread = ring_unread();
	struct mmscope_event *e = NULL;

	if (unread < ring_full)
		e = bpf_ringbuf_reserve(&ring, sizeof(*e), 0);
	if (!e)
		return 0;
	if (!object || object == SUM_BUSY ||
	    __sync_val_compare_and_swap(&way->object, object, SUM_BUSY) != object) {
		bpf_ringbuf_discard(e, 0);
		return 0;
	}
	fill_sum(e, RAW_FAULTS, VMA_MM(way->who));
	e->start = object;
	e->end = __sync_lock_test_and_set(&way->count, 0);
	e->aux = 0;
	e->parent = 0;
	e->pages = 0;
	way->object = 0;
	ring_submit_at(e, unread);
	return 0;
}

static __always_inline __u32 vma_hash(__u64 object)
{
	return object * 0x61c8864680b583ebULL >> (64 - VMA_SET_BITS);
}

static __always_inline struct fault_vma *vma_set(struct fault_sums *all, __u64 object)
{
	return &all->vmas[vma_hash(object) * SUM_WAYS];
}

static __always_inline struct fault_vma *find_vma(struct fault_vma *set, __u64 object, __u64 who)
{
	if (set[0].object == object && set[0].who == who)
		return &set[0];
	if (set[1].object == object && set[1].who == who)
		return &set[1];
	if (set[2].object == object && set[2].who == who)
		return &set[2];
	if (set[3].object == object && set[3].who == who)
		return &set[3];
	return NULL;
}

/* Count a time. The mask is applied last: of an or-ed number the verifier of 6.1 knows no limit. */
static __always_inline void add_time(__u64 *times, __u32 ns)
{
	__u32 bucket;

	if (ns >> SHORT_BITS)
		bucket = time_bucket(ns);
	else
		bucket = short_times[ns >> SHORT_STEP & (sizeof(short_times) - 1)];
	barrier_var(bucket);
	__sync_fetch_and_add(&times[bucket & (TIME_BUCKETS - 1)], 1);
}

static __always_inline struct fault_sums *sums_here(void)
{
	__u32 cpu = bpf_get_smp_processor_id() & sums_last;

	return bpf_map_lookup_elem(&sums, &cpu);
}

static __always_inline void sum_up_vma(struct fault_sums *all, const struct fault *fault)
{
	__u64 object = as_number(fault->state, fault->vma);
	__u64 who = VMA_WHO(fault->mm, fault->vma->vm_ops);
	struct fault_vma *set = vma_set(all, object), *vma = find_vma(set, object, who);
	__u64 *summed = &vmas_summed[vma_hash(object)];
	__u64 here = 1ULL << (bpf_get_smp_processor_id() & sums_last & 63);

	if (!vma)
		vma = add_vma(set, object, who);
	if (!vma) {
		evict_vma(set);
		vma = add_vma(set, object, who);
	}
	__sync_fetch_and_add(vma ? &vma->count : &all->missed_vmas, 1);
	/* This comes after the element: take_sums() clears the bit before it looks into the set. */
	if (!(*summed & here))
		__sync_fetch_and_or(summed, here);
}

/*
 * Add a fault to the sums of its vm_operations_struct. Faults of drivers are rare, so that these
 * are in a hash map. If it is full, the fault is only in the sums of its class.
 */
static __noinline void sum_up_driver(struct vm_area_struct *vma, __u32 pages, __u32 ns)
{
	struct fault_driver driver = { .ops = (__u64)BPF_CORE_READ(vma, vm_ops) };
	struct fault_total *total, none = { 0 };
	struct vm_special_mapping *mapping;

	if (special_mapping_ops && driver.ops == special_mapping_ops) {
		mapping = BPF_CORE_READ(vma, vm_private_data);
		bpf_probe_read_kernel_str(driver.name, sizeof(driver.name),
					  BPF_CORE_READ(mapping, name));
	}
	bpf_map_update_elem(&drivers, &driver, &none, BPF_NOEXIST);
	total = bpf_map_lookup_elem(&drivers, &driver);
	if (total)
		add_total(total, pages, ns);
}

/* Add a fault to the sums of its reason. The map has room for each pair of error and reason. */
static __noinline void sum_up_refusal(__u32 error, __u32 ns)
{
	struct fault_total *total, none = { 0 };

	bpf_map_update_elem(&refusals, &error, &none, BPF_NOEXIST);
	total = bpf_map_lookup_elem(&refusals, &error);
	if (total)
		add_total(total, 0, ns);
}

/* Sum up a fault that has not taken the short way of sums.bpf.c. */
static __always_inline void sum_up(const struct fault *fault, void *ctx)
{
	__u32 class = RECORD_CLASS(fault->flags) & 31, ns = 0;
	__u32 pages = fault->flags & MMSCOPE_F_ERROR ? 0 : fault->npages;
	__u64 who = SITE_WHO(fault->mm, class);
	struct fault_sums *all = sums_here();
	struct fault_site *set, *site;

	if (!all)
		return;
	if (fault_mode == FAULTS_TIMED && fault->state->start) {
		ns = time_since(fault->state->start, bpf_ktime_get_ns());
		add_time(all->times[class], ns);
	}
	/*
	 * The search for a stack comes after the time was taken, since it is no part of the fault.
	 */
	who |= stack_who(ctx);
	ns = forget(ns, who);
	pages = forget(pages, who);
	/* One instruction may have many stacks, so that stacks are spread over several sets. */
	set = site_set(all, who, fault->ip ^ SITE_STACK(who) << STACK_SHIFT);
	site = find_site(set, who, fault->ip);
	if (!site)
		site = add_site(set, who, fault->ip);
	if (!site) {
		evict_site(set);
		site = add_site(set, who, fault->ip);
	}
	if (site)
		site = forget_way(set, site, sizeof(*site));
	add_total(site ? &site->total : &all->missed[class], pages, ns);
	if (fault->vma)
		sum_up_vma(all, fault);
	else
		__sync_fetch_and_add(&all->no_vma, 1);
	if (fault->vma && class == RECORD_CLASS_DRIVER)
		sum_up_driver(fault->vma, pages, ns);
	if (class == RECORD_CLASS_REFUSED)
		sum_up_refusal(fault->npages, ns);
	if (stack_way == STACKS_DWARF)
		stack_tell(fault, ns, pages);
}

#endif
