// SPDX-License-Identifier: GPL-2.0
/*
 * Adding up the counters. Each CPU counts for itself; log.c is the only place that does.
 */
#include "internal.h"

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
	/* A page's first fault counts it, unless it failed; extra are those without a fault. */
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
 * mmscope_mm_total() - what was counted of all mms since the module came
 * @stat: zeroed; its members about one mm stay so
 *
 * Return: how many mms there were.
 */
u32 mmscope_mm_total(struct mmscope_stat *stat)
{
	struct mmscope_mm *m;
	u32 mms;

	mutex_lock(&mmscope_mms_lock);
	add_counts(stat, &mmscope_gone);
	list_for_each_entry(m, &mmscope_mms, all)
		add_record(stat, m);
	mms = mmscope_nr_mms;
	mutex_unlock(&mmscope_mms_lock);
	return mms;
}
