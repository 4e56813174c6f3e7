// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of VMAs that store nothing into the tree: advice, mlock(2), policies, names and
 * userfaultfds; and the anon_vma that a VMA gets with its first private page. None of it moves an
 * edge. It tells why two VMAs that touch do not merge.
 */
#include "image.h"
#include "zap.h"

#define MAX_LOOKS	256	/* VMAs of one call */

#define MADV_SEQUENTIAL	2
#define MADV_DONTFORK	10
#define MADV_KEEPONFORK	19
#define PR_SET_VMA	0x53564d41
#define PR_SET_MEMORY_MERGE	67
#define UFFDIO_REGISTER		0xc020aa00	/* <linux/userfaultfd.h> */
#define UFFDIO_UNREGISTER	0x8010aa01

/* Kernels since 6.3 have an iterator in front of the arguments of some functions. */
const volatile __u32 vmi_args;

/**
 * struct range - VMAs that are to be looked at
 * @slot: whose
 * @at: where the next one is
 * @end: and the last one ends
 */
struct range {
	struct mm_slot *slot;
	__u64 at;
	__u64 end;
};

static long look_at_vma(struct task_struct *task, struct vm_area_struct *vma, struct range *range)
{
	tell_vma(RAW_LOOKS, range->slot, vma, vma->vm_start, vma->vm_end);
	range->at = vma->vm_end;
	return 0;
}

static long look_on(__u32 step, struct range *range)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (range->at >= range->end)
		return LOOP_END;
	return bpf_find_vma(task, range->at, look_at_vma, range, 0) ? LOOP_END : LOOP_ON;
}

/* The tool is to look at all of them, when it comes to it. */
static void look_again(struct mm_slot *slot)
{
	slot->stale = 1;
	__sync_fetch_and_add(&looks_wanted, 1);
}

/*
 * mmap_lock is free again. Where somebody waits for it, behind a hole, and where there are too many,
 * the tool looks later: no edge depends on it.
 */
static int look_over(__u64 start, __u64 size)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct range range = {
		.slot = mm_find(task->mm),
		.at = start,
		.end = start + size,
	};

	if (!range.slot || !range.slot->id)
		return 0;
	bpf_loop(MAX_LOOKS, look_on, &range, 0);
	if (range.at < range.end)
		look_again(range.slot);
	return 0;
}

static bool changes_flags(int advice)
{
	return advice <= MADV_SEQUENTIAL || (advice >= MADV_DONTFORK && advice <= MADV_KEEPONFORK);
}

SEC("fexit/do_madvise")
int BPF_PROG(advise, struct mm_struct *mm, unsigned long start, unsigned long size,
	     int advice, int error)
{
	struct mm_slot *slot = mm_find(mm);
	struct mmscope_event *e;

	if (!slot || !slot->id)
		return 0;
	if (changes_flags(advice) && mm == bpf_get_current_task_btf()->mm)
		look_over(start, size);
	zap_ends(slot);
	e = ring_reserve_vma(sizeof(*e), slot);
	if (!e)
		return 0;
	fill_head(e, RAW_ADVISE, slot);
	e->start = start;
	e->end = start + size;
	e->aux = advice;
	e->pages = error;
	ring_submit(e);
	return 0;
}

SEC("fexit/__x64_sys_mseal")
int BPF_PROG(seal, struct pt_regs *regs)
{
	return look_over(regs->di, regs->si);
}

SEC("fexit/__x64_sys_set_mempolicy_home_node")
int BPF_PROG(home_node, struct pt_regs *regs)
{
	return look_over(regs->di, regs->si);
}

SEC("fexit/mlock_fixup")
int BPF_PROG(mlock_vma)
{
	struct vm_area_struct *vma, **at = NULL;
	struct mm_slot *slot;
	__u64 value = 1;

	if (bpf_get_func_ret(ctx, &value) || (int)value)
		return 0;
	if (bpf_get_func_arg(ctx, 1 + vmi_args, (__u64 *)&at))
		return 0;
	if (bpf_probe_read_kernel(&vma, sizeof(vma), at))
		return 0;
	slot = mm_find(bpf_get_current_task_btf()->mm);
	if (slot && slot->id)
		tell_vma(RAW_LOOKS, slot, vma, BPF_CORE_READ(vma, vm_start),
			 BPF_CORE_READ(vma, vm_end));
	return 0;
}

/* Not the system call: BTF of 6.1 has two of its name, the other for kernels without NUMA. */
SEC("fexit/do_mbind")
int BPF_PROG(bind, unsigned long start, unsigned long size)
{
	return look_over(start, size);
}

SEC("fexit/__x64_sys_prctl")
int BPF_PROG(name, struct pt_regs *regs)
{
	struct mm_slot *slot;

	if (regs->di == PR_SET_VMA)
		return look_over(regs->dx, regs->r10);
	slot = mm_find(bpf_get_current_task_btf()->mm);
	/* Of all its VMAs, those that KSM can have. */
	if (regs->di == PR_SET_MEMORY_MERGE && slot && slot->id)
		look_again(slot);
	return 0;
}

/* What it watches is the first member of what both of them are called with. */
SEC("fexit/userfaultfd_ioctl")
int BPF_PROG(uffd, struct file *file, unsigned int cmd, unsigned long arg)
{
	__u64 range[2];

	if ((cmd != UFFDIO_REGISTER && cmd != UFFDIO_UNREGISTER) ||
	    bpf_probe_read_user(range, sizeof(range), (void *)arg))
		return 0;
	return look_over(range[0], range[1]);
}

/* With the last file of it all its VMAs are without. Who closes it may be another process. */
SEC("fentry/userfaultfd_release")
int BPF_PROG(uffd_closes, struct inode *inode, struct file *file)
{
	struct userfaultfd_ctx *uffd = BPF_CORE_READ(file, private_data);
	struct mm_slot *slot = mm_find_key(mm_key_of_number((__u64)BPF_CORE_READ(uffd, mm)));

	if (slot && slot->id)
		slot->stale = 1;
	return 0;
}

SEC("fexit/userfaultfd_release")
int BPF_PROG(uffd_closed)
{
	__sync_fetch_and_add(&looks_wanted, 1);
	return 0;
}

SEC("fexit/__anon_vma_prepare")
int BPF_PROG(prepare, struct vm_area_struct *vma)
{
	struct mm_slot *slot = mm_find(vma->vm_mm);
	struct mmscope_event *e;

	if (!slot || !slot->id)
		return 0;
	e = ring_reserve_vma(sizeof(*e), slot);
	if (!e)
		return 0;
	fill_head(e, RAW_ANON, slot);
	e->start = (__u64)vma;
	e->end = (__u64)vma->anon_vma;
	ring_submit(e);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
