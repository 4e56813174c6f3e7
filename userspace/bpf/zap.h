/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an unmap gives back, and madvise(2): the counts of pages of the mm, before and after the
 * page tables of a VMA are emptied. Other threads that fault at the same time disturb the figure.
 *
 * What is there after one VMA is what is there before the next; after the last, when its object is
 * freed, the mm ends, or madvise(2) returns. So who is not watched pays for the beginnings only.
 */
#ifndef MMSCOPE_BPF_ZAP_H
#define MMSCOPE_BPF_ZAP_H

#include "ring.h"

#define MAX_ZAPS	1024

/**
 * struct rss - the pages that are counted for an mm, by enum raw_rss
 */
struct rss {
	__s64 pages[RAW_NR_RSS];
};

/**
 * struct zap - page tables that a thread empties, or has emptied
 * @object: the VMA
 * @mm: id of its mm
 * @before: what was there
 */
struct zap {
	__u64 object;
	__u64 mm;
	struct rss before;
};

struct zaps_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_ZAPS);
	__type(key, __u32);
	__type(value, struct zap);
};

extern struct zaps_map zaps SEC(".maps");

/* Where each CPU's data are: x86 has it among them. */
extern const unsigned long this_cpu_off __ksym __weak;
extern const volatile __u32 nr_cpus;

/**
 * struct sum - of what each CPU holds of a count
 * @counters: those of the first CPU, so to speak
 * @total: so far
 */
struct sum {
	__s32 *counters[RAW_NR_RSS];
	struct rss total;
};

static long add_cpu(__u32 cpu, struct sum *sum)
{
	const unsigned long *offset = bpf_per_cpu_ptr(&this_cpu_off, cpu);
	__s32 count;

	for (int i = 0; offset && i < RAW_NR_RSS; i++)
		if (!bpf_probe_read_kernel(&count, sizeof(count),
					   (void *)sum->counters[i] + *offset))
			sum->total.pages[i] += count;
	return 0;
}

static void read_percpu(struct mm_struct___percpu *mm, struct rss *rss)
{
	void *first = (void *)mm + bpf_core_field_offset(mm->rss_stat);
	struct percpu_counter *counter;
	struct sum sum;

	for (int i = 0; i < RAW_NR_RSS; i++) {
		counter = first + i * bpf_core_type_size(struct percpu_counter);
		sum.counters[i] = BPF_CORE_READ(counter, counters);
		sum.total.pages[i] = BPF_CORE_READ(counter, count);
	}
	if (&this_cpu_off)
		bpf_loop(nr_cpus, add_cpu, &sum, 0);
	*rss = sum.total;
}

static void read_plain(struct mm_struct___plain *mm, struct rss *rss)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_struct___plain *plain = (void *)task;
	int own[RAW_NR_RSS] = { 0 };

	bpf_probe_read_kernel(rss, sizeof(*rss), (void *)mm + bpf_core_field_offset(mm->rss_stat));
	if ((void *)task->mm == mm)
		bpf_probe_read_kernel(own, sizeof(own),
				      (void *)task + bpf_core_field_offset(plain->rss_stat.count));
	for (int i = 0; i < RAW_NR_RSS; i++)
		rss->pages[i] += own[i];
}

static void read_rss(const struct mm_slot *slot, struct rss *rss)
{
	if (bpf_core_type_exists(struct mm_rss_stat))
		read_plain((void *)slot->mm, rss);
	else
		read_percpu((void *)slot->mm, rss);
}

static __always_inline int tell_zap(struct mm_slot *slot, const struct zap *zap,
				    const struct rss *after)
{
	struct raw_zap *raw = ring_reserve_vma(sizeof(*raw), slot);

	if (!raw)
		return 0;
	fill_head(&raw->e, RAW_ZAP, slot);
	raw->object = zap->object;
	for (int i = 0; i < RAW_NR_RSS; i++)
		raw->rss[i] = zap->before.pages[i] - after->pages[i];
	ring_submit(raw);
	return 0;
}

/* What this thread emptied last is empty now. */
static void zap_ends(struct mm_slot *slot)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct zap *zap = bpf_map_lookup_elem(&zaps, &tid);
	struct rss now;

	if (!zap)
		return;
	if (zap->mm == slot->id) {
		read_rss(slot, &now);
		tell_zap(slot, zap, &now);
	}
	bpf_map_delete_elem(&zaps, &tid);
}

#endif
