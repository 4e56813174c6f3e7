// SPDX-License-Identifier: GPL-2.0
/*
 * One record per mm_struct that mapped (or read) the device. It is live while it has VMAs, then
 * idle: still findable, and live again under the same id when the process maps again. When the mm
 * ends, or too many are idle, it is dead: counters only. Idle and dead ones are bounded.
 */
#include <linux/cred.h>
#include <linux/hashtable.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "internal.h"

/* Protects the lists below, every record's listing and state, and log->followers. */
DEFINE_MUTEX(mmscope_mms_lock);

/* All records, in order of ids. */
LIST_HEAD(mmscope_mms);

static DEFINE_HASHTABLE(by_mm, 8);
static DEFINE_HASHTABLE(by_id, 8);
static LIST_HEAD(idle);
static LIST_HEAD(dead);
static unsigned int nr_idle;
static unsigned int nr_dead;

/* How many records there ever were, and what those counted that have left the dead. */
u32 mmscope_nr_mms;
struct mmscope_counts mmscope_gone;

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
	INIT_LIST_HEAD(&m->vmas);
	INIT_LIST_HEAD(&m->queue);
	return m;
}

static struct mmscope_mm *find(struct mm_struct *mm)
{
	struct mmscope_mm *m;

	lockdep_assert_held(&mmscope_mms_lock);
	hash_for_each_possible(by_mm, m, hash, (unsigned long)mm)
		if (m->mm == mm)
			return m;
	return NULL;
}

static void forget_oldest_dead(void)
{
	struct mmscope_mm *m = list_first_entry(&dead, struct mmscope_mm, queue);

	mmscope_counts_add(&mmscope_gone, &m->total);
	list_del(&m->queue);
	list_del(&m->all);
	hash_del(&m->by_id);
	nr_dead--;
	mmscope_mm_put(m);
}

/* Nobody holds it, so nobody records: the counters can be folded and the rings go. */
static void retire(struct mmscope_mm *m)
{
	unsigned int cpu;

	lockdep_assert_held(&mmscope_mms_lock);
	for_each_possible_cpu(cpu) {
		struct mmscope_cpu **c = per_cpu_ptr(m->cpu, cpu);

		if (!*c)
			continue;
		mmscope_counts_add(&m->total, &(*c)->n);
		kfree(*c);
		*c = NULL;
	}
	mmscope_log_put(m->log);
	m->log = NULL;
	mmscope_mm_look(m);
	put_pid(m->pid);
	m->pid = NULL;
	hash_del(&m->hash);
	mmdrop(m->mm);
	m->mm = NULL;
	m->state = MMSCOPE_DEAD;
	list_add_tail(&m->queue, &dead);
	nr_dead++;
	while (nr_dead > mmscope_dead_mms)
		forget_oldest_dead();
}

static void retire_idle(struct mmscope_mm *m)
{
	list_del_init(&m->queue);
	nr_idle--;
	retire(m);
}

/*
 * Too many are idle: the longest first. One that is read stays, or its reader would wait for ever
 * when the process maps again; there are never more of those than open files.
 */
static void trim_idle(void)
{
	struct mmscope_mm *m;
	struct mmscope_mm *next;

	list_for_each_entry_safe(m, next, &idle, queue) {
		if (nr_idle <= mmscope_idle_mms)
			break;
		if (list_empty(&m->log->readers))
			retire_idle(m);
	}
}

/* No hook tells that an idle mm ended. */
static void retire_ended(void)
{
	struct mmscope_mm *m;
	struct mmscope_mm *next;

	list_for_each_entry_safe(m, next, &idle, queue)
		if (!atomic_read(&m->mm->mm_users))
			retire_idle(m);
}

static void hold(struct mmscope_mm *m)
{
	lockdep_assert_held(&mmscope_mms_lock);
	if (!m->holds++ && m->state == MMSCOPE_IDLE) {
		list_del_init(&m->queue);
		nr_idle--;
		m->state = MMSCOPE_LIVE;
	}
}

/**
 * mmscope_mm_hold() - keep an mm's record live
 * @m: held already by somebody who stays
 */
void mmscope_mm_hold(struct mmscope_mm *m)
{
	mutex_lock(&mmscope_mms_lock);
	hold(m);
	mutex_unlock(&mmscope_mms_lock);
}

/**
 * mmscope_mm_release() - give a hold back; after the last one the mm is idle, or dead
 * @m: not to be used by the caller any more
 */
void mmscope_mm_release(struct mmscope_mm *m)
{
	mutex_lock(&mmscope_mms_lock);
	if (!--m->holds) {
		m->state = MMSCOPE_IDLE;
		list_add_tail(&m->queue, &idle);
		nr_idle++;
		if (!atomic_read(&m->mm->mm_users))
			retire_idle(m);
		else
			trim_idle();
	}
	mutex_unlock(&mmscope_mms_lock);
}

/* Of whose mm it is: what is known when it runs, or is attached to. */
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
	/* A child is called as its parent; what its id is we know when it runs. */
	if (parent)
		strscpy(m->comm, parent->comm, sizeof(m->comm));
	m->state = MMSCOPE_LIVE;
	list_add_tail(&m->all, &mmscope_mms);
	hash_add(by_mm, &m->hash, (unsigned long)mm);
	hash_add(by_id, &m->by_id, m->id);
	return true;
}

/**
 * mmscope_mm_find() - the record of an mm_struct, held, if there is one
 * @mm: any
 *
 * Return: record to be given back by mmscope_mm_release(), or NULL.
 */
struct mmscope_mm *mmscope_mm_find(struct mm_struct *mm)
{
	struct mmscope_mm *m;

	mutex_lock(&mmscope_mms_lock);
	m = find(mm);
	if (m)
		hold(m);
	mutex_unlock(&mmscope_mms_lock);
	return m;
}

/**
 * mmscope_mm_known() - the record with an id
 * @id: any
 *
 * The caller holds mmscope_mms_lock.
 *
 * Return: record, valid as long as that lock is held; NULL if there is none any more.
 */
struct mmscope_mm *mmscope_mm_known(u32 id)
{
	struct mmscope_mm *m;

	lockdep_assert_held(&mmscope_mms_lock);
	hash_for_each_possible(by_id, m, by_id, id)
		if (m->id == id)
			return m;
	return NULL;
}

/**
 * mmscope_mm_find_id() - the record with an id, held, if its mm is not dead
 * @id: any
 *
 * Return: record to be given back by mmscope_mm_release(), or NULL.
 */
struct mmscope_mm *mmscope_mm_find_id(u32 id)
{
	struct mmscope_mm *m;

	mutex_lock(&mmscope_mms_lock);
	retire_ended();
	m = mmscope_mm_known(id);
	if (m && m->state == MMSCOPE_DEAD)
		m = NULL;
	if (m)
		hold(m);
	mutex_unlock(&mmscope_mms_lock);
	return m;
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
		retire_ended();
		m = find(mm);
		if (!m && enlist(fresh, mm, task, parent, &log))
			swap(m, fresh);
		if (m)
			hold(m);
		mutex_unlock(&mmscope_mms_lock);
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

/* The first from an id on. Who walks comes from the one before, which may have been forgotten. */
static struct mmscope_mm *first_from(u32 id)
{
	struct mmscope_mm *m = mmscope_mm_known(id);

	if (m)
		return m;
	m = mmscope_mm_known(id - 1);
	if (m)
		return list_is_last(&m->all, &mmscope_mms) ? NULL : list_next_entry(m, all);
	list_for_each_entry(m, &mmscope_mms, all)
		if (m->id >= id)
			return m;
	return NULL;
}

/**
 * mmscope_mm_next() - the first known mm from an id on
 * @id: any
 *
 * Return: record, not held (it may be or become dead), to be given back by mmscope_mm_put(); NULL
 * behind the last.
 */
struct mmscope_mm *mmscope_mm_next(u32 id)
{
	struct mmscope_mm *m;

	mutex_lock(&mmscope_mms_lock);
	retire_ended();
	m = first_from(id);
	if (m)
		kref_get(&m->refs);
	mutex_unlock(&mmscope_mms_lock);
	return m;
}

/**
 * mmscope_mm_exit() - the module goes: no file and no VMA is left
 */
void mmscope_mm_exit(void)
{
	mutex_lock(&mmscope_mms_lock);
	while (!list_empty(&idle))
		retire_idle(list_first_entry(&idle, struct mmscope_mm, queue));
	while (!list_empty(&dead))
		forget_oldest_dead();
	mutex_unlock(&mmscope_mms_lock);
}
