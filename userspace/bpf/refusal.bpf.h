/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a fault was refused, as far as its VMA, its file and the limits of that moment tell. Only
 * faults that fail pay for this.
 */
#ifndef MMSCOPE_BPF_REFUSAL_BPF_H
#define MMSCOPE_BPF_REFUSAL_BPF_H

#include "fault.bpf.h"

#define HPAGE_RESV_UNMAPPED	2UL	/* in vm_private_data of a private mapping of hugetlbfs */

extern const unsigned long this_cpu_off __ksym __weak;
extern const volatile __u32 nr_cpus;

/**
 * struct counted - state of summing up a percpu_counter
 * @counters: address of the counter without the offset of a CPU
 * @total: sum so far
 */
struct counted {
	__s32 *counters;
	__s64 total;
};

static long count_cpu(__u32 cpu, struct counted *counted)
{
	const unsigned long *offset = bpf_per_cpu_ptr(&this_cpu_off, cpu);
	__s32 count;

	if (offset && !bpf_probe_read_kernel(&count, sizeof(count),
					     (void *)counted->counters + *offset))
		counted->total += count;
	return 0;
}

/* Is a tmpfs full? Where it has room, or no limit, the fault was refused for another reason. */
static __noinline bool tmpfs_full(struct super_block *sb, struct fault_state *state)
{
	struct shmem_sb_info *info = (struct shmem_sb_info *)BPF_CORE_READ(sb, s_fs_info);
	__s64 most = BPF_CORE_READ(info, max_blocks);
	struct counted used = {
		.counters = BPF_CORE_READ(info, used_blocks.counters),
		.total = BPF_CORE_READ(info, used_blocks.count),
	};

	if (!most)
		return false;
	if (&this_cpu_off)
		bpf_loop(nr_cpus, count_cpu, &used, 0);
	if (used.total < most)
		return false;
	note_why(state, REFUSAL_FULL, most << PAGE_SHIFT);
	return true;
}

/* Is the address beyond the end of the file? Only regular files and block devices have an end. */
static __noinline bool beyond_end(struct vm_area_struct *vma, struct fault_state *state)
{
	__u64 offset = state->addr - BPF_CORE_READ(vma, vm_start);
	struct file *file = BPF_CORE_READ(vma, vm_file);
	struct inode *inode;
	__u32 kind;
	__u64 size;

	if (!file)
		return false;
	inode = BPF_CORE_READ(file, f_mapping, host);
	kind = BPF_CORE_READ(inode, i_mode) & S_IFMT;
	size = BPF_CORE_READ(inode, i_size);
	offset = (offset >> PAGE_SHIFT) + BPF_CORE_READ(vma, vm_pgoff);
	if ((kind != S_IFREG && kind != S_IFBLK) || offset << PAGE_SHIFT < size)
		return false;
	note_why(state, REFUSAL_END, size);
	return true;
}

static __noinline void why_no_huge_page(struct vm_area_struct *vma, struct fault_state *state)
{
	struct hugetlbfs_sb_info *info;
	struct hstate *pool;
	__u64 there;

	info = (struct hugetlbfs_sb_info *)BPF_CORE_READ(vma, vm_file, f_inode, i_sb, s_fs_info);
	pool = BPF_CORE_READ(info, hstate);
	there = BPF_CORE_READ(pool, nr_huge_pages);
	if (!(BPF_CORE_READ(vma, vm_flags) & VM_MAYSHARE) &&
	    (__u64)BPF_CORE_READ(vma, vm_private_data) & HPAGE_RESV_UNMAPPED)
		note_why(state, REFUSAL_HUGE_TAKEN, there);
	else if (BPF_CORE_READ(pool, free_huge_pages) <= BPF_CORE_READ(pool, resv_huge_pages))
		note_why(state, REFUSAL_NO_HUGE, there);
	else
		note_why(state, REFUSAL_HUGE_LIMIT, there);
}

static __noinline void why_no_page(struct vm_area_struct *vma, struct fault_state *state)
{
	__u32 class;

	if (state->seen & SEEN_UFFD)
		note_why(state, REFUSAL_UFFD, 0);
	else if (state->seen & SEEN_SWAP)
		note_why(state, REFUSAL_SWAP, 0);
	else if (beyond_end(vma, state))
		return;
	else if (vma->vm_flags & VM_HUGETLB)
		why_no_huge_page(vma, state);
	else if (!vma->vm_ops)
		return;
	class = class_of_file(vma);
	if (class == RECORD_CLASS_SHMEM && tmpfs_full(vma->vm_file->f_inode->i_sb, state))
		return;
	note_why(state, class == RECORD_CLASS_DRIVER ? REFUSAL_DRIVER : REFUSAL_FILE, 0);
}

/*
 * Note why a fault ends with SIGSEGV. Of swap entries only a guard leads to that; in anonymous
 * memory without one only the protection key is left.
 */
static __always_inline void why_no_access(struct vm_area_struct *vma, struct fault_state *state)
{
	if (state->seen & SEEN_SWAP)
		note_why(state, REFUSAL_GUARD, 0);
	else if (!vma->vm_ops)
		note_why(state, REFUSAL_PKEY, 0);
	else if (class_of_file(vma) == RECORD_CLASS_DRIVER)
		note_why(state, REFUSAL_DRIVER, 0);
	else
		note_why(state, REFUSAL_FILE, 0);
}

/* Note why a fault has failed, by the VM_FAULT_* in @result. */
static __noinline int refusal_note(struct vm_area_struct *vma, struct fault_state *state,
				   __u32 result)
{
	if (result & VM_FAULT_HWPOISON)
		note_why(state, state->seen & SEEN_MARKER ? REFUSAL_MARKED : REFUSAL_POISON, 0);
	else if (result & VM_FAULT_OOM)
		note_why(state, REFUSAL_MEMORY, 0);
	else if (result & VM_FAULT_SIGSEGV)
		why_no_access(vma, state);
	else if (result & VM_FAULT_SIGBUS)
		why_no_page(vma, state);
	return 0;
}

#endif
