// SPDX-License-Identifier: GPL-2.0
/*
 * One record per mm_struct that mapped (or read) the device. It is live while it has VMAs, then
 * idle: still findable, and live again under the same id when the process maps again. When the mm
 * ends, or too many are idle, it is dead: counters only. mms.c has all of them.
 */
#include <linux/cred.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "internal.h"

static void free_record(struct kref *refs)
{
	struct mmscope_mm *m = container_of(refs, struct mmscope_mm, refs);

	if (m->user_ns)
		put_user_ns(m->user_ns);
	put_cred(m->cred);
	put_pid(m->pid);
	free_percpu(m->cpu);
	kfree(m);
}

/**
 * mmscope_mm_put() - give back what mmscope_mm_next() gave
 * @m: only its constant members and those under m->lock were used
 */
void mmscope_mm_put(struct mmscope_mm *m)
{
	kref_put(&m->refs, free_record);
}

static struct mmscope_mm *create(void)
{
	struct mmscope_mm *m = kzalloc(sizeof(*m), GFP_KERNEL_ACCOUNT);

	if (!m)
		return NULL;
	m->cpu = alloc_percpu_gfp(struct mmscope_cpu *, GFP_KERNEL_ACCOUNT);
	if (!m->cpu) {
		kfree(m);
		return NULL;
	}
	kref_init(&m->refs);
	mutex_init(&m->lock);
	m->vmas = RB_ROOT;
	INIT_LIST_HEAD(&m->queue);
	return m;
}

/* The process that the mm belongs to: known when it runs, or is attached to. */
static void set_process(struct mmscope_mm *m, struct task_struct *task)
{
	put_pid(m->pid);
	m->pid = get_pid(task_tgid(task));
	m->exec_id = task->self_exec_id;
	m->tgid = task->tgid;
}

/*
 * What the task knows of its mm: the namespace, the family that it belongs to, its name. Returns
 * false if the task is gone, and with it what it pointed to: see internal.h.
 */
static bool describe(struct mmscope_mm *m, struct mm_struct *mm, struct task_struct *task,
		     struct mmscope_mm *parent)
{
	bool alive;

	rcu_read_lock();
	alive = pid_alive(task);
	if (alive) {
		m->user_ns = get_user_ns(parent ? parent->user_ns : mmscope_user_ns(task, mm));
		m->cred = get_task_cred(task);
		/* As in mmscope_task_visible(). */
		smp_rmb();
		m->dumpable = mmscope_dumpable(task, parent ? parent->mm : mm);
		m->log = mmscope_family_find(task, mm, parent);
		if (!parent)
			set_process(m, task);
		/* A thread that executes a program becomes the leader, and the old one goes. */
		get_task_comm(m->comm, READ_ONCE(task->group_leader));
	}
	rcu_read_unlock();
	return alive;
}

/* Returns false if the task is gone. */
static bool enlist(struct mmscope_mm *m, struct mm_struct *mm, struct task_struct *task,
		   struct mmscope_mm *parent, struct mmscope_log **log)
{
	if (!describe(m, mm, task, parent))
		return false;
	m->id = ++mmscope_nr_mms;
	m->parent = parent ? parent->id : 0;
	mmgrab(mm);
	m->mm = mm;
	if (m->log) {
		refcount_inc(&m->log->refs);
	} else {
		(*log)->owner = m->id;
		swap(m->log, *log);
	}
	m->family = m->log->owner;
	/* A forked child has its parent's name; its pid is known when it runs. */
	if (parent)
		strscpy(m->comm, parent->comm, sizeof(m->comm));
	m->state = MMSCOPE_LIVE;
	mmscope_mms_add(m);
	return true;
}

/**
 * mmscope_mm_get() - the record of an mm_struct, held; made if need be
 * @mm: referenced by the caller, its mm_users not 0
 * @task: a task of @mm; with @parent, the one that forks it
 * @parent: the mm it is forked from, held, or NULL
 *
 * Return: record to be given back by mmscope_mm_release(), or NULL: without memory, or if the task
 * is gone, which pid_alive() tells.
 */
struct mmscope_mm *mmscope_mm_get(struct mm_struct *mm, struct task_struct *task,
				  struct mmscope_mm *parent)
{
	struct mmscope_mm *m = mmscope_mm_find(mm);
	struct mmscope_log *log;
	struct mmscope_mm *fresh;

	if (m)
		return m;
	fresh = create();
	log = mmscope_log_create();
	if (fresh && log) {
		mutex_lock(&mmscope_mms_lock);
		mmscope_mms_tidy();
		m = mmscope_mms_get(mm);
		if (!m && enlist(fresh, mm, task, parent, &log))
			swap(m, fresh);
		mmscope_mms_unlock();
	}
	if (fresh)
		mmscope_mm_put(fresh);
	if (log)
		mmscope_log_put(log);
	return m;
}

/**
 * mmscope_mm_name() - note and record the name of an mm's process, once it runs here
 * @m: held
 */
void mmscope_mm_name(struct mmscope_mm *m)
{
	struct mmscope_event e = { .type = MMSCOPE_NAME };

	if (current->mm != m->mm || xchg(&m->named, true))
		return;
	mutex_lock(&mmscope_mms_lock);
	set_process(m, current);
	mmscope_mm_look(m);
	get_task_comm(m->comm, current->group_leader);
	e.tgid = m->tgid;
	e.parent_mm = m->parent;
	strscpy(e.text, m->comm, sizeof(e.text));
	mutex_unlock(&mmscope_mms_lock);
	mmscope_record(m, &e, 0);
}

/**
 * mmscope_mm_note() - note who an mm belongs to, since that has changed
 * @m: held
 */
void mmscope_mm_note(struct mmscope_mm *m)
{
	mutex_lock(&mmscope_mms_lock);
	mmscope_mm_look(m);
	mutex_unlock(&mmscope_mms_lock);
}
