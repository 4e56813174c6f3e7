/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only version checks of the project: what newer kernels have and older ones lack, under the
 * newer kernels' names. The code is written for the newest kernel of scripts/kernels.
 */
#ifndef MMSCOPE_COMPAT_H
#define MMSCOPE_COMPAT_H

#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/coredump.h>
#include <linux/user_namespace.h>
#include <linux/version.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 3, 0)
#include <linux/sched/exec_state.h>
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
/* No per-VMA lock: every fault holds mmap_lock. No user workers but io_uring's. */
#define FAULT_FLAG_VMA_LOCK	0
#define PF_USER_WORKER		0
#endif

/*
 * The user namespace in which one needs CAP_SYS_PTRACE over a task's memory. It moved from the mm
 * to the task in 7.3. Called in an RCU section in which the task was seen alive, which keeps what
 * is returned.
 */
static inline struct user_namespace *mmscope_user_ns(struct task_struct *task,
						     struct mm_struct *mm)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 3, 0)
	return rcu_dereference(task->exec_state)->user_ns;
#else
	return mm->user_ns;
#endif
}

/*
 * May a process with the same ids look at the task? In 7.3 this moved from the mm to the task, as
 * the user namespace did.
 */
static inline bool mmscope_dumpable(struct task_struct *task, struct mm_struct *mm)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 3, 0)
	return READ_ONCE(rcu_dereference(task->exec_state)->dumpable) == TASK_DUMPABLE_OWNER;
#else
	return get_dumpable(mm) == SUID_DUMP_USER;
#endif
}

/*
 * The same for an mm without a task. 7.3 has nothing in the mm that tells it: @was is what it was
 * with its last task.
 */
static inline bool mmscope_left_dumpable(struct mm_struct *mm, bool was)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 3, 0)
	return was;
#else
	return get_dumpable(mm) == SUID_DUMP_USER;
#endif
}

/* A task that uses the mm, in an RCU section; NULL if there is none, or none is known. */
static inline struct task_struct *mmscope_mm_owner(struct mm_struct *mm)
{
#ifdef CONFIG_MEMCG
	return rcu_dereference(mm->owner);
#else
	return NULL;
#endif
}

#endif
