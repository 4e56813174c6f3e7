// SPDX-License-Identifier: GPL-2.0
/*
 * Places where the kernel empties page tables.
 */
#include "fault.bpf.h"
#include "zap.bpf.h"

const volatile __u32 nr_cpus;

#define ZAP_FLAG_UNMAP		2
#define CHECKED			1024

/**
 * struct emptied - a range whose page tables are about to be emptied
 * @start: first address
 * @end: first address behind the range
 * @stays: the VMA stays
 */
struct emptied {
	__u64 start;
	__u64 end;
	bool stays;
};

/*
 * When all counts of an mm were added up last: jiffies in the upper half, the id of the mm in the
 * lower. An mm that shares its place with another one has this done more often.
 */
static __u64 checked[CHECKED];

/*
 * Is it time to compare all counts with what was told? Not where faults are summed up, for then
 * nobody knows how many pages they brought. An mm that ends is compared once more.
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

	/* Inside of an operation that rss.bpf.h tells as a whole, single VMAs are not told. */
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

/* Is the VMA unmapped, and not only its pages? */
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

/* Since 7.2 unmap_page_range() has this name. */
SEC("fentry/__zap_vma_range")
int BPF_PROG(zap_vma, void *tlb, struct vm_area_struct *vma, unsigned long start,
	     unsigned long end, struct zap_details *details)
{
	return zap_begins(vma, start, end, !has_gone(details));
}

/* Before 7.2 this function unmaps pages of hugetlbfs. */
SEC("fentry/__unmap_hugepage_range")
int BPF_PROG(zap_hugetlb, void *tlb, struct vm_area_struct *vma, unsigned long start,
	     unsigned long end)
{
	if (zap_of(bpf_get_current_task_btf()->pid))
		return 0;
	return zap_begins(vma, start, end, false);
}

/*
 * A thread that empties page tables moves to another CPU: replace the part of the old CPU by that
 * of the new one. Both readings contain the common part, which drops out of their difference.
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

/* A file, or a part of it, was cut off: its pages have left all address spaces that map it. */
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
