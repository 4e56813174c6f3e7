/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Address spaces that come to be watched because the process that makes them is watched.
 */
#ifndef MMSCOPE_BPF_ADOPT_BPF_H
#define MMSCOPE_BPF_ADOPT_BPF_H

#include "ring.bpf.h"
#include "usage.bpf.h"
#include "wide.bpf.h"

/*
 * Is the running process the target? The tool knows it by its number in the tool's pid namespace.
 */
static bool task_is_target(void)
{
	struct bpf_pidns_info ids;

	if (!target || bpf_get_ns_current_pid_tgid(pid_ns_dev, pid_ns_ino, &ids, sizeof(ids)))
		return false;
	return ids.tgid == target;
}

/* Is the next program of the running process to be watched, though the process itself is not? */
static bool task_is_wanted(void)
{
	return task_is_target() || task_is_wide(WIDE_ALL | WIDE_USER | WIDE_CGROUP);
}

/*
 * What the running thread has had of faults when it makes an mm (MM_FIRST_*), 0 where all of them
 * count. A forked child begins with none. A thread in execve(2) keeps its own, in whichever mm they
 * were.
 */
static __always_inline __u32 first_of(struct task_struct *task, __u32 parent)
{
	const struct mm_slot *old;

	if (!task_in_exec(task))
		return 0;
	if (!parent)
		return MM_FIRST_PROGRAM;
	old = mm_find(task->mm);
	return old && old->first == MM_FIRST_THERE ? MM_FIRST_THERE : 0;
}

static __always_inline struct mm_slot *adopt_mm(const void *mm, __u64 key, __u32 parent)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct mmscope_event *e;
	struct mm_slot *slot;

	if (!mm_watch(mm, key))
		return NULL;
	slot = mm_find_key(key);
	if (!slot)
		return NULL;
	slot->first = first_of(task, parent);
	e = ring_reserve_vma(sizeof(*e), slot);
	if (!e)
		return slot;
	fill_head(e, RAW_MM, slot);
	e->parent = parent;
	e->pages = task_in_exec(task) ? RAW_BY_EXEC : RAW_BY_FORK;
	ring_submit(e);
	return slot;
}

/*
 * The first VMA is stored in an mm that is not watched. If the thread that stores it has a watched
 * mm, the new one is that of its forked child or of its next program: it is watched too, before any
 * thread runs in it.
 */
static __noinline __unused struct mm_slot *adopt(const void *mm, __u64 key,
						 struct vm_area_struct *vma)
{
	__u32 parent = mm_id(bpf_get_current_task_btf()->mm);

	if (!parent && !task_is_wanted())
		return NULL;
	return BPF_CORE_READ(vma, vm_mm) == mm ? adopt_mm(mm, key, parent) : NULL;
}

#endif
