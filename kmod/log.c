// SPDX-License-Identifier: GPL-2.0
/*
 * Writing the log. Each CPU writes a ring of its own, so that recording a fault touches no line
 * that another CPU writes. The oldest records are overwritten; readers find out by themselves.
 */
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "internal.h"
#include "trace.h"

/**
 * mmscope_log_create() - an empty log
 *
 * Return: the log, referenced once, or NULL without memory. Rings come with the first records.
 */
struct mmscope_log *mmscope_log_create(void)
{
	struct mmscope_log *log = kzalloc(struct_size(log, ring, nr_cpu_ids), GFP_KERNEL_ACCOUNT);

	if (!log)
		return NULL;
	refcount_set(&log->refs, 1);
	spin_lock_init(&log->lock);
	INIT_LIST_HEAD(&log->readers);
	return log;
}

/**
 * mmscope_log_put() - give a reference back; the last one frees the rings
 * @log: no writer and no reader uses this reference any more
 */
void mmscope_log_put(struct mmscope_log *log)
{
	unsigned int cpu;

	if (!refcount_dec_and_test(&log->refs))
		return;
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		kvfree(log->ring[cpu]);
	kfree(log);
}

static struct mmscope_ring *create_ring(struct mmscope_log *log, int cpu)
{
	struct mmscope_ring *ring = READ_ONCE(log->ring[cpu]);
	struct mmscope_ring *other;

	if (ring)
		return ring;
	ring = kvmalloc(struct_size(ring, event, mmscope_events), GFP_KERNEL_ACCOUNT);
	if (!ring)
		return NULL;
	ring->resv = 0;
	ring->head = 0;
	ring->wake_at = 0;
	/* Pairs with the address dependency of those who find the ring. */
	other = cmpxchg(&log->ring[cpu], NULL, ring);
	if (!other)
		return ring;
	kvfree(ring);
	return other;
}

/* The task may be moved to another CPU while it allocates: the caller looks again. */
static noinline void create_cpu(struct mmscope_mm *m, int cpu)
{
	struct mmscope_cpu *c = kzalloc(sizeof(*c), GFP_KERNEL_ACCOUNT);

	if (!c)
		return;
	c->ring = create_ring(m->log, cpu);
	if (!c->ring || cmpxchg(&m->cpu[cpu], NULL, c))
		kfree(c);
}

/*
 * This CPU's part for an mm, with preemption off; NULL, with preemption on, without memory. Two
 * tries: after the first the task may find itself on a CPU that has no part either.
 */
static struct mmscope_cpu *get_part(struct mmscope_mm *m)
{
	struct mmscope_cpu *c;
	int tries;

	for (tries = 0; ; tries++) {
		int cpu = get_cpu();

		c = READ_ONCE(m->cpu[cpu]);
		if (likely(c))
			return c;
		put_cpu();
		if (tries == 2)
			return NULL;
		create_cpu(m, cpu);
	}
}

static noinline void wake_readers(struct mmscope_log *log, struct mmscope_ring *ring)
{
	struct mmscope_reader *r;

	/*
	 * Disarm before waking: whoever arms between the two is on its wait queue already, is
	 * woken too, and arms again.
	 */
	WRITE_ONCE(ring->wake_at, U64_MAX);
	/* Pairs with the one in reader.c, arm(). */
	smp_mb();
	spin_lock(&log->lock);
	list_for_each_entry(r, &log->readers, node)
		wake_up_interruptible_poll(&r->wait, EPOLLIN | EPOLLRDNORM);
	spin_unlock(&log->lock);
}

static void count_range(struct mmscope_counts *n, const struct mmscope_event *e)
{
	n->events[e->type]++;
	if (e->pages == MMSCOPE_PAGES_UNKNOWN)
		return;
	if (e->type == MMSCOPE_UNMAP)
		n->given_back += e->pages;
	else if (e->type == MMSCOPE_MMAP || e->type == MMSCOPE_DUP)
		n->extra += e->pages;
}

static void count_fault(struct mmscope_counts *n, const struct mmscope_event *e)
{
	n->faults[e->flags & MMSCOPE_KIND]++;
	if (likely(e->npages == 1 && !(e->flags & (MMSCOPE_F_COW | MMSCOPE_F_MAJOR))))
		return;
	n->cow += !!(e->flags & MMSCOPE_F_COW);
	n->major += !!(e->flags & MMSCOPE_F_MAJOR);
	n->error += !!(e->flags & MMSCOPE_F_ERROR);
	if (e->npages)
		n->extra += e->npages - 1;
}

static void count(struct mmscope_counts *n, const struct mmscope_event *e)
{
	if (e->type == MMSCOPE_FAULT)
		count_fault(n, e);
	else if (e->type < MMSCOPE_FAULT)
		count_range(n, e);
	else
		n->events[e->type]++;
}

/* The handler's time: from what the hook left in time_ns until now. */
static void take_time(struct mmscope_counts *n, struct mmscope_event *e)
{
	u64 ns = ktime_get_mono_fast_ns() - e->time_ns;

	e->ns = min_t(u64, ns, U32_MAX);
	n->ns += ns;
	n->latency[min(fls(e->ns), 31)]++;
}

/* Returns whether readers want to be woken. */
static bool store(struct mmscope_mm *m, struct mmscope_ring *ring, struct mmscope_event *e)
{
	struct mmscope_log *log = m->log;
	u64 pos = ring->resv;

	WRITE_ONCE(ring->resv, pos + 1);
	/* Whoever copies bytes of this record instead of the old one sees resv: batch.c, load(). */
	smp_wmb();
	e->mm = m->id;
	e->seq = e->type < MMSCOPE_FAULT ? atomic_inc_return(&log->seq) : atomic_read(&log->seq);
	e->tid = current->pid;
	e->cpu = smp_processor_id();
	ring->event[pos & (mmscope_events - 1)] = *e;
	/* Whoever sees the new head sees the record. */
	smp_store_release(&ring->head, pos + 1);
	trace_mmscope_event(e);
	/* Either we see what a reader armed, or it sees our head: reader.c, arm(). */
	smp_mb();
	return unlikely(pos >= READ_ONCE(ring->wake_at));
}

/**
 * mmscope_record() - the one way into a log, the counters and the trace event
 * @m: whose log; held by the caller
 * @e: record without time_ns, mm, seq, tid and cpu, which are filled in here. For a fault-like
 *	record with MMSCOPE_LATENCY, time_ns is when the handler began.
 * @setup_flags: the file's; MMSCOPE_COUNT and MMSCOPE_LATENCY matter
 *
 * Process context, preemption on; may sleep when it is this mm's first record on this CPU.
 */
void mmscope_record(struct mmscope_mm *m, struct mmscope_event *e, u64 setup_flags)
{
	struct mmscope_cpu *c;
	bool wake = false;

	if (unlikely(!READ_ONCE(m->named)) && current->mm == m->mm)
		mmscope_mm_name(m);
	c = get_part(m);
	if (unlikely(!c)) {
		atomic64_inc(&m->dropped);
		atomic64_inc(&m->log->dropped);
		return;
	}
	if (setup_flags & MMSCOPE_LATENCY && e->type >= MMSCOPE_FAULT && e->type <= MMSCOPE_ACCESS)
		take_time(&c->n, e);
	count(&c->n, e);
	if (!(setup_flags & MMSCOPE_COUNT) || e->type != MMSCOPE_FAULT) {
		e->time_ns = ktime_get_mono_fast_ns();
		wake = store(m, c->ring, e);
	}
	put_cpu();
	if (unlikely(wake))
		wake_readers(m->log, c->ring);
}
