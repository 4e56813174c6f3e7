/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Address spaces that come to be watched because their makers are.
 */
#ifndef MMSCOPE_BPF_ADOPT_H
#define MMSCOPE_BPF_ADOPT_H

#include "ring.h"

/* Numbers of processes are those of the namespace that the tool lives in. */
static bool task_is_target(void)
{
	struct bpf_pidns_info ids;

	if (!target || bpf_get_ns_current_pid_tgid(pid_ns_dev, pid_ns_ino, &ids, sizeof(ids)))
		return false;
	return ids.tgid == target;
}

/*
 * The first VMA of an mm that is not watched: is it of a child of one that is, or of a program
 * that replaces one? Then it is watched too; nobody runs in it yet.
 */
static __noinline struct mm_slot *adopt(const void *mm, __u64 key,
					struct vm_area_struct *vma)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct mmscope_event *e;
	struct mm_slot *slot;
	__u32 parent;

	parent = mm_id(task->mm);
	if (!parent && !task_is_target())
		return NULL;
	if (BPF_CORE_READ(vma, vm_mm) != mm || !mm_watch(mm, key))
		return NULL;
	slot = mm_find_key(key);
	if (!slot)
		return NULL;
	e = ring_reserve_vma(sizeof(*e), slot);
	if (!e)
		return slot;
	fill_head(e, RAW_MM, slot);
	e->parent = parent;
	e->pages = task_in_exec(task) ? RAW_BY_EXEC : RAW_BY_FORK;
	ring_submit(e);
	return slot;
}

#endif
