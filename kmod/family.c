// SPDX-License-Identifier: GPL-2.0
/*
 * Which mms record together because somebody follows them: as with perf's inherit, by descent,
 * across fork and exec. Who reads what of it is another question: access.c.
 */
#include <linux/capability.h>
#include <linux/rbtree.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "internal.h"

/* How many ancestors of a task are searched for a process that is followed. */
#define GENERATIONS	256

/* How many files may follow the descendants of one process without CAP_SYS_RESOURCE. */
#define FOLLOWERS	64

/*
 * The readers that follow a leader, sorted by leader; those of one leader are in the order in which
 * they began.
 */
static struct rb_root followers = RB_ROOT;

/* Numbers the readers as they begin to follow: the lower number began first. */
static u64 nr_came;

static int compare_leader(const void *key, const struct rb_node *node)
{
	const void *leader = rb_entry(node, struct mmscope_reader, follow_node)->leader;

	return key < leader ? -1 : key > leader;
}

static bool is_leader_less(struct rb_node *node, const struct rb_node *than)
{
	return compare_leader(rb_entry(node, struct mmscope_reader, follow_node)->leader, than) < 0;
}

/**
 * mmscope_family_join() - a reader's log shall be that of its leader's descendants
 * @r: has a leader, and follows nobody
 */
void mmscope_family_join(struct mmscope_reader *r)
{
	lockdep_assert_held(&mmscope_mms_lock);
	r->came = ++nr_came;
	rb_add(&r->follow_node, &followers, is_leader_less);
}

/**
 * mmscope_family_leave() - it shall be no more
 * @r: after mmscope_family_join()
 */
void mmscope_family_leave(struct mmscope_reader *r)
{
	lockdep_assert_held(&mmscope_mms_lock);
	rb_erase(&r->follow_node, &followers);
}

/**
 * mmscope_family_is_full() - do as many follow a process as may?
 * @leader: the process
 * @r: whoever wants to, who does not count
 *
 * Return: whether they do. Each of them is asked about each new mm.
 */
bool mmscope_family_is_full(struct pid *leader, const struct mmscope_reader *r)
{
	unsigned int n = 0;
	struct rb_node *node;

	lockdep_assert_held(&mmscope_mms_lock);
	rb_for_each(node, leader, &followers, compare_leader) {
		n += rb_entry(node, struct mmscope_reader, follow_node) != r;
		if (n == FOLLOWERS)
			return !capable(CAP_SYS_RESOURCE);
	}
	return false;
}

/* The first of the readers that follow this leader and may see the task; NULL if there is none. */
static struct mmscope_reader *find_follower(struct pid *leader, struct task_struct *task,
					    struct mm_struct *mm)
{
	struct rb_node *node;

	rb_for_each(node, leader, &followers, compare_leader) {
		struct mmscope_reader *r = rb_entry(node, struct mmscope_reader, follow_node);

		if (mmscope_task_visible(task, mm, r->file))
			return r;
	}
	return NULL;
}

/*
 * The first of the readers that follow any ancestor of the task. The RCU section keeps the
 * ancestors: see internal.h.
 */
static struct mmscope_reader *find_first(struct task_struct *task, struct mm_struct *mm)
{
	struct mmscope_reader *first = NULL;
	struct task_struct *by = task;
	unsigned int n;

	for (n = 0; n <= GENERATIONS && !is_global_init(by) && by->pid; n++) {
		struct mmscope_reader *r = find_follower(task_tgid(by), task, mm);

		if (r && (!first || r->came < first->came))
			first = r;
		by = rcu_dereference(by->real_parent);
	}
	return first;
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
	struct mmscope_reader *first;

	lockdep_assert_held(&mmscope_mms_lock);
	if (parent && parent->log->followers)
		return parent->log;
	if (RB_EMPTY_ROOT(&followers))
		return NULL;
	first = find_first(task, mm);
	return first ? first->log : NULL;
}
