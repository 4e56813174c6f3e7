// SPDX-License-Identifier: GPL-2.0
/*
 * Places where pages of a watched address space come and go by no fault and no unmap. Each place
 * has a program before and one after it. A fault that finds memory passes none of them.
 */
#include "fault.bpf.h"
#include "zap.bpf.h"

#define HUGE_SIZE	(HUGE_PAGES << PAGE_SHIFT)

static __always_inline int before(const struct mm_struct *mm, __u32 why)
{
	struct mm_slot *slot = mm_find(mm);

	if (!slot || !slot->id)
		return 0;
	/* An unmap may split a huge page; its own record tells the pages then. */
	cpu_hold();
	if (!zap_of(bpf_get_current_task_btf()->pid))
		rss_begins(slot, why);
	cpu_release();
	return 0;
}

static __always_inline int after(const struct mm_struct *mm, __u32 why, const void *vma,
				 __u64 start, __u64 end)
{
	struct where where = { .why = why, .object = (__u64)vma, .start = start, .end = end };
	struct mm_slot *slot = mm_find(mm);

	if (!slot || !slot->id)
		return 0;
	cpu_hold();
	rss_ends(slot, &where);
	cpu_release();
	return 0;
}

/* Argument @n of @place is a VMA; @start and @end may name it, and other arguments. */
#define AROUND_VMA(name, place, n, why, start, end)					\
SEC("fentry/" place)									\
int rss_##name(__u64 *ctx)								\
{											\
	struct vm_area_struct *vma = (void *)ctx[n];					\
											\
	return before(vma->vm_mm, why);							\
}											\
											\
SEC("fexit/" place)									\
int rss_##name##_done(__u64 *ctx)							\
{											\
	struct vm_area_struct *vma = (void *)ctx[n];					\
											\
	return after(vma->vm_mm, why, vma, start, end);					\
}

/* The first argument of @place is an mm. */
#define AROUND_MM(name, place, why, start, end)						\
SEC("fentry/" place)									\
int rss_##name(__u64 *ctx)								\
{											\
	return before((void *)ctx[0], why);						\
}											\
											\
SEC("fexit/" place)									\
int rss_##name##_done(__u64 *ctx)							\
{											\
	return after((void *)ctx[0], why, NULL, start, end);				\
}

AROUND_VMA(reclaim, "try_to_unmap_one", 1, RECORD_RSS_RECLAIM, ctx[2], ctx[2] + PAGE_SIZE)
AROUND_VMA(migrate, "try_to_migrate_one", 1, RECORD_RSS_MIGRATE, ctx[2], ctx[2] + PAGE_SIZE)
AROUND_VMA(migrated, "remove_migration_pte", 1, RECORD_RSS_ZEROED, ctx[2], ctx[2] + PAGE_SIZE)
AROUND_MM(collapse, "collapse_huge_page", RECORD_RSS_COLLAPSE, ctx[1] & -HUGE_SIZE,
	  (ctx[1] & -HUGE_SIZE) + HUGE_SIZE)
AROUND_MM(collapse_file, "collapse_pte_mapped_thp", RECORD_RSS_COLLAPSE, ctx[1] & -HUGE_SIZE,
	  (ctx[1] & -HUGE_SIZE) + HUGE_SIZE)
AROUND_VMA(ksm, "try_to_merge_one_page", 0, RECORD_RSS_KSM, vma->vm_start, vma->vm_end)
AROUND_VMA(swapoff, "unuse_pte_range", 0, RECORD_RSS_SWAPOFF, ctx[2], ctx[3])
AROUND_VMA(fork, "copy_page_range", 0, RECORD_RSS_FORK, vma->vm_start, vma->vm_end)
AROUND_VMA(fork_hugetlb, "copy_hugetlb_page_range", 2, RECORD_RSS_FORK, vma->vm_start,
	   vma->vm_end)
AROUND_VMA(insert, "vm_insert_page", 0, RECORD_RSS_INSERT, ctx[1], ctx[1] + PAGE_SIZE)
AROUND_VMA(insert_many, "vm_insert_pages", 0, RECORD_RSS_INSERT, vma->vm_start, vma->vm_end)
AROUND_VMA(split, "__split_huge_pmd", 0, RECORD_RSS_SPLIT, ctx[2] & -HUGE_SIZE,
	   (ctx[2] & -HUGE_SIZE) + HUGE_SIZE)
AROUND_MM(oom, "__oom_reap_task_mm", RECORD_RSS_OOM, 0, 0)
AROUND_VMA(taken, "zap_page_range_single", 0, RECORD_RSS_TAKEN, ctx[1], ctx[1] + ctx[2])
AROUND_VMA(taken_vma, "zap_vma_range", 0, RECORD_RSS_TAKEN, ctx[1], ctx[1] + ctx[2])

AROUND_VMA(uffd, "mfill_atomic_install_pte", 1, RECORD_RSS_UFFD, ctx[2], ctx[2] + PAGE_SIZE)

/* Before 6.4 the function has seven arguments, more than a program can be given. */
AROUND_MM(uffd_old, "mcopy_atomic", RECORD_RSS_UFFD, ctx[1], ctx[1] + ctx[3])

/* Note how many pages came from swap, one or several, for the record of the fault. */
SEC("fentry/do_swap_page")
int HELD_PROG(rss_swap, struct vm_fault *vmf)
{
	return before(vmf->vma->vm_mm, RECORD_RSS_SWAPIN);
}

SEC("fexit/do_swap_page")
int HELD_PROG(rss_swap_done, struct vm_fault *vmf)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct mm_slot *slot = mm_find(vmf->vma->vm_mm);
	struct fault_state *state = fault_of(task);
	struct opened *begun;
	struct rss now;
	__u64 key, n;

	if (!slot || !slot->id)
		return 0;
	key = opened_key(slot);
	begun = bpf_map_lookup_elem(&opened, &key);
	if (!begun || begun->why != RECORD_RSS_SWAPIN)
		return 0;
	read_rss(slot, &now);
	n = begun->before.pages[RAW_RSS_SWAP] - now.pages[RAW_RSS_SWAP];
	if (state->tid == task->pid && n < 1 << SEEN_SWAPPED)
		state->seen |= n << SEEN_SWAPPED;
	rss_over(slot, key);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
