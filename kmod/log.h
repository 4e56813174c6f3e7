/* SPDX-License-Identifier: GPL-2.0 */
/* Logs, their rings, and what records there: log.c; who waits for it: wake.c */
#ifndef MMSCOPE_LOG_H
#define MMSCOPE_LOG_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/ptrace.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <linux/mmscope.h>

#include "counts.h"
#include "map.h"
#include "mm.h"
#include "param.h"

struct vm_fault;

/**
 * struct mmscope_ring - one CPU's part of one log
 * @resv: records begun; @resv - mmscope_events is the oldest one still whole
 * @head: records published
 * @wake_at: readers want to be woken by the record of this number
 * @event: mmscope_events of them, a power of two
 *
 * One writer at a time: code on this CPU with preemption off, never in interrupts.
 */
struct mmscope_ring {
	u64 resv;
	u64 head;
	u64 wake_at;
	struct mmscope_event *event;
} ____cacheline_aligned;

/**
 * struct mmscope_log - rings of one mm, or of a followed family of mms
 * @refs: one per mm that records here and per reader
 * @seq: structural records so far; incremented with preemption off, just before the write
 * @dropped: records that found no memory, of all its mms
 * @owner: id of the mm it was made for
 * @followers: readers with MMSCOPE_ATTACH_FOLLOW; under mmscope_mms_lock
 * @nr_readers: under mmscope_mms_lock
 * @unused: in the list of logs to be freed
 * @lock: protects @waiting
 * @waiting: readers that want to be woken; whoever is woken is no longer in it
 * @wake: wakes those of them that are too many for who records
 * @ring: by CPU; set once, at the first record there
 */
struct mmscope_log {
	refcount_t refs;
	atomic_t seq;
	atomic64_t dropped;
	u32 owner;
	unsigned int followers;
	unsigned int nr_readers;
	struct list_head unused;
	spinlock_t lock; /* waiting */
	struct list_head waiting;
	struct work_struct wake;
	struct mmscope_ring *ring[];
};

/**
 * struct mmscope_cpu - what one CPU needs to record for one mm
 * @ring: this CPU's part of the mm's log
 * @n: counters
 */
struct mmscope_cpu {
	struct mmscope_ring *ring;
	struct mmscope_counts n;
};

struct mmscope_log *mmscope_log_create(void);
void mmscope_log_free(struct mmscope_log *log);
void mmscope_log_put(struct mmscope_log *log);
int mmscope_wake_init(void);
void mmscope_wake_exit(void);
void mmscope_wake_readers(struct mmscope_log *log, struct mmscope_ring *ring);
void mmscope_wake_rest(struct work_struct *work);
void mmscope_record(struct mmscope_mm *m, struct mmscope_event *e, u64 setup_flags);
void mmscope_record_fault(const struct vm_fault *vmf, const struct mmscope_vma *v, u32 flags,
			  u64 began);
struct mmscope_cpu *mmscope_cpu_make(struct mmscope_mm *m);
void mmscope_count_dropped(struct mmscope_mm *m, u32 flags);

/* This CPU's part for an mm that is held, as mmscope_cpu_make(); put_cpu() ends its use. */
static __always_inline struct mmscope_cpu *mmscope_cpu_get(struct mmscope_mm *m)
{
	struct mmscope_cpu *c;

	preempt_disable();
	c = READ_ONCE(*this_cpu_ptr(m->cpu));
	if (likely(c))
		return c;
	preempt_enable();
	return mmscope_cpu_make(m);
}

/* Count the time of a handler, with preemption off. Returns it as a record carries it. */
static __always_inline u32 mmscope_count_time(struct mmscope_cpu *c, u64 ns)
{
	c->n.ns += ns;
	if (unlikely(ns > S32_MAX))
		ns = S32_MAX;
	c->n.latency[fls(ns)]++;
	return ns;
}

/* Count a fault that was served by one page, with preemption off; flags: MMSCOPE_F_*. */
static __always_inline void mmscope_count_fault(struct mmscope_cpu *c, u32 flags)
{
	c->n.faults[flags & MMSCOPE_KIND]++;
}

/* User mode's instruction, the system call's if the kernel faults; kernel threads have none. */
static inline u64 mmscope_user_ip(void)
{
	return unlikely(current->flags & PF_KTHREAD) ? 0 : instruction_pointer(current_pt_regs());
}

/* End of the published records. Whoever sees it sees them: log.c, publish(). */
static inline u64 mmscope_ring_head(const struct mmscope_ring *ring)
{
	/* Pairs with smp_store_release() in log.c, publish(). */
	return smp_load_acquire(&ring->head);
}

/*
 * The same, of all records begun when this is called: it waits for the one that is being written,
 * if any, which is with preemption off.
 */
static inline u64 mmscope_ring_settle(struct mmscope_ring *ring)
{
	u64 resv = READ_ONCE(ring->resv);

	/* Pairs with smp_store_release() in log.c, publish(). */
	smp_cond_load_acquire(&ring->head, VAL >= resv);
	return resv;
}

/* The oldest record that is not being overwritten. */
static inline u64 mmscope_ring_oldest(const struct mmscope_ring *ring)
{
	u64 resv = READ_ONCE(ring->resv);

	return resv > mmscope_events ? resv - mmscope_events : 0;
}

#endif
