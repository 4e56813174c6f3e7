/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pages that the kernel counts for an address space. They are read before and after an
 * operation that changes them without a fault and without an unmap: reclaim, khugepaged, fork and
 * the like. What another thread changes in between is told twice.
 */
#ifndef MMSCOPE_BPF_RSS_BPF_H
#define MMSCOPE_BPF_RSS_BPF_H

#include "ring.bpf.h"

#define NR_COUNTERS	4	/* kinds of enum raw_rss that rss_stat of an mm has */
#define MAX_OPENED	4096
#define MAX_READINGS	4	/* of counts that another thread changes meanwhile */

/**
 * struct opened - an operation of a thread that is under way, and may change the counts of an mm
 * @before: counts when the operation began
 * @why: enum record_rss
 * @lazy: &raw_pages.lazy so far
 */
struct opened {
	struct rss before;
	__u32 why;
	__u32 lazy;
};

/*
 * Operations that are under way, by thread and mm. An operation that begins inside of another one
 * is counted as a part of that.
 */
struct opened_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_OPENED);
	__type(key, __u64);
	__type(value, struct opened);
};

extern struct opened_map opened SEC(".maps");

/* The offset of each CPU's data, which x86 has among these data. */
extern const unsigned long this_cpu_off __ksym __weak;
extern const volatile __u32 nr_cpus;

/* Before 6.2 no CPU holds a part of the counts: see struct mm_rss_stat. */
static __always_inline bool rss_plain(void)
{
	return bpf_core_type_exists(struct mm_rss_stat);
}

static __always_inline bool has_this_cpu_off(void)
{
	return &this_cpu_off;
}

/**
 * struct sum - state of summing up what all CPUs hold of the counts
 * @counters: address of each counter without the offset of a CPU
 * @total: sum of each count so far
 */
struct sum {
	__s32 *counters[NR_COUNTERS];
	__s64 total[NR_COUNTERS];
};

/* What a CPU holds of a count. */
static __always_inline __s64 held_by(__s32 *counters, __u64 offset)
{
	__u64 at = (__u64)counters + offset;
	__s32 count = 0;

	if (can_type)
		return TYPED(refcount_struct, at)->refs.counter;
	bpf_probe_read_kernel(&count, sizeof(count), (void *)at);
	return count;
}

static long add_cpu(__u32 cpu, struct sum *sum)
{
	const unsigned long *offset = bpf_per_cpu_ptr(&this_cpu_off, cpu);

	for (int i = 0; offset && i < NR_COUNTERS; i++)
		sum->total[i] += held_by(sum->counters[i], *offset);
	return 0;
}

/* Read the common part of a count; return the address of the parts that CPUs hold. */
static __always_inline __s32 *counter_of(struct mm_struct___percpu *mm, int i, __s64 *count)
{
	struct percpu_counter *counter = (void *)mm + bpf_core_field_offset(mm->rss_stat) +
					 i * bpf_core_type_size(struct percpu_counter);

	if (!can_type) {
		*count = BPF_CORE_READ(counter, count);
		return BPF_CORE_READ(counter, counters);
	}
	counter = TYPED(percpu_counter, counter);
	*count = counter->count;
	return counter->counters;
}

static void read_percpu(struct mm_struct___percpu *mm, struct rss *rss)
{
	struct sum sum;

	for (int i = 0; i < NR_COUNTERS; i++)
		sum.counters[i] = counter_of(mm, i, &sum.total[i]);
	if (has_this_cpu_off())
		bpf_loop(nr_cpus, add_cpu, &sum, 0);
	for (int i = 0; i < NR_COUNTERS; i++)
		rss->pages[i] = sum.total[i];
}

/*
 * Read the counts of 6.1. What a thread has yet to add is added: of the running thread, or, if the
 * mm is another process's, of the thread that owns it.
 */
static void read_plain(struct mm_struct___plain *mm, struct rss *rss)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct mm_struct *of = (void *)mm;
	struct task_struct___plain *plain = NULL;
	int own[NR_COUNTERS] = { 0 };

	bpf_probe_read_kernel(rss, NR_COUNTERS * sizeof(__s64),
			      (void *)mm + bpf_core_field_offset(mm->rss_stat));
	if ((void *)task->mm != mm) {
		if (!bpf_core_field_exists(of->owner))
			return;
		task = BPF_CORE_READ(of, owner);
		if (!task || (void *)BPF_CORE_READ(task, mm) != mm)
			return;
	}
	bpf_probe_read_kernel(own, sizeof(own),
			      (void *)task + bpf_core_field_offset(plain->rss_stat.count));
	for (int i = 0; i < NR_COUNTERS; i++)
		rss->pages[i] += own[i];
}

static __always_inline __s64 read_hugetlb(const struct mm_slot *slot)
{
	struct mm_struct *mm = (void *)slot->mm;

	if (!bpf_core_field_exists(mm->hugetlb_usage))
		return 0;
	if (can_type)
		return TYPED(mm_struct, mm)->hugetlb_usage.counter;
	return BPF_CORE_READ(mm, hugetlb_usage.counter);
}

static void read_counts(const struct mm_slot *slot, struct rss *rss)
{
	if (rss_plain())
		read_plain((void *)slot->mm, rss);
	else
		read_percpu((void *)slot->mm, rss);
	rss->pages[RAW_RSS_HUGETLB] = read_hugetlb(slot);
}

/* Read the counts where the verifier knows the type of an mm. */
static __always_inline void read_typed(const struct mm_slot *slot, __u64 offset, struct rss *rss)
{
	struct mm_struct___percpu *mm = (void *)TYPED(mm_struct, slot->mm);

	rss->pages[0] = mm->rss_stat[0].count + held_by(mm->rss_stat[0].counters, offset);
	rss->pages[1] = mm->rss_stat[1].count + held_by(mm->rss_stat[1].counters, offset);
	rss->pages[2] = mm->rss_stat[2].count + held_by(mm->rss_stat[2].counters, offset);
	rss->pages[3] = mm->rss_stat[3].count + held_by(mm->rss_stat[3].counters, offset);
}

/*
 * Read that part of the counts which the running thread can change: what is common, and what the
 * CPU with this offset holds. Before 6.2 these are the whole counts.
 */
static __noinline __unused int read_here(const struct mm_slot *slot, __u64 offset, struct rss *rss)
{
	__s32 *counters;
	__s64 count;

	if (rss_plain())
		read_plain((void *)slot->mm, rss);
	else if (can_type)
		read_typed(slot, offset, rss);
	else
		for (int i = 0; i < NR_COUNTERS; i++) {
			counters = counter_of((void *)slot->mm, i, &count);
			rss->pages[i] = count + held_by(counters, offset);
		}
	rss->pages[RAW_RSS_HUGETLB] = read_hugetlb(slot);
	return 0;
}

/* The offset of the data of the CPU that the program runs on. */
static __always_inline __u64 this_offset(void)
{
	const unsigned long *offset;

	if (rss_plain() || !has_this_cpu_off())
		return 0;
	offset = bpf_this_cpu_ptr(&this_cpu_off);
	return *offset;
}

static __always_inline bool rss_same(const struct rss *a, const struct rss *b)
{
	__u64 differ = 0;

	for (int i = 0; i < RAW_NR_RSS; i++)
		differ |= a->pages[i] ^ b->pages[i];
	return !differ;
}

/*
 * Read all counts. If the running thread is not of the mm, as khugepaged and reclaim, a thread of
 * the mm may move what it has counted to the common part meanwhile (6.1: sync_mm_rss(), after 64
 * faults; later: percpu_counter_add_batch()): up to 64 pages would be missing, or be there twice.
 * Two readings that agree are right.
 */
static void read_rss(const struct mm_slot *slot, struct rss *rss)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct rss again;

	read_counts(slot, rss);
	if ((__u64)task->mm == slot->mm)
		return;
	for (int i = 0; i < MAX_READINGS; i++) {
		read_counts(slot, &again);
		if (rss_same(rss, &again))
			return;
		*rss = again;
	}
}

static __always_inline struct raw_pages *fill_pages(__u8 type, struct mm_slot *slot,
						    const struct rss *before,
						    const struct rss *after)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct mm_struct *mm = (void *)slot->mm;
	struct raw_pages *raw = ring_reserve_vma(sizeof(*raw), slot);
	int users;

	if (!raw)
		return NULL;
	users = mm_users(slot);
	fill_head(&raw->e, type, slot);
	raw->object = 0;
	__builtin_memcpy(raw->before, before->pages, sizeof(raw->before));
	__builtin_memcpy(raw->after, after->pages, sizeof(raw->after));
	raw->lazy = 0;
	raw->why = RECORD_RSS_UNSEEN;
	raw->outside = task->mm != mm && users;
	raw->exact = !users || (users == 1 && task->mm == mm);
	raw->begun = 0;
	__builtin_memset(raw->by, 0, sizeof(raw->by));
	if (raw->outside)
		bpf_probe_read_kernel(raw->by, sizeof(raw->by), task->comm);
	return raw;
}

static __always_inline __u64 opened_key(const struct mm_slot *slot)
{
	return bpf_get_current_pid_tgid() << 32 | slot->id;
}

/* The key under which a thread counts the pages that it makes lazy, of any mm. */
static __always_inline __u64 lazy_key(void)
{
	return bpf_get_current_pid_tgid() << 32;
}

/**
 * struct where - an operation, and the range that it is about
 * @why: enum record_rss
 * @object: address of the VMA's object, or 0
 * @start: first address
 * @end: first address behind the range
 */
struct where {
	__u32 why;
	__u64 object;
	__u64 start;
	__u64 end;
};

/* Does an operation take so long that other threads may bring and take pages meanwhile? */
static __always_inline bool takes_time(__u32 why)
{
	return why == RECORD_RSS_COLLAPSE || why == RECORD_RSS_SWAPOFF ||
	       why == RECORD_RSS_ADVICE || why == RECORD_RSS_OOM;
}

static __always_inline void tell_begins(struct mm_slot *slot)
{
	struct mmscope_event *e = ring_reserve_vma(sizeof(*e), slot);

	if (!e)
		return;
	fill_head(e, RAW_RSS_BEGINS, slot);
	ring_submit(e);
}

static __noinline __unused int rss_begins(struct mm_slot *slot, __u32 why)
{
	__u64 key = opened_key(slot);
	struct opened *outer = bpf_map_lookup_elem(&opened, &key);
	struct opened new = { .why = why };

	if (outer && outer->why != why)
		return 0;
	if (takes_time(why))
		tell_begins(slot);
	read_rss(slot, &new.before);
	if (!bpf_map_update_elem(&opened, &key, &new, BPF_ANY) && !outer)
		__sync_fetch_and_add(&slot->opened, 1);
	return 0;
}

/* An operation is over. */
static __always_inline void rss_over(struct mm_slot *slot, __u64 key)
{
	if (!bpf_map_delete_elem(&opened, &key))
		__sync_fetch_and_add(&slot->opened, -1);
}

static __noinline __unused int rss_ends(struct mm_slot *slot, const struct where *where)
{
	__u64 key = opened_key(slot);
	struct opened *begun = bpf_map_lookup_elem(&opened, &key);
	struct raw_pages *raw;
	struct rss now;

	if (!begun || begun->why != where->why)
		return 0;
	read_rss(slot, &now);
	if (takes_time(where->why) || !rss_same(&begun->before, &now)) {
		raw = fill_pages(RAW_RSS, slot, &begun->before, &now);
		if (raw) {
			raw->object = where->object;
			raw->e.start = where->start;
			raw->e.end = where->end;
			raw->why = where->why;
			raw->begun = takes_time(where->why);
			raw->exact |= where->why == RECORD_RSS_FORK;
			ring_submit(raw);
		}
	}
	rss_over(slot, key);
	return 0;
}

#endif
