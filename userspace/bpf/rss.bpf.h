/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pages that the kernel counts for an address space. They are read before and after what may
 * change them without a fault and without an unmap: reclaim, khugepaged, fork and the like. What
 * another thread changes in between is told twice.
 */
#ifndef MMSCOPE_BPF_RSS_BPF_H
#define MMSCOPE_BPF_RSS_BPF_H

#include "ring.bpf.h"

#define NR_COUNTERS	4	/* of enum raw_rss that are kept together */
#define MAX_OPENED	4096
#define MAX_READINGS	4	/* of counts that somebody changes meanwhile */

/**
 * struct rss - the pages that are counted for an mm, by enum raw_rss
 */
struct rss {
	__s64 pages[RAW_NR_RSS];
};

/**
 * struct opened - something that may change the counts of an mm, and is not over
 * @before: the counts when it began
 * @why: enum record_rss
 * @lazy: see &raw_pages.lazy
 */
struct opened {
	struct rss before;
	__u32 why;
	__u32 lazy;
};

/*
 * Operations that have begun, by thread and mm. An operation that begins inside another is counted
 * as part of that.
 */
struct opened_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_OPENED);
	__type(key, __u64);
	__type(value, struct opened);
};

extern struct opened_map opened SEC(".maps");

/* Where each CPU's data are: x86 has it among them. */
extern const unsigned long this_cpu_off __ksym __weak;
extern const volatile __u32 nr_cpus;

/**
 * struct sum - of what each CPU holds of a count
 * @counters: those of the first CPU, so to speak
 * @total: so far
 */
struct sum {
	__s32 *counters[NR_COUNTERS];
	__s64 total[NR_COUNTERS];
};

static long add_cpu(__u32 cpu, struct sum *sum)
{
	const unsigned long *offset = bpf_per_cpu_ptr(&this_cpu_off, cpu);
	__s32 count;

	for (int i = 0; offset && i < NR_COUNTERS; i++)
		if (!bpf_probe_read_kernel(&count, sizeof(count),
					   (void *)sum->counters[i] + *offset))
			sum->total[i] += count;
	return 0;
}

static void read_percpu(struct mm_struct___percpu *mm, struct rss *rss)
{
	void *first = (void *)mm + bpf_core_field_offset(mm->rss_stat);
	struct percpu_counter *counter;
	struct sum sum;

	for (int i = 0; i < NR_COUNTERS; i++) {
		counter = first + i * bpf_core_type_size(struct percpu_counter);
		sum.counters[i] = BPF_CORE_READ(counter, counters);
		sum.total[i] = BPF_CORE_READ(counter, count);
	}
	if (&this_cpu_off)
		bpf_loop(nr_cpus, add_cpu, &sum, 0);
	for (int i = 0; i < NR_COUNTERS; i++)
		rss->pages[i] = sum.total[i];
}

/*
 * 6.1: add what a thread has not yet added to the sums: the running thread, or the only thread of
 * another process's mm.
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

static void read_counts(const struct mm_slot *slot, struct rss *rss)
{
	struct mm_struct *mm = (void *)slot->mm;

	if (bpf_core_type_exists(struct mm_rss_stat))
		read_plain((void *)slot->mm, rss);
	else
		read_percpu((void *)slot->mm, rss);
	rss->pages[RAW_RSS_HUGETLB] = 0;
	if (bpf_core_field_exists(mm->hugetlb_usage))
		rss->pages[RAW_RSS_HUGETLB] = BPF_CORE_READ(mm, hugetlb_usage.counter);
}

static __always_inline bool rss_same(const struct rss *a, const struct rss *b)
{
	__u64 differ = 0;

	for (int i = 0; i < RAW_NR_RSS; i++)
		differ |= a->pages[i] ^ b->pages[i];
	return !differ;
}

/*
 * Who is not of the process, as khugepaged and reclaim, may read while a thread of it moves what it
 * has counted to the common sums (6.1: sync_mm_rss(), after 64 faults; later:
 * percpu_counter_add_batch()): up to 64 pages would be missing, or be there twice. Two readings
 * that agree are right.
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
	users = BPF_CORE_READ(mm, mm_users.counter);
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

/* Where a thread counts the pages that it makes lazy: of whichever mm they are. */
static __always_inline __u64 lazy_key(void)
{
	return bpf_get_current_pid_tgid() << 32;
}

/**
 * struct where - what changes, and where
 * @why: enum record_rss
 * @object: the VMA, or 0
 * @start: first address
 * @end: first address behind it
 */
struct where {
	__u32 why;
	__u64 object;
	__u64 start;
	__u64 end;
};

/* Does it take so long that other threads may bring and take pages meanwhile? */
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
	bpf_map_update_elem(&opened, &key, &new, BPF_ANY);
	return 0;
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
	bpf_map_delete_elem(&opened, &key);
	return 0;
}

#endif
