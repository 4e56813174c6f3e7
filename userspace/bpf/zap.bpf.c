// SPDX-License-Identifier: GPL-2.0
/*
 * Where page tables are emptied.
 */
#include "zap.h"

const volatile __u32 nr_cpus;

#define ZAP_FLAG_UNMAP		2
#define NR_MADVISE		28
#define NR_PROCESS_MADVISE	440

/* Others, as when a file is truncated, take pages of VMAs that stay: nobody tells their end. */
static __always_inline bool has_end(const struct zap_details *details)
{
	__s16 cause;

	if (details && details->zap_flags & ZAP_FLAG_UNMAP)
		return true;
	cause = cause_of(bpf_get_current_task_btf());
	return cause == NR_MADVISE || cause == NR_PROCESS_MADVISE;
}

static __noinline int begins(struct vm_area_struct *vma, struct mm_slot *slot,
			     const struct zap_details *details)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct zap zap = { .object = (__u64)vma, .mm = slot->id };

	if (!slot->id || !has_end(details))
		return 0;
	zap_ends(slot);
	read_rss(slot, &zap.before);
	bpf_map_update_elem(&zaps, &tid, &zap, BPF_ANY);
	return 0;
}

SEC("fentry/unmap_page_range")
int BPF_PROG(zap, void *tlb, struct vm_area_struct *vma, unsigned long start, unsigned long end,
	     struct zap_details *details)
{
	struct mm_slot *slot = mm_find(vma->vm_mm);

	return slot ? begins(vma, slot, details) : 0;
}

/* Its name since 7.2. */
SEC("fentry/__zap_vma_range")
int BPF_PROG(zap_vma, void *tlb, struct vm_area_struct *vma, unsigned long start,
	     unsigned long end, struct zap_details *details)
{
	struct mm_slot *slot = mm_find(vma->vm_mm);

	return slot ? begins(vma, slot, details) : 0;
}

char LICENSE[] SEC("license") = "GPL";
