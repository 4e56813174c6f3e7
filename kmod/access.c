// SPDX-License-Identifier: GPL-2.0
/*
 * Who may see an mm: who may ptrace its process now, for reading, as __ptrace_may_access() decides
 * with PTRACE_MODE_READ_FSCREDS. That is not exported, nor is security_ptrace_access_check(): the
 * rules are here, but for those of security modules other than capabilities, which nobody asks.
 */
#include <linux/cred.h>
#include <linux/pid.h>
#include <linux/sched/task.h>
#include <linux/user_namespace.h>

#include "internal.h"

/* The credentials of who opened the file, or, without a file, of the current thread. */
static bool has_cap(const struct file *file, struct user_namespace *ns)
{
	return file ? file_ns_capable(file, ns, CAP_SYS_PTRACE) :
		      ns_capable_noaudit(ns, CAP_SYS_PTRACE);
}

static bool same_ids(const struct cred *by, const struct cred *of)
{
	return uid_eq(by->fsuid, of->uid) && uid_eq(by->fsuid, of->euid) &&
	       uid_eq(by->fsuid, of->suid) && gid_eq(by->fsgid, of->gid) &&
	       gid_eq(by->fsgid, of->egid) && gid_eq(by->fsgid, of->sgid);
}

/*
 * The same ids or the capability, the capability where it is not dumpable, and no fewer
 * capabilities than it has: in the order of the kernel.
 */
static bool may_access(const struct file *file, const struct cred *of, bool dumpable,
		       struct user_namespace *ns)
{
	const struct cred *by = file ? file->f_cred : current_cred();

	if (!same_ids(by, of) && !has_cap(file, of->user_ns))
		return false;
	if (!dumpable && !has_cap(file, ns))
		return false;
	if (by->user_ns == of->user_ns && cap_issubset(of->cap_permitted, by->cap_effective))
		return true;
	return has_cap(file, of->user_ns);
}

/**
 * mmscope_task_visible() - may a process be seen?
 * @task: seen alive in the caller's RCU section, which lasts
 * @mm: its own
 * @file: by who opened it; NULL: by the current thread
 *
 * Return: whether it may.
 */
bool mmscope_task_visible(struct task_struct *task, struct mm_struct *mm, const struct file *file)
{
	const struct cred *of = __task_cred(task);

	/* A task that gives up rights stops being dumpable first: commit_creds(). */
	smp_rmb();
	return may_access(file, of, mmscope_dumpable(task, mm), mmscope_user_ns(task, mm));
}

/*
 * The task that stands for an mm: its owner, or, when nobody uses the mm any more, the process that
 * did, until it is released. Not one that has executed another program meanwhile.
 */
static struct task_struct *find_task(const struct mmscope_mm *m)
{
	struct task_struct *task = mmscope_mm_owner(m->mm);
	struct mm_struct *mm;

	if (task && READ_ONCE(task->mm) == m->mm)
		return task;
	task = m->pid ? pid_task(m->pid, PIDTYPE_TGID) : NULL;
	if (!task || READ_ONCE(task->self_exec_id) != m->exec_id)
		return NULL;
	mm = READ_ONCE(task->mm);
	return !mm || mm == m->mm ? task : NULL;
}

/**
 * mmscope_mm_look() - note who an mm belongs to now
 * @m: if it is dead, what was noted last stays
 */
void mmscope_mm_look(struct mmscope_mm *m)
{
	const struct cred *cred = NULL;
	struct task_struct *task;

	lockdep_assert_held(&mmscope_mms_lock);
	if (!m->mm)
		return;
	rcu_read_lock();
	task = find_task(m);
	if (task) {
		cred = get_task_cred(task);
		/* As in mmscope_task_visible(). */
		smp_rmb();
		WRITE_ONCE(m->dumpable, mmscope_dumpable(task, m->mm));
	} else {
		WRITE_ONCE(m->dumpable, mmscope_left_dumpable(m->mm, m->dumpable));
	}
	rcu_read_unlock();
	if (!cred)
		return;
	put_cred(m->cred);
	WRITE_ONCE(m->cred, cred);
}

/* May records of m be seen, by the calling thread and by who opened the file? */
static bool is_visible(struct mmscope_mm *m, const struct mmscope_reader *r)
{
	bool own = m->mm && m->mm == current->mm;

	mmscope_mm_look(m);
	return (own || may_access(NULL, m->cred, m->dumpable, m->user_ns)) &&
	       (m->id == r->opener || may_access(r->file, m->cred, m->dumpable, m->user_ns));
}

/**
 * mmscope_mm_visible() - may the calling thread see an mm through a file, now?
 * @m: referenced or held
 * @r: the file's reader
 *
 * Return: whether it may.
 */
bool mmscope_mm_visible(struct mmscope_mm *m, const struct mmscope_reader *r)
{
	bool visible;

	mutex_lock(&mmscope_mms_lock);
	visible = is_visible(m, r);
	mutex_unlock(&mmscope_mms_lock);
	return visible;
}

/* May records be seen of a process of which no credentials are known any more? */
static bool sees_all(const struct file *file)
{
	return has_cap(NULL, &init_user_ns) && has_cap(file, &init_user_ns);
}

/**
 * mmscope_id_visible() - the same of the mm with an id, which may be forgotten
 * @id: of a record
 * @r: the file's reader; file->lock is held
 *
 * What is found is kept until the batch that is being made ends: its records were begun before.
 *
 * Return: whether it may be seen.
 */
bool mmscope_id_visible(u32 id, struct mmscope_reader *r)
{
	struct mmscope_sight *sight = &r->sight[id % ARRAY_SIZE(r->sight)];
	struct mmscope_mm *m;

	if (sight->mm == id)
		return sight->visible;
	mutex_lock(&mmscope_mms_lock);
	m = mmscope_mm_known(id);
	sight->visible = m ? is_visible(m, r) : sees_all(r->file);
	mutex_unlock(&mmscope_mms_lock);
	sight->mm = id;
	return sight->visible;
}

/**
 * mmscope_sees_all() - may the calling thread see every mm through a file that is not a reader's?
 * @file: of debugfs
 *
 * Return: whether it may.
 */
bool mmscope_sees_all(const struct file *file)
{
	return sees_all(file);
}
