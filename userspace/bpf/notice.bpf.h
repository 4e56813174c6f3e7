/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Notices the operations of a device when one of its files is mapped.
 */
#ifndef MMSCOPE_BPF_NOTICE_BPF_H
#define MMSCOPE_BPF_NOTICE_BPF_H

#include "watched.bpf.h"

#define SIGSTOP	19

/* Begin to watch operations; false if hook_ops is full, or another CPU has just put them in. */
static __always_inline bool ops_watch(__u64 ops)
{
	__u8 yes = 1;

	return !bpf_map_update_elem(&hook_ops, &ops, &yes, BPF_NOEXIST);
}

/* Stop the running process; return its id in the tool's namespace, 0 if it has none there. */
static __u32 hold(void)
{
	struct bpf_pidns_info ids;

	if (bpf_get_ns_current_pid_tgid(pid_ns_dev, pid_ns_ino, &ids, sizeof(ids)))
		return 0;
	return bpf_send_signal(SIGSTOP) ? 0 : ids.tgid;
}

/*
 * A VMA of the device has operations that are not watched yet. The process that maps it is stopped
 * until there are kprobes, since its first calls would be missed. A process that had the VMA before
 * the tool came goes on.
 */
static void notice_ops(struct mm_slot *slot, struct vm_area_struct *vma, struct inode *inode,
		       bool there)
{
	__u64 ops = (__u64)BPF_CORE_READ(vma, vm_ops);
	struct mmscope_event *e;

	if (!ops || ops == dummy_ops || BPF_CORE_READ(inode, i_rdev) != hook_rdev ||
	    ops_watched(ops))
		return;
	e = ring_reserve_vma(sizeof(*e), slot);
	if (!e)
		return;
	if (!ops_watch(ops)) {
		bpf_ringbuf_discard(e, 0);
		return;
	}
	fill_head(e, RAW_OPS, slot);
	e->start = ops;
	e->end = there ? 0 : hold();
	bpf_ringbuf_submit(e, BPF_RB_FORCE_WAKEUP);
}

#endif
