// SPDX-License-Identifier: GPL-2.0
/*
 * Who may be seen by whom, and which mms record together because somebody follows them: as with
 * perf's inherit, by descent, across fork and exec.
 */
#include <linux/cred.h>
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

/*
 * As __ptrace_may_access() would decide for the opener of the file: the same ids and no more
 * capabilities than he has, or CAP_SYS_PTRACE over the mm's user namespace.
 */
static bool may_trace(const struct file *file, struct task_struct *task,
		      struct user_namespace *ns)
{
	const struct cred *by = file->f_cred;
	const struct cred *of;
	bool same;

	of = __task_cred(task);
	same = by->user_ns == of->user_ns &&
	       uid_eq(by->uid, of->uid) && uid_eq(by->uid, of->euid) && uid_eq(by->uid, of->suid) &&
	       gid_eq(by->gid, of->gid) && gid_eq(by->gid, of->egid) && gid_eq(by->gid, of->sgid) &&
	       cap_issubset(of->cap_permitted, by->cap_permitted);
	return same || file_ns_capable(file, ns, CAP_SYS_PTRACE);
}

/**
 * mmscope_family_find() - the followed family that a new mm belongs to
 * @task: a task of the mm; with @parent, the one that forks it. It was seen alive in the caller's
 *	RCU section, which lasts.
 * @ns: user namespace of the mm
 * @parent: mm it is forked from, held, or NULL
 *
 * The caller holds mmscope_mms_lock.
 *
 * Return: the family's log, or NULL.
 */
struct mmscope_log *mmscope_family_find(struct task_struct *task, struct user_namespace *ns,
					struct mmscope_mm *parent)
{
	struct mmscope_reader *r;

	lockdep_assert_held(&mmscope_mms_lock);
	if (parent && parent->log->followers)
		return parent->log;
	list_for_each_entry(r, &mmscope_followers, follow_node)
		if (descends(task, r->leader) && may_trace(r->file, task, ns))
			return r->log;
	return NULL;
}

/**
 * mmscope_mm_visible() - may the calling process see an mm's counters?
 * @m: from mmscope_mm_next()
 * @r: the reader it asks through; file->lock is held
 *
 * Return: whether it may.
 */
bool mmscope_mm_visible(struct mmscope_mm *m, const struct mmscope_reader *r)
{
	bool visible = m->id == r->mm || (r->follow && m->family == r->log->owner);

	if (visible)
		return true;
	mutex_lock(&mmscope_mms_lock);
	visible = m->mm && m->mm == current->mm;
	mutex_unlock(&mmscope_mms_lock);
	return visible || ns_capable(m->user_ns, CAP_SYS_PTRACE);
}
