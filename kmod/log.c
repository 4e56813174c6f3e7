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
	INIT_LIST_HEAD(&log->waiting);
	INIT_WORK(&log->wake, mmscope_wake_rest);
	return log;
}

static void free_ring(struct mmscope_ring *ring)
{
	if (ring)
		kvfree(ring->event);
	kfree(ring);
}

/**
 * mmscope_log_free() - free a log and its rings
 * @log: the last reference was given back
 */
void mmscope_log_free(struct mmscope_log *log)
{
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		free_ring(log->ring[cpu]);
	kfree(log);
}

/**
 * mmscope_log_put() - give a reference back; the last one frees the rings
 * @log: no writer and no reader uses this reference any more
 */
void mmscope_log_put(struct mmscope_log *log)
{
	if (refcount_dec_and_test(&log->refs))
		mmscope_log_free(log);
}

/*
 * The records are an allocation of their own: in one with the ring they would be rounded up to
 * twice the memory.
 */
static struct mmscope_ring *alloc_ring(void)
{
	struct mmscope_ring *ring = kzalloc(sizeof(*ring), GFP_KERNEL_ACCOUNT);

	if (!ring)
		return NULL;
	ring->event = kvmalloc_array(mmscope_events, sizeof(*ring->event), GFP_KERNEL_ACCOUNT);
	if (ring->event)
		return ring;
	kfree(ring);
	return NULL;
}

static struct mmscope_ring *create_ring(struct mmscope_log *log, int cpu)
{
	struct mmscope_ring *ring = READ_ONCE(log->ring[cpu]);
	struct mmscope_ring *other;

	if (ring)
		return ring;
	ring = alloc_ring();
	if (!ring)
		return NULL;
	/* Pairs with the address dependency of those who find the ring. */
	other = cmpxchg(&log->ring[cpu], NULL, ring);
	if (!other)
		return ring;
	free_ring(ring);
	return other;
}

/* The task may be moved to another CPU while it allocates: the caller looks again. */
static void create_cpu(struct mmscope_mm *m, int cpu)
{
	struct mmscope_cpu *c = kzalloc(sizeof(*c), GFP_KERNEL_ACCOUNT);

	if (!c)
		return;
	c->ring = create_ring(m->log, cpu);
	if (!c->ring || cmpxchg(per_cpu_ptr(m->cpu, cpu), NULL, c))
		kfree(c);
}

/**
 * mmscope_cpu_make() - mmscope_cpu_get() where there may be no part yet
 * @m: held
 *
 * Two tries: after the first the task may be on a CPU that has no part either.
 *
 * Return: this CPU's part, with preemption off; NULL, with preemption on, without memory: then the
 * record is counted as dropped, and the caller sees to it that what it tells of is counted.
 */
struct mmscope_cpu *mmscope_cpu_make(struct mmscope_mm *m)
{
	struct mmscope_cpu *c;
	int tries;

	for (tries = 0; tries < 3; tries++) {
		int cpu = get_cpu();

		c = READ_ONCE(*per_cpu_ptr(m->cpu, cpu));
		if (c)
			return c;
		put_cpu();
		create_cpu(m, cpu);
	}
	atomic64_inc(&m->dropped);
	atomic64_inc(&m->log->dropped);
	return NULL;
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
	if (likely(e->npages == 1 && !(e->flags & (MMSCOPE_F_MAJOR | MMSCOPE_F_UNTRACKED))))
		return;
	n->major += !!(e->flags & MMSCOPE_F_MAJOR);
	n->error += !!(e->flags & MMSCOPE_F_ERROR);
	if (e->npages)
		n->extra += e->npages - 1;
	/* A growable mapping keeps no account of pages: take back the fault's page. */
	if (e->flags & MMSCOPE_F_UNTRACKED && !(e->flags & MMSCOPE_F_ERROR))
		n->extra--;
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

/*
 * There was no memory to record it. What became of its pages counts all the same, or those that are
 * given back later would be more than there were. @total is of the mm, and this is rare.
 */
static noinline void count_dropped(struct mmscope_mm *m, const struct mmscope_event *e)
{
	mutex_lock(&mmscope_mms_lock);
	count(&m->total, e);
	mutex_unlock(&mmscope_mms_lock);
}

/**
 * mmscope_count_dropped() - count a fault that mmscope_cpu_get() had no memory for
 * @m: held
 * @flags: MMSCOPE_F_*; it was served by one page
 *
 * Process context; may sleep.
 */
void mmscope_count_dropped(struct mmscope_mm *m, u32 flags)
{
	const struct mmscope_event e = { .type = MMSCOPE_FAULT, .flags = flags, .npages = 1 };

	count_dropped(m, &e);
}

/* Set both bit fields: the compiler makes one store of it, without a load. */
static __always_inline void set_kind(struct mmscope_event *e, u32 type, u32 flags)
{
	const struct {
		u32 type  : 8;
		u32 flags : 24;
	} kind = { type, flags };

	memcpy((void *)e + offsetofend(struct mmscope_event, tid), &kind, sizeof(kind));
}

/*
 * The place for the record at pos; publish() makes it one. What tells its place in the order,
 * number and time, comes in between:
 *
 * Whoever copies bytes of the new record instead of the old sees resv: batch.c, load(). Whoever has
 * seen a later number or time sees it too, and waits for the record: batch.c, activate(). Either we
 * see what a reader armed, or it sees resv: reader.c, arm().
 */
static __always_inline struct mmscope_event *reserve(struct mmscope_ring *ring, u64 pos)
{
	WRITE_ONCE(ring->resv, pos + 1);
	/* Pairs with those in batch.c, load() and activate(), and in reader.c, arm(). */
	smp_mb();
	return &ring->event[pos & (mmscope_events - 1)];
}

/*
 * Number and time, so that the order by both is that of events: a structural record has taken its
 * time before others can see its number, and they take theirs after they have.
 */
static __always_inline void number(struct mmscope_event *e, struct mmscope_log *log)
{
	if (e->type < MMSCOPE_FAULT) {
		e->time_ns = ktime_get_ns();
		e->seq = atomic_inc_return(&log->seq);
	} else {
		e->seq = atomic_read(&log->seq);
		e->time_ns = ktime_get_ns();
	}
}

/* Returns whether readers want to be woken. */
static __always_inline bool publish(struct mmscope_ring *ring, u64 pos,
				    const struct mmscope_event *e)
{
	/* A reader that sees the new head sees the record. */
	smp_store_release(&ring->head, pos + 1);
	trace_mmscope_event(e);
	return unlikely(pos >= READ_ONCE(ring->wake_at));
}

/*
 * Does the process that an mm belongs to run its end? It has left the mm already, by exit or by
 * exec, and has not given its files back, which may keep other mms. A child that never ran here
 * has no number.
 */
static bool runs_own_end(const struct mmscope_mm *m)
{
	pid_t tgid = READ_ONCE(m->tgid);

	if (tgid && tgid != current->tgid)
		return false;
	return current->in_execve || (current->flags & PF_EXITING && current->files);
}

/* The thread that did it; a thread that works in another process's mm is not told. */
static void set_thread(const struct mmscope_mm *m, struct mmscope_event *e)
{
	e->tid = current->pid;
	if (likely(current->mm == m->mm) || e->type == MMSCOPE_DUP)
		return;
	if (e->type >= MMSCOPE_FAULT) {
		e->tid = 0;
		e->ip = 0;
		e->cause = MMSCOPE_CAUSE_REMOTE;
	} else if (!runs_own_end(m)) {
		e->tid = 0;
	}
}

static bool store(struct mmscope_mm *m, struct mmscope_ring *ring, struct mmscope_event *e)
{
	u64 pos = ring->resv;
	struct mmscope_event *place = reserve(ring, pos);

	number(e, m->log);
	e->mm = m->id;
	set_thread(m, e);
	e->cpu = smp_processor_id();
	*place = *e;
	return publish(ring, pos, place);
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

	if (unlikely(!READ_ONCE(m->named)))
		mmscope_mm_name(m);
	else if (e->type < MMSCOPE_FAULT && unlikely(mmscope_mm_changed(m)))
		mmscope_mm_note(m);
	c = mmscope_cpu_get(m);
	if (unlikely(!c)) {
		count_dropped(m, e);
		return;
	}
	if (setup_flags & MMSCOPE_LATENCY && e->type >= MMSCOPE_FAULT && e->type <= MMSCOPE_ACCESS)
		e->ns = mmscope_count_time(c, ktime_get_ns() - e->time_ns);
	count(&c->n, e);
	if (!(setup_flags & MMSCOPE_COUNT) || e->type != MMSCOPE_FAULT)
		wake = store(m, c->ring, e);
	put_cpu();
	if (unlikely(wake))
		mmscope_wake_readers(m->log, c->ring);
}

/**
 * mmscope_record_fault() - mmscope_record() for the common fault, written out
 * @vmf: served by one page
 * @v: of vmf->vma
 * @flags: MMSCOPE_F_*
 * @began: when the handler began, or 0
 */
void mmscope_record_fault(const struct vm_fault *vmf, const struct mmscope_vma *v, u32 flags,
			  u64 began)
{
	struct mmscope_mm *m = v->mm;
	struct mmscope_ring *ring;
	struct mmscope_event *e;
	struct mmscope_cpu *c;
	u64 pos;

	if (unlikely(!READ_ONCE(m->named)))
		mmscope_mm_name(m);
	c = mmscope_cpu_get(m);
	if (unlikely(!c)) {
		mmscope_count_dropped(m, flags);
		return;
	}
	mmscope_count_fault(c, flags);
	ring = c->ring;
	pos = ring->resv;
	e = reserve(ring, pos);
	/* Without this the compiler computes the record's address anew for each member. */
	OPTIMIZER_HIDE_VAR(e);
	e->mm = m->id;
	e->vma = v->id;
	e->tid = current->pid;
	set_kind(e, MMSCOPE_FAULT, flags);
	if (likely(flags & MMSCOPE_F_USER)) {
		e->cause = MMSCOPE_CAUSE_USER;
		e->ip = instruction_pointer(current_pt_regs());
	} else if (current->mm == vmf->vma->vm_mm) {
		e->cause = mmscope_cause(vmf->vma->vm_mm);
		e->ip = mmscope_user_ip();
	} else {
		/* As set_thread() has it for a fault of another process. */
		e->tid = 0;
		e->cause = MMSCOPE_CAUSE_REMOTE;
		e->ip = 0;
	}
	e->cpu = smp_processor_id();
	e->addr = vmf->address;
	e->pgoff = vmf->pgoff;
	e->npages = 1;
	/* In the order of number(): seq before time_ns. */
	e->seq = atomic_read(&m->log->seq);
	e->time_ns = ktime_get_ns();
	e->ns = unlikely(began) ? mmscope_count_time(c, e->time_ns - began) : 0;
	if (likely(!publish(ring, pos, e))) {
		put_cpu();
		return;
	}
	put_cpu();
	mmscope_wake_readers(m->log, ring);
}
