// SPDX-License-Identifier: GPL-2.0
/*
 * Adding up the counters. Each CPU counts for itself; log.c is the only place that does.
 */
#include <linux/sched/signal.h>

#include "internal.h"

/* The counters of mms whose records are gone. Under mmscope_mms_lock. */
static struct mmscope_stat forgotten;

/*
 * The sum over all mms that is being made: of those up to @last, those up to @done are in. One that
 * is forgotten before its turn is added then. Under mmscope_mms_lock.
 */
static struct {
	struct mmscope_stat *stat;
	u32 done;
	u32 last;
} sum;

/* Held while a sum is made: there is one at a time. */
static DEFINE_MUTEX(sum_lock);

/**
 * mmscope_counts_add() - add one CPU's counters to a sum
 * @sum: nobody else writes it
 * @n: another CPU may write it meanwhile
 */
void mmscope_counts_add(struct mmscope_counts *sum, const struct mmscope_counts *n)
{
	const u64 *from = (const u64 *)n;
	u64 *to = (u64 *)sum;
	size_t i;

	for (i = 0; i < sizeof(*n) / sizeof(u64); i++)
		to[i] += READ_ONCE(from[i]);
}

static void add_faults(struct mmscope_stat *stat, const struct mmscope_counts *n)
{
	unsigned int kind;

	for (kind = 0; kind < MMSCOPE_KINDS; kind++) {
		u64 faults = READ_ONCE(n->faults[kind]);

		stat->events[MMSCOPE_FAULT] += faults;
		stat->write += kind & MMSCOPE_F_WRITE ? faults : 0;
		stat->kernel += kind & (MMSCOPE_F_USER | MMSCOPE_F_REMOTE) ? 0 : faults;
		stat->remote += kind & MMSCOPE_F_REMOTE ? faults : 0;
		stat->refault += kind & MMSCOPE_F_REFAULT ? faults : 0;
		stat->cow += kind & MMSCOPE_F_COW ? faults : 0;
		stat->vma_lock += kind & MMSCOPE_F_VMA_LOCK ? faults : 0;
		stat->touched += kind & MMSCOPE_F_REFAULT ? 0 : faults;
	}
}

static void add_counts(struct mmscope_stat *stat, const struct mmscope_counts *n)
{
	unsigned int i;

	for (i = 0; i < MMSCOPE_NR_TYPES; i++)
		stat->events[i] += READ_ONCE(n->events[i]);
	for (i = 0; i < ARRAY_SIZE(n->latency); i++)
		stat->latency[i] += READ_ONCE(n->latency[i]);
	add_faults(stat, n);
	stat->major += READ_ONCE(n->major);
	stat->error += READ_ONCE(n->error);
	stat->ns += READ_ONCE(n->ns);
	/*
	 * A page is counted by its first fault, unless that failed; n->extra has the pages that
	 * came without a fault.
	 */
	stat->touched += READ_ONCE(n->extra) - READ_ONCE(n->error);
	stat->given_back += READ_ONCE(n->given_back);
	stat->mapped = stat->touched - stat->given_back;
}

static void add_record(struct mmscope_stat *stat, struct mmscope_mm *m)
{
	unsigned int cpu;

	lockdep_assert_held(&mmscope_mms_lock);
	add_counts(stat, &m->total);
	for_each_possible_cpu(cpu) {
		struct mmscope_cpu *c = READ_ONCE(*per_cpu_ptr(m->cpu, cpu));

		if (c)
			add_counts(stat, &c->n);
	}
	stat->dropped += atomic64_read(&m->dropped);
	mutex_lock(&m->lock);
	stat->maps += m->nr_maps;
	stat->vmas += m->nr_vmas;
	stat->orphans += m->orphans;
	mutex_unlock(&m->lock);
}

/**
 * mmscope_mm_stat() - what is known and counted of an mm
 * @m: from mmscope_mm_next()
 * @stat: zeroed
 */
void mmscope_mm_stat(struct mmscope_mm *m, struct mmscope_stat *stat)
{
	mutex_lock(&mmscope_mms_lock);
	stat->mm = m->id;
	stat->parent = m->parent;
	stat->tgid = m->tgid;
	stat->state = m->state;
	strscpy(stat->comm, m->comm, sizeof(stat->comm));
	add_record(stat, m);
	mutex_unlock(&mmscope_mms_lock);
}

/**
 * mmscope_mm_forget() - keep what a dead mm counted
 * @m: known for the last time
 */
void mmscope_mm_forget(struct mmscope_mm *m)
{
	add_record(&forgotten, m);
	if (sum.stat && m->id > sum.done && m->id <= sum.last)
		add_record(sum.stat, m);
}

/* The lock is taken for each mm anew: there may be many. */
static void sum_up(struct mmscope_stat *stat)
{
	struct mmscope_mm *m;

	mutex_lock(&mmscope_mms_lock);
	*stat = forgotten;
	sum.stat = stat;
	sum.done = 0;
	sum.last = mmscope_nr_mms;
	while (sum.done < sum.last && !fatal_signal_pending(current)) {
		m = mmscope_mm_from(sum.done + 1);
		if (!m || m->id > sum.last)
			break;
		add_record(stat, m);
		sum.done = m->id;
		mutex_unlock(&mmscope_mms_lock);
		cond_resched();
		mutex_lock(&mmscope_mms_lock);
	}
	sum.stat = NULL;
	mutex_unlock(&mmscope_mms_lock);
}

/**
 * mmscope_mm_total() - what was counted of all mms since the module came
 * @stat: filled; its members about one mm are 0
 * @mms: how many there were
 *
 * Each of them is in once, as it was at some moment of this call.
 *
 * Return: 0, or -EINTR: a fatal signal.
 */
int mmscope_mm_total(struct mmscope_stat *stat, u32 *mms)
{
	int err = mutex_lock_killable(&sum_lock);

	if (err)
		return err;
	sum_up(stat);
	*mms = sum.last;
	mutex_unlock(&sum_lock);
	return fatal_signal_pending(current) ? -EINTR : 0;
}
