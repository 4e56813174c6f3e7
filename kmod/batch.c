// SPDX-License-Identifier: GPL-2.0
/*
 * Making a batch of records for a reader: the rings merged in order. Copy a record, then look
 * whether the writer has come round meanwhile; if so, discard the copy and count what was missed.
 */
#include "internal.h"

static void put(struct mmscope_reader *r, unsigned int *n, const struct mmscope_event *e)
{
	r->buffer[(*n)++] = *e;
	r->last.time_ns = e->time_ns;
	r->last.seq = e->seq;
}

/* A LOST record, at the place of the last one delivered. */
static void put_lost(struct mmscope_reader *r, unsigned int *n, u64 count, int cpu, u32 flags)
{
	struct mmscope_event e = {
		.time_ns = r->last.time_ns, .seq = r->last.seq, .type = MMSCOPE_LOST,
		.flags = flags, .cpu = cpu, .count = count,
	};

	put(r, n, &e);
}

static void put_dropped(struct mmscope_reader *r, unsigned int *n)
{
	u64 dropped = mmscope_reader_dropped(r) - r->total.dropped;

	if (!dropped)
		return;
	r->batch.dropped = dropped;
	put_lost(r, n, dropped, -1, MMSCOPE_F_DROPPED);
}

/*
 * Get a ring's next record into c->front; or say that some were lost; or find that the rest is
 * behind the limit (see mmscope_reader_fill()). The batch has room for one record.
 */
static void load(struct mmscope_reader *r, unsigned int *n, int cpu, u32 limit)
{
	struct mmscope_ring *ring = r->log->ring[cpu];
	struct mmscope_cursor *c = &r->cursor[cpu];
	u64 first;

	/* The writer may overwrite it while we copy; resv tells, and then the copy is not used. */
	data_race(c->front = ring->event[c->next & (mmscope_events - 1)]);
	/* Pairs with smp_wmb() in log.c, store(). */
	smp_rmb();
	first = mmscope_ring_oldest(ring);
	if (unlikely(first > c->next)) {
		r->batch.lost += first - c->next;
		put_lost(r, n, first - c->next, cpu, 0);
		c->next = first;
	} else if ((s32)(c->front.seq - limit) > 0) {
		c->head = c->next;
	} else {
		c->loaded = true;
	}
}

static bool earlier(const struct mmscope_event *a, const struct mmscope_event *b)
{
	return a->seq == b->seq ? a->time_ns < b->time_ns : (s32)(a->seq - b->seq) < 0;
}

/* The ring with the earliest record; NULL if there is none, or no room to find out. */
static struct mmscope_cursor *pick(struct mmscope_reader *r, unsigned int *n, unsigned int max,
				   u32 limit)
{
	struct mmscope_cursor *best = NULL;
	unsigned int i;

	for (i = 0; i < r->nr_active; i++) {
		struct mmscope_cursor *c = &r->cursor[r->active[i]];

		while (!c->loaded && c->next < c->head && *n < max)
			load(r, n, r->active[i], limit);
		if (c->loaded && (!best || earlier(&c->front, &best->front)))
			best = c;
	}
	return *n < max ? best : NULL;
}

static void activate(struct mmscope_reader *r)
{
	unsigned int cpu;

	r->nr_active = 0;
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct mmscope_ring *ring = READ_ONCE(r->log->ring[cpu]);
		struct mmscope_cursor *c = &r->cursor[cpu];

		c->head = ring ? mmscope_ring_head(ring) : 0;
		if (c->next < c->head)
			r->active[r->nr_active++] = cpu;
	}
}

/**
 * mmscope_reader_fill() - make a batch
 * @r: attached; file->lock is held
 * @max: records wanted, at least 1
 *
 * The batch is in order of (seq, time). mmap_lock serialises structural records of an mm, so the
 * one with number N is published before N + 1 is drawn: what carries a number up to the one that
 * is read here before the heads are, has all its predecessors below the heads. The rest waits.
 *
 * Return: records in @r->buffer; 0 if nothing (more) is there. mmscope_reader_commit() comes next.
 */
unsigned int mmscope_reader_fill(struct mmscope_reader *r, unsigned int max)
{
	u32 limit = atomic_read_acquire(&r->log->seq);
	struct mmscope_cursor *c;
	unsigned int n = 0;

	max = min(max, MMSCOPE_BATCH);
	activate(r);
	put_dropped(r, &n);
	while ((c = pick(r, &n, max, limit))) {
		if (r->follow || c->front.mm == r->mm) {
			put(r, &n, &c->front);
			r->batch.delivered++;
		} else {
			r->batch.skipped++;
		}
		c->next++;
		c->loaded = false;
	}
	return n;
}

/**
 * mmscope_reader_commit() - the batch is delivered, or was not
 * @r: after mmscope_reader_fill()
 * @delivered: if not, the next batch begins where this one did
 */
void mmscope_reader_commit(struct mmscope_reader *r, bool delivered)
{
	unsigned int i;

	for (i = 0; i < r->nr_active; i++) {
		struct mmscope_cursor *c = &r->cursor[r->active[i]];

		if (delivered) {
			WRITE_ONCE(c->done, c->next);
		} else {
			c->next = c->done;
			c->loaded = false;
		}
	}
	if (delivered) {
		r->total.delivered += r->batch.delivered;
		r->total.lost += r->batch.lost;
		r->total.dropped += r->batch.dropped;
		r->total.skipped += r->batch.skipped;
	}
	memset(&r->batch, 0, sizeof(r->batch));
}
