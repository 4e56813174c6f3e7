// SPDX-License-Identifier: GPL-2.0
/*
 * Where page tables are emptied.
 */
#include "fault.bpf.h"
#include "zap.bpf.h"

const volatile __u32 nr_cpus;

#define ZAP_FLAG_UNMAP		2
#define CHECKED			1024

/**
 * struct emptied - what is about to be
 * @start: first address
 * @end: first address behind it
 * @stays: the VMA does
 */
struct emptied {
	__u64 start;
	__u64 end;
	bool stays;
};

/*
 * When all counts of an mm were added up last, by its id: in jiffies, with the id behind. An mm
 * that shares the place of another has it done more often.
 */
static __u64 checked[CHECKED];

/*
 * Is it time to see whether everything was told? Where faults are summed up nobody knows how many
 * pages they brought. An mm that ends is looked at once more.
 */
static __always_inline bool check_due(const struct mm_slot *slot)
{
	__u64 *last = &checked[slot->id & (CHECKED - 1)], now = slot->id;

	if (sums_kept())
		return false;
	if (mm_ends(slot, bpf_get_current_task_btf()))
		now |= ~0ULL << 32;
	else
		now |= bpf_jiffies64() << 32;
	if (*last == now)
		return false;
	*last = now;
	return true;
}

static __always_inline void fill_before(struct zap *zap, const struct mm_slot *slot)
{
	struct task_struct *task = bpf_get_current_task_btf();

	zap->summed = (__u64)task->mm != slot->mm && mm_users(slot);
	zap_reads(slot, zap, &zap->here);
	zap->whole = true;
	if (zap->summed || rss_plain()) {
		zap->before = zap->here;
	} else if (check_due(slot)) {
		read_rss(slot, &zap->before);
	} else {
		__builtin_memset(&zap->before, 0, sizeof(zap->before));
		zap->whole = false;
	}
}

static __noinline int begins(struct vm_area_struct *vma, struct mm_slot *slot,
			     const struct emptied *emptied)
{
	__s32 tid = bpf_get_current_task_btf()->pid;
	struct zap *zap = zap_of(tid);
	__u64 key = opened_key(slot);

	/* Inside of an operation that rss.bpf.h tells as a whole, VMAs are not told one by one. */
	if (slot->opened && bpf_map_lookup_elem(&opened, &key))
		return 0;
	if (zap)
		zap_over(zap, 0);
	zap = zap_claim(tid);
	if (!zap) {
		zap_lost(slot);
		return 0;
	}
	zap->object = (__u64)vma;
	zap->key = slot->key;
	zap->start = emptied->start;
	zap->end = emptied->end;
	zap->mm = slot->id;
	zap->cpu = bpf_get_smp_processor_id();
	zap->stays = emptied->stays;
	fill_before(zap, slot);
	zap->tid = tid;
	return 0;
}

static __always_inline int zap_begins(struct vm_area_struct *vma, __u64 start, __u64 end,
				      bool stays)
{
	struct emptied emptied = { .start = start, .end = end, .stays = stays };
	struct mm_slot *slot = mm_find(vma->vm_mm);

	if (!slot || !slot->id)
		return 0;
	cpu_hold();
	begins(vma, slot, &emptied);
	cpu_release();
	return 0;
}

static __always_inline bool has_gone(const struct zap_details *details)
{
	return details && details->zap_flags & ZAP_FLAG_UNMAP;
}

SEC("fentry/unmap_page_range")
int BPF_PROG(zap, void *tlb, struct vm_area_struct *vma, unsigned long start, unsigned long end,
	     struct zap_details *details)
{
	return zap_begins(vma, start, end, !has_gone(details));
}

/* unmap_page_range() is called so since 7.2. */
SEC("fentry/__zap_vma_range")
int BPF_PROG(zap_vma, void *tlb, struct vm_area_struct *vma, unsigned long start,
	     unsigned long end, struct zap_details *details)
{
	return zap_begins(vma, start, end, !has_gone(details));
}

/* Before 7.2 pages of hugetlbfs are unmapped by a function of their own. */
SEC("fentry/__unmap_hugepage_range")
int BPF_PROG(zap_hugetlb, void *tlb, struct vm_area_struct *vma, unsigned long start,
	     unsigned long end)
{
	if (zap_of(bpf_get_current_task_btf()->pid))
		return 0;
	return zap_begins(vma, start, end, false);
}

/*
 * A thread that empties page tables changes its CPU. Both readings of each count have what all CPUs
 * have in common: that is nothing in their difference.
 */
SEC("tp_btf/sched_migrate_task")
int BPF_PROG(zap_moves, struct task_struct *task, __u32 cpu)
{
	const unsigned long *from, *to;
	struct zap *zap = zap_of(task->pid);
	struct rss left, reached;
	struct mm_slot *slot;

	if (rss_plain() || !zap || zap->summed || zap->cpu == cpu)
		return 0;
	slot = mm_find_key(zap->key);
	if (!slot || slot->id != zap->mm)
		return 0;
	if (!has_this_cpu_off())
		goto out;
	from = bpf_per_cpu_ptr(&this_cpu_off, zap->cpu);
	to = bpf_per_cpu_ptr(&this_cpu_off, cpu);
	if (!from || !to)
		return 0;
	read_here(slot, *from, &left);
	read_here(slot, *to, &reached);
	for (int i = 0; i < RAW_NR_RSS; i++)
		zap->here.pages[i] += reached.pages[i] - left.pages[i];
out:
	zap->cpu = cpu;
	return 0;
}

/* A file, or a part of it, is no longer there: its pages have left all who map it. */
SEC("fexit/unmap_mapping_range")
int HELD_PROG(zap_range_done)
{
	zap_ends();
	return 0;
}

SEC("fexit/unmap_mapping_pages")
int HELD_PROG(zap_pages_done)
{
	zap_ends();
	return 0;
}

SEC("fexit/unmap_mapping_folio")
int HELD_PROG(zap_folio_done)
{
	zap_ends();
	return 0;
}

SEC("fexit/hugetlb_vmdelete_list")
int HELD_PROG(zap_hugetlb_done)
{
	zap_ends();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
