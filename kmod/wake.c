// SPDX-License-Identifier: GPL-2.0
/*
 * Waking the readers of a log: few of them where a fault waits for it, the others by a work item.
 */
#include <linux/poll.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "internal.h"

/* Readers that are woken while others wait. */
#define WAKE_AT_ONCE	16

static struct workqueue_struct *wakers;

/* Returns whether there are more. */
static bool wake_some(struct mmscope_log *log, struct list_head *waiting)
{
	unsigned int n;
	bool more;

	spin_lock(&log->lock);
	for (n = 0; n < WAKE_AT_ONCE && !list_empty(waiting); n++) {
		struct mmscope_reader *r = list_first_entry(waiting, struct mmscope_reader, node);

		list_del_init(&r->node);
		wake_up_interruptible_poll(&r->wait, EPOLLIN | EPOLLRDNORM);
	}
	more = !list_empty(waiting);
	spin_unlock(&log->lock);
	return more;
}

/**
 * mmscope_wake_rest() - wake those for whom whoever recorded had no time
 * @work: of a log, which it has a reference of
 *
 * These are all that wait when this begins. Those who come to wait again are for the next time.
 */
void mmscope_wake_rest(struct work_struct *work)
{
	struct mmscope_log *log = container_of(work, struct mmscope_log, wake);
	LIST_HEAD(waiting);

	spin_lock(&log->lock);
	list_splice_init(&log->waiting, &waiting);
	spin_unlock(&log->lock);
	while (wake_some(log, &waiting))
		cond_resched();
	mmscope_log_put(log);
}

/**
 * mmscope_wake_readers() - a ring has the record that readers wanted to be woken by
 * @log: held by the caller
 * @ring: this CPU's part of it, when the record was written
 */
void mmscope_wake_readers(struct mmscope_log *log, struct mmscope_ring *ring)
{
	/*
	 * Disarm before waking: whoever arms between the two is on its wait queue already, is
	 * woken too, and arms again.
	 */
	WRITE_ONCE(ring->wake_at, U64_MAX);
	/* Pairs with the one in reader.c, arm(). */
	smp_mb();
	if (!wake_some(log, &log->waiting))
		return;
	refcount_inc(&log->refs);
	if (!queue_work(wakers, &log->wake))
		mmscope_log_put(log);
}

/**
 * mmscope_wake_init() - readers may be woken
 *
 * Return: 0 or -ENOMEM.
 */
int mmscope_wake_init(void)
{
	wakers = alloc_workqueue("mmscope", WQ_UNBOUND, 0);
	return wakers ? 0 : -ENOMEM;
}

/**
 * mmscope_wake_exit() - no log is read any more
 */
void mmscope_wake_exit(void)
{
	destroy_workqueue(wakers);
}
