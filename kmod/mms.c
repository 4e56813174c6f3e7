// SPDX-License-Identifier: GPL-2.0
/*
 * All records of mms: found by id and by mm; live, idle or dead. Idle and dead ones are bounded.
 */
#include <linux/rbtree.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "internal.h"

/* Protects the lists below, every record's listing and state, and log->followers. */
DEFINE_MUTEX(mmscope_mms_lock);

/*
 * How many idle mms a call looks at when it tidies up. Each call has other work to do, hence few.
 */
#define PIECE	64

/* All records by id, and by mm those that are not dead. */
static struct rb_root by_id = RB_ROOT;
static struct rb_root by_mm = RB_ROOT;

static LIST_HEAD(idle);
static LIST_HEAD(dead);
static unsigned int nr_idle;
static unsigned int nr_dead;

/* The idle mm to be looked at next, for whether it has ended; NULL: the first of the list. */
static struct mmscope_mm *next_look;

/* Logs without users. To free them takes long, and is done after mmscope_mms_lock. */
static LIST_HEAD(unused_logs);

/* How many records of mms were ever made: the last id. */
u32 mmscope_nr_mms;

/**
 * mmscope_mms_unlock() - the end of a section in which records may have been retired
 */
void mmscope_mms_unlock(void)
{
	struct mmscope_log *log, *next;
	LIST_HEAD(logs);

	list_splice_init(&unused_logs, &logs);
	mutex_unlock(&mmscope_mms_lock);
	list_for_each_entry_safe(log, next, &logs, unused)
		mmscope_log_free(log);
}

static int compare_mm(const void *key, const struct rb_node *node)
{
	const void *mm = rb_entry(node, struct mmscope_mm, by_mm)->mm;

	return key < mm ? -1 : key > mm;
}

static bool is_mm_less(struct rb_node *node, const struct rb_node *than)
{
	return compare_mm(rb_entry(node, struct mmscope_mm, by_mm)->mm, than) < 0;
}

static bool is_id_less(struct rb_node *node, const struct rb_node *than)
{
	return rb_entry(node, struct mmscope_mm, by_id)->id <
	       rb_entry(than, struct mmscope_mm, by_id)->id;
}

static struct mmscope_mm *find(struct mm_struct *mm)
{
	struct rb_node *node;

	lockdep_assert_held(&mmscope_mms_lock);
	node = rb_find(mm, &by_mm, compare_mm);
	return node ? rb_entry(node, struct mmscope_mm, by_mm) : NULL;
}

static void forget_oldest_dead(void)
{
	struct mmscope_mm *m = list_first_entry(&dead, struct mmscope_mm, queue);

	mmscope_mm_forget(m);
	list_del(&m->queue);
	rb_erase(&m->by_id, &by_id);
	nr_dead--;
	mmscope_mm_put(m);
}

static void leave_log(struct mmscope_mm *m)
{
	if (refcount_dec_and_test(&m->log->refs))
		list_add_tail(&m->log->unused, &unused_logs);
	m->log = NULL;
}

/* Nobody holds m, so no hook records in it: its counters are summed up, and its rings are freed. */
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
	leave_log(m);
	mmscope_mm_look(m);
	put_pid(m->pid);
	m->pid = NULL;
	rb_erase(&m->by_mm, &by_mm);
	mmdrop(m->mm);
	m->mm = NULL;
	m->state = MMSCOPE_DEAD;
	list_add_tail(&m->queue, &dead);
	nr_dead++;
	while (nr_dead > mmscope_dead_mms)
		forget_oldest_dead();
}

static void look_behind(struct mmscope_mm *m)
{
	next_look = list_is_last(&m->queue, &idle) ? NULL : list_next_entry(m, queue);
}

static void join_idle(struct mmscope_mm *m)
{
	list_add_tail(&m->queue, &idle);
	nr_idle++;
}

static void leave_idle(struct mmscope_mm *m)
{
	if (m == next_look)
		look_behind(m);
	list_del_init(&m->queue);
	nr_idle--;
}

static void retire_idle(struct mmscope_mm *m)
{
	leave_idle(m);
	retire(m);
}

/*
 * Too many are idle: the longest first. One that is read stays, or its reader would wait for ever
 * when the process maps again: it counts as used now. So there may be as many more as are read,
 * and a few that are behind them.
 */
static void trim_idle(void)
{
	unsigned int n;

	for (n = 0; n < PIECE && nr_idle > mmscope_idle_mms; n++) {
		struct mmscope_mm *m = list_first_entry(&idle, struct mmscope_mm, queue);

		if (m->log->nr_readers) {
			leave_idle(m);
			join_idle(m);
		} else {
			retire_idle(m);
		}
	}
}

static bool has_ended(const struct mmscope_mm *m)
{
	return m->state == MMSCOPE_IDLE && !atomic_read(&m->mm->mm_users);
}

/**
 * mmscope_mms_tidy() - retire idle mms that have ended, which no hook tells
 *
 * Each of them is looked at in its turn. The caller holds mmscope_mms_lock, and gives it back by
 * mmscope_mms_unlock().
 */
void mmscope_mms_tidy(void)
{
	unsigned int n;

	for (n = min(nr_idle, PIECE); n; n--) {
		struct mmscope_mm *m = next_look;

		if (!m)
			m = list_first_entry(&idle, struct mmscope_mm, queue);
		look_behind(m);
		if (has_ended(m))
			retire_idle(m);
	}
}

static void hold(struct mmscope_mm *m)
{
	lockdep_assert_held(&mmscope_mms_lock);
	if (!m->holds++ && m->state == MMSCOPE_IDLE) {
		leave_idle(m);
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
		join_idle(m);
		if (has_ended(m))
			retire_idle(m);
		else
			trim_idle();
	}
	mmscope_mms_unlock();
}

/**
 * mmscope_mms_add() - list a record, held
 * @m: new, with its id and mm
 */
void mmscope_mms_add(struct mmscope_mm *m)
{
	rb_add(&m->by_mm, &by_mm, is_mm_less);
	rb_add(&m->by_id, &by_id, is_id_less);
	hold(m);
}

/**
 * mmscope_mms_get() - the record of an mm_struct, held
 * @mm: any
 *
 * The caller holds mmscope_mms_lock.
 *
 * Return: record to be given back by mmscope_mm_release(), or NULL.
 */
struct mmscope_mm *mmscope_mms_get(struct mm_struct *mm)
{
	struct mmscope_mm *m = find(mm);

	if (m)
		hold(m);
	return m;
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
	m = mmscope_mms_get(mm);
	mutex_unlock(&mmscope_mms_lock);
	return m;
}

/**
 * mmscope_mm_from() - the first known mm from an id on
 * @id: any
 *
 * The caller holds mmscope_mms_lock.
 *
 * Return: record, valid as long as that lock is held; NULL behind the last.
 */
struct mmscope_mm *mmscope_mm_from(u32 id)
{
	struct rb_node *node = by_id.rb_node;
	struct mmscope_mm *found = NULL;

	lockdep_assert_held(&mmscope_mms_lock);
	while (node) {
		struct mmscope_mm *m = rb_entry(node, struct mmscope_mm, by_id);

		if (m->id >= id)
			found = m;
		node = m->id >= id ? node->rb_left : node->rb_right;
	}
	return found;
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
	struct mmscope_mm *m = mmscope_mm_from(id);

	return m && m->id == id ? m : NULL;
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
	m = mmscope_mm_known(id);
	if (m && has_ended(m)) {
		retire_idle(m);
		m = NULL;
	}
	if (m && m->state == MMSCOPE_DEAD)
		m = NULL;
	if (m)
		hold(m);
	mmscope_mms_unlock();
	return m;
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
	mmscope_mms_tidy();
	m = mmscope_mm_from(id);
	if (m && has_ended(m)) {
		retire_idle(m);
		/* When dead_mms is 0 its record is gone now. */
		m = mmscope_mm_from(id);
	}
	if (m)
		kref_get(&m->refs);
	mmscope_mms_unlock();
	return m;
}

/**
 * mmscope_mm_exit() - the module goes: no file and no VMA is left
 */
void mmscope_mm_exit(void)
{
	mutex_lock(&mmscope_mms_lock);
	while (!list_empty(&idle)) {
		retire_idle(list_first_entry(&idle, struct mmscope_mm, queue));
		cond_resched();
	}
	while (!list_empty(&dead)) {
		forget_oldest_dead();
		cond_resched();
	}
	mmscope_mms_unlock();
}
