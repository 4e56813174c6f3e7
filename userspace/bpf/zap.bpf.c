// SPDX-License-Identifier: GPL-2.0
/*
 * Where page tables are emptied.
 */
#include "zap.bpf.h"

const volatile __u32 nr_cpus;

#define ZAP_FLAG_UNMAP		2

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

static __noinline int begins(struct vm_area_struct *vma, struct mm_slot *slot,
			     const struct emptied *emptied)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct zap zap = {
		.object = (__u64)vma,
		.key = slot->key,
		.start = emptied->start,
		.end = emptied->end,
		.mm = slot->id,
		.stays = emptied->stays,
	};
	__u64 key = opened_key(slot);

	/* Inside of an operation that rss.bpf.h tells as a whole, VMAs are not told one by one. */
	if (!slot->id || bpf_map_lookup_elem(&opened, &key))
		return 0;
	zap_ends();
	read_rss(slot, &zap.before);
	bpf_map_update_elem(&zaps, &tid, &zap, BPF_ANY);
	return 0;
}

static __always_inline int zap_begins(struct vm_area_struct *vma, __u64 start, __u64 end,
				      bool stays)
{
	struct emptied emptied = { .start = start, .end = end, .stays = stays };
	struct mm_slot *slot = mm_find(vma->vm_mm);

	return slot ? begins(vma, slot, &emptied) : 0;
}

static __always_inline bool has_gone(const struct zap_details *details)
{
	return details && details->zap_flags & ZAP_FLAG_UNMAP;
}

SEC("fentry/unmap_page_range")
int HELD_PROG(zap, void *tlb, struct vm_area_struct *vma, unsigned long start, unsigned long end,
	      struct zap_details *details)
{
	return zap_begins(vma, start, end, !has_gone(details));
}

/* unmap_page_range() is called so since 7.2. */
SEC("fentry/__zap_vma_range")
int HELD_PROG(zap_vma, void *tlb, struct vm_area_struct *vma, unsigned long start,
	      unsigned long end, struct zap_details *details)
{
	return zap_begins(vma, start, end, !has_gone(details));
}

/* Before 7.2 pages of hugetlbfs are unmapped by a function of their own. */
SEC("fentry/__unmap_hugepage_range")
int HELD_PROG(zap_hugetlb, void *tlb, struct vm_area_struct *vma, unsigned long start,
	      unsigned long end)
{
	struct mm_slot *slot = mm_find(vma->vm_mm);
	__u32 tid;

	if (!slot)
		return 0;
	tid = (__u32)bpf_get_current_pid_tgid();
	return bpf_map_lookup_elem(&zaps, &tid) ? 0 : zap_begins(vma, start, end, false);
}

/* A file, or a part of it, is no longer there: its pages have left all who map it. */
SEC("fexit/unmap_mapping_range")
int HELD_PROG(zap_range_done)
{
	return zap_ends();
}

SEC("fexit/unmap_mapping_pages")
int HELD_PROG(zap_pages_done)
{
	return zap_ends();
}

SEC("fexit/unmap_mapping_folio")
int HELD_PROG(zap_folio_done)
{
	return zap_ends();
}

SEC("fexit/hugetlb_vmdelete_list")
int HELD_PROG(zap_hugetlb_done)
{
	return zap_ends();
}

char LICENSE[] SEC("license") = "GPL";
