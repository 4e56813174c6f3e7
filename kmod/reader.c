// SPDX-License-Identifier: GPL-2.0
/*
 * A reader's place in a log. Writers never wait and know nothing of readers, except that a ring's
 * wake_at asks them to wake us. batch.c does the reading.
 */
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "internal.h"

static void free_arrays(struct mmscope_reader *r)
{
	kvfree(r->cursor);
	kvfree(r->active);
	kvfree(r->buffer);
}

/**
 * mmscope_reader_init() - a reader of no log yet
 * @r: zeroed
 * @file: whose it is; NULL if it never follows
 *
 * Return: 0 or -ENOMEM. mmscope_reader_attach() comes next.
 */
int mmscope_reader_init(struct mmscope_reader *r, const struct file *file)
{
	r->file = file;
	r->watermark = 1;
	spin_lock_init(&r->lock);
	init_waitqueue_head(&r->wait);
	INIT_LIST_HEAD(&r->node);
	r->cursor = kvcalloc(nr_cpu_ids, sizeof(*r->cursor), GFP_KERNEL_ACCOUNT);
	r->active = kvcalloc(nr_cpu_ids, sizeof(*r->active), GFP_KERNEL_ACCOUNT);
	r->buffer = kvcalloc(MMSCOPE_BATCH, sizeof(*r->buffer), GFP_KERNEL_ACCOUNT);
	if (r->cursor && r->active && r->buffer)
		return 0;
	free_arrays(r);
	return -ENOMEM;
}

/* Leave r->log, whose reference is kept. The caller holds r->lock, or is the only user of r. */
static void leave(struct mmscope_reader *r)
{
	lockdep_assert_held(&mmscope_mms_lock);
	if (!r->log)
		return;
	if (r->leader)
		mmscope_family_leave(r);
	if (r->follow)
		r->log->followers--;
	r->log->nr_readers--;
	put_pid(r->leader);
	r->leader = NULL;
	spin_lock(&r->log->lock);
	list_del_init(&r->node);
	spin_unlock(&r->log->lock);
}

/* Join the readers of r->log. */
static void join(struct mmscope_reader *r)
{
	lockdep_assert_held(&mmscope_mms_lock);
	if (r->follow)
		r->log->followers++;
	r->log->nr_readers++;
	if (r->leader)
		mmscope_family_join(r);
}

/**
 * mmscope_reader_destroy() - end of a reader
 * @r: initialised, attached or not; nobody else uses it
 */
void mmscope_reader_destroy(struct mmscope_reader *r)
{
	mutex_lock(&mmscope_mms_lock);
	leave(r);
	mutex_unlock(&mmscope_mms_lock);
	if (r->log)
		mmscope_log_put(r->log);
	free_arrays(r);
}

static void place_cursors(struct mmscope_reader *r, bool now)
{
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct mmscope_ring *ring = READ_ONCE(r->log->ring[cpu]);
		struct mmscope_cursor *c = &r->cursor[cpu];

		c->start = 0;
		if (ring)
			c->start = now ? mmscope_ring_head(ring) : mmscope_ring_oldest(ring);
		WRITE_ONCE(c->done, c->start);
		c->next = c->start;
		c->gap = 0;
		c->loaded = false;
	}
	r->start_dropped = atomic64_read(&r->log->dropped);
	memset(&r->total, 0, sizeof(r->total));
	memset(&r->batch, 0, sizeof(r->batch));
}

/**
 * mmscope_reader_attach() - read the log of an mm from now on
 * @r: file->lock is held; attached elsewhere, or not yet
 * @m: held by the caller, so that it has a log
 * @flags: MMSCOPE_ATTACH_*
 * @leader: with FOLLOW, process whose descendants are followed, referenced, or NULL; taken over
 * @watermark: for poll
 *
 * Return: 0, or -EUSERS, and nothing has changed.
 */
int mmscope_reader_attach(struct mmscope_reader *r, struct mmscope_mm *m, u32 flags,
			  struct pid *leader, u32 watermark)
{
	struct mmscope_log *old = r->log;

	mutex_lock(&mmscope_mms_lock);
	if (leader && mmscope_family_is_full(leader, r)) {
		mutex_unlock(&mmscope_mms_lock);
		put_pid(leader);
		return -EUSERS;
	}
	refcount_inc(&m->log->refs);
	spin_lock(&r->lock);
	leave(r);
	r->log = m->log;
	r->mm = m->id;
	r->follow = flags & MMSCOPE_ATTACH_FOLLOW;
	r->leader = leader;
	r->watermark = watermark;
	place_cursors(r, flags & MMSCOPE_ATTACH_NOW);
	spin_unlock(&r->lock);
	join(r);
	mutex_unlock(&mmscope_mms_lock);
	if (old)
		mmscope_log_put(old);
	/* A thread that sleeps on r->wait waits for the old log. */
	wake_up_interruptible(&r->wait);
	return 0;
}

/**
 * mmscope_reader_last() - start so that at most so many records per CPU are read
 * @r: just attached
 * @records: how many
 */
void mmscope_reader_last(struct mmscope_reader *r, u64 records)
{
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct mmscope_ring *ring = READ_ONCE(r->log->ring[cpu]);
		struct mmscope_cursor *c = &r->cursor[cpu];
		u64 head = ring ? mmscope_ring_head(ring) : 0;

		if (head > c->start + records)
			c->start = head - records;
		c->done = c->start;
		c->next = c->start;
	}
}

/**
 * mmscope_reader_unread() - how many records wait
 * @r: attached; file->lock or r->lock is held
 *
 * Return: records; more may come at any time.
 */
u64 mmscope_reader_unread(const struct mmscope_reader *r)
{
	unsigned int cpu;
	u64 n = 0;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct mmscope_ring *ring = READ_ONCE(r->log->ring[cpu]);

		if (ring)
			n += mmscope_ring_head(ring) - READ_ONCE(r->cursor[cpu].done);
	}
	return n;
}

/*
 * Ask the writers to wake us when `missing` more records may be there: each ring after its share,
 * so that they may be fewer, and we ask again. A ring that does not exist yet wakes with its
 * first record.
 */
static void arm(struct mmscope_reader *r, u64 missing)
{
	unsigned int cpu;

	spin_lock(&r->log->lock);
	if (list_empty(&r->node))
		list_add_tail(&r->node, &r->log->waiting);
	spin_unlock(&r->log->lock);
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct mmscope_ring *ring = READ_ONCE(r->log->ring[cpu]);
		u64 at, old;

		if (!ring)
			continue;
		at = READ_ONCE(ring->head) + max(div_u64(missing, nr_cpu_ids), 1ULL) - 1;
		old = READ_ONCE(ring->wake_at);
		while (at < old && !try_cmpxchg(&ring->wake_at, &old, at))
			;
	}
	/* Pairs with those in log.c, reserve(), and wake.c, mmscope_wake_readers(). */
	smp_mb();
	/* A writer that did not see wake_at does not wake us: wait until its record is there. */
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct mmscope_ring *ring = READ_ONCE(r->log->ring[cpu]);

		if (ring)
			mmscope_ring_settle(ring);
	}
}

/**
 * mmscope_reader_ready() - is there enough to read? If not, be woken when there may be
 * @r: attached; no lock needed. The caller is on @r->wait already, or asks again when it is.
 * @records: how many are enough
 *
 * Return: whether there are as many.
 */
bool mmscope_reader_ready(struct mmscope_reader *r, u64 records)
{
	u64 n;

	spin_lock(&r->lock);
	n = mmscope_reader_unread(r);
	if (n < records) {
		arm(r, records - n);
		n = mmscope_reader_unread(r);
	}
	spin_unlock(&r->lock);
	return n >= records;
}

/**
 * mmscope_reader_info() - where a reader stands
 * @r: attached; file->lock is held
 * @info: its members from produced on, and mm, are filled
 */
void mmscope_reader_info(struct mmscope_reader *r, struct mmscope_info *info)
{
	unsigned int cpu;

	info->mm = r->mm;
	info->dropped = mmscope_reader_dropped(r);
	info->produced = info->dropped;
	info->unread = 0;
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct mmscope_ring *ring = READ_ONCE(r->log->ring[cpu]);
		u64 head = ring ? mmscope_ring_head(ring) : 0;

		info->produced += head - r->cursor[cpu].start;
		info->unread += head - r->cursor[cpu].done;
	}
	info->delivered = r->total.delivered;
	info->lost = r->total.lost;
	info->skipped = r->total.skipped;
	info->withheld = r->total.withheld;
}
