// SPDX-License-Identifier: GPL-2.0
/*
 * Making a batch of records for a reader: the rings merged in order. Copy a record, then look
 * whether the writer has come round meanwhile; if so, discard the copy and count what was missed.
 */
#include <linux/ktime.h>
#include <linux/sched/signal.h>

#include "internal.h"

/* When a batch was begun: the last number that was given, and the time. */
struct limit {
	u32 seq;
	u64 time_ns;
};

/*
 * Put a LOST record: count records are missing in front of place, or, with the flag for dropped
 * ones, somewhere near it.
 */
static void put_lost(struct mmscope_reader *r, unsigned int *n, u64 count,
		     const struct mmscope_event *place, int cpu, u32 flags)
{
	r->buffer[(*n)++] = (struct mmscope_event) {
		.time_ns = place->time_ns, .seq = place->seq, .type = MMSCOPE_LOST,
		.flags = flags, .cpu = cpu, .count = count,
	};
}

/*
 * Records that found no memory have no place in the log: their LOST record comes at the end of the
 * batch.
 */
static void put_dropped(struct mmscope_reader *r, unsigned int *n, const struct limit *limit)
{
	u64 dropped = mmscope_reader_dropped(r) - r->total.dropped;
	struct mmscope_event now = { .seq = limit->seq, .time_ns = limit->time_ns };

	if (!dropped)
		return;
	r->batch.dropped = dropped;
	put_lost(r, n, dropped, *n ? &r->buffer[*n - 1] : &now, -1, MMSCOPE_F_DROPPED);
}

/*
 * Does the record at pos belong to a later batch? What was published before this one was begun
 * does not, whatever its CPU's clock said. What has an earlier number does not either, however late
 * its time: records of a later number may be in this batch.
 */
static bool is_later(const struct mmscope_cursor *c, u64 pos, const struct mmscope_event *e,
		     const struct limit *limit)
{
	s32 after = e->seq - limit->seq;

	return pos >= c->sure && (after > 0 || (!after && e->time_ns > limit->time_ns));
}

/*
 * Get a ring's next record into c->front, and into c->gap how many were overwritten before it; or
 * find that there is none for this batch.
 */
static void load(struct mmscope_reader *r, int cpu, const struct limit *limit)
{
	struct mmscope_ring *ring = r->log->ring[cpu];
	struct mmscope_cursor *c = &r->cursor[cpu];
	u64 first;

	while (c->next < c->head) {
		/* The writer may overwrite it while we copy; then the copy is not used. */
		data_race(c->front = ring->event[c->next & (mmscope_events - 1)]);
		/* Pairs with the barrier in log.c, reserve(). */
		smp_rmb();
		first = mmscope_ring_oldest(ring);
		if (likely(first <= c->next)) {
			c->loaded = !is_later(c, c->next, &c->front, limit);
			break;
		}
		c->gap += first - c->next;
		c->next = first;
	}
	if (!c->loaded)
		c->head = c->next;
}

/* Tells the records missing before c->front, which comes next. */
static void put_gap(struct mmscope_reader *r, unsigned int *n, int cpu)
{
	struct mmscope_cursor *c = &r->cursor[cpu];

	put_lost(r, n, c->gap, &c->front, cpu, 0);
	r->batch.lost += c->gap;
	c->gap = 0;
}

static bool earlier(const struct mmscope_event *a, const struct mmscope_event *b)
{
	return a->seq == b->seq ? a->time_ns < b->time_ns : (s32)(a->seq - b->seq) < 0;
}

/* The CPU with the earliest record, or -1. */
static int pick(struct mmscope_reader *r, const struct limit *limit)
{
	int best = -1;
	unsigned int i;

	for (i = 0; i < r->nr_active; i++) {
		int cpu = r->active[i];
		struct mmscope_cursor *c = &r->cursor[cpu];

		if (!c->loaded)
			load(r, cpu, limit);
		if (c->loaded && (best < 0 || earlier(&c->front, &r->cursor[best].front)))
			best = cpu;
	}
	return best;
}

static void activate(struct mmscope_reader *r, struct limit *limit)
{
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct mmscope_ring *ring = READ_ONCE(r->log->ring[cpu]);

		r->cursor[cpu].sure = ring ? mmscope_ring_head(ring) : 0;
	}
	limit->seq = atomic_read(&r->log->seq);
	limit->time_ns = ktime_get_ns();
	/* Pairs with the one in log.c, reserve(). */
	smp_mb();
	r->nr_active = 0;
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct mmscope_ring *ring = READ_ONCE(r->log->ring[cpu]);
		struct mmscope_cursor *c = &r->cursor[cpu];

		c->head = ring ? mmscope_ring_settle(ring) : 0;
		if (c->next < c->head)
			r->active[r->nr_active++] = cpu;
	}
}

/* A record of another mm is skipped; one that the reader may not see is withheld too. */
static bool is_for(struct mmscope_reader *r, const struct mmscope_event *e)
{
	if (!r->follow && e->mm != r->mm)
		return false;
	if (!r->file || likely(mmscope_id_visible(e->mm, r)))
		return true;
	r->batch.withheld++;
	return false;
}

/* Keep of n records what is for this batch and this reader. Returns how many. */
static unsigned int keep(struct mmscope_reader *r, struct mmscope_cursor *c,
			 struct mmscope_event *e, unsigned int n, const struct limit *limit)
{
	unsigned int kept = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (is_later(c, c->next + i, &e[i], limit)) {
			c->head = c->next + i;
			break;
		}
		if (!is_for(r, &e[i]))
			continue;
		if (kept < i)
			e[kept] = e[i];
		kept++;
	}
	c->next += i;
	r->batch.delivered += kept;
	r->batch.skipped += i - kept;
	return kept;
}

/* Records that are skipped may be many more than fit into a batch. */
static bool may_go_on(void)
{
	cond_resched();
	return !fatal_signal_pending(current);
}

/* Only one ring has records, and these are in order: copy as many as are in one piece. */
static void take_run(struct mmscope_reader *r, unsigned int *n, unsigned int max,
		     const struct limit *limit)
{
	int cpu = r->active[0];
	struct mmscope_ring *ring = r->log->ring[cpu];
	struct mmscope_cursor *c = &r->cursor[cpu];

	/* The record that merge() has loaded, and had no room for, is copied again. */
	c->loaded = false;
	while (*n < max && c->next < c->head && may_go_on()) {
		u64 place = c->next & (mmscope_events - 1);
		u64 run = min3(c->head - c->next, (u64)max - *n, mmscope_events - place);
		struct mmscope_event *e = &r->buffer[*n];

		/* As in load(): what was overwritten meanwhile is not used. */
		data_race(memcpy(e, &ring->event[place], run * sizeof(*e)));
		/* Pairs with the barrier in log.c, reserve(). */
		smp_rmb();
		if (likely(mmscope_ring_oldest(ring) <= c->next)) {
			*n += keep(r, c, e, run, limit);
			continue;
		}
		load(r, cpu, limit);
		if (c->loaded)
			put_gap(r, n, cpu);
		c->loaded = false;
	}
}

static void merge(struct mmscope_reader *r, unsigned int *n, unsigned int max,
		  const struct limit *limit)
{
	while (*n < max) {
		int cpu = pick(r, limit);
		struct mmscope_cursor *c = &r->cursor[cpu];

		if (cpu < 0)
			break;
		if (c->gap) {
			put_gap(r, n, cpu);
			continue;
		}
		c->next++;
		c->loaded = false;
		if (is_for(r, &c->front)) {
			r->buffer[(*n)++] = c->front;
			r->batch.delivered++;
			continue;
		}
		r->batch.skipped++;
		if (!may_go_on())
			break;
	}
}

/**
 * mmscope_reader_fill() - make a batch
 * @r: attached; file->lock is held
 * @max: records wanted, at least 1
 *
 * All batches together are in order of (seq, time). A record gets its number and time while it is
 * being written, and others may be written and published meanwhile, with later ones: by other mms
 * of a followed family, or by faults under the VMA lock. So a batch takes what is not later than
 * its beginning, and waits for what had been begun by then. The rest is for the next batch.
 *
 * Return: records in @r->buffer; 0 if nothing (more) is there. mmscope_reader_commit() comes next.
 */
unsigned int mmscope_reader_fill(struct mmscope_reader *r, unsigned int max)
{
	struct limit limit;
	unsigned int n = 0;

	max = min(max, MMSCOPE_BATCH);
	activate(r, &limit);
	/*
	 * What the reader may see was found out for the batch before. It is forgotten only now,
	 * when all records of this batch have been begun.
	 */
	memset(r->sight, 0, sizeof(r->sight));
	if (r->nr_active == 1)
		take_run(r, &n, max, &limit);
	else
		merge(r, &n, max, &limit);
	if (n < max)
		put_dropped(r, &n, &limit);
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

		/* A gap that no LOST record has told yet is found again by the next batch. */
		c->next = delivered ? c->next - c->gap : c->done;
		if (!delivered || c->gap)
			c->loaded = false;
		c->gap = 0;
		WRITE_ONCE(c->done, c->next);
	}
	if (delivered) {
		r->total.delivered += r->batch.delivered;
		r->total.lost += r->batch.lost;
		r->total.dropped += r->batch.dropped;
		r->total.skipped += r->batch.skipped;
		r->total.withheld += r->batch.withheld;
	}
	memset(&r->batch, 0, sizeof(r->batch));
}
