// SPDX-License-Identifier: GPL-2.0
/*
 * Which mms record together because somebody follows them: as with perf's inherit, by descent,
 * across fork and exec. Who reads what of it is another question: access.c.
 */
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "internal.h"

/* Readers with a leader whose descendants shall record in the reader's log. */
LIST_HEAD(mmscope_followers);

/* Within the same RCU section the task was seen alive: see internal.h. */
static bool descends(struct task_struct *task, struct pid *leader)
{
	bool found = false;

	for (; !found && !is_global_init(task) && task->pid;
	     task = rcu_dereference(task->real_parent))
		found = task_tgid(task) == leader;
	return found;
}

/**
 * mmscope_family_find() - the followed family that a new mm belongs to
 * @task: a task of the mm; with @parent, the one that forks it. It was seen alive in the caller's
 *	RCU section, which lasts.
 * @mm: that mm
 * @parent: mm it is forked from, held, or NULL
 *
 * The caller holds mmscope_mms_lock.
 *
 * Return: the family's log, or NULL.
 */
struct mmscope_log *mmscope_family_find(struct task_struct *task, struct mm_struct *mm,
					struct mmscope_mm *parent)
{
	struct mmscope_reader *r;

	lockdep_assert_held(&mmscope_mms_lock);
	if (parent && parent->log->followers)
		return parent->log;
	list_for_each_entry(r, &mmscope_followers, follow_node)
		if (descends(task, r->leader) && mmscope_task_visible(task, mm, r->file))
			return r->log;
	return NULL;
}
