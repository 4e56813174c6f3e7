// SPDX-License-Identifier: GPL-2.0
/*
 * Faults that the BPF programs summed up: by class, and by instruction. A sum is told when it makes
 * room for another; the rest is looked up when an address space ends and all its VMAs are known.
 * By VMA they are in stat/fault_vmas.c.
 */
#include <stdlib.h>
#include <string.h>
#include "base/name_store.h"
#include "base/tool.h"
#include "record/record.h"
#include "stat/context.h"
#include "stat/fault_stacks.h"
#include "stat/fault_stats.h"
#include "tracer/again.h"
#include "tracer/decode.h"
#include "tracer/tracer.h"

static int compare_sites(const void *a, const void *b)
{
	const struct tally_site *x = a, *y = b;

	if (x->name != y->name)
		return x->name < y->name ? -1 : 1;
	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return (int)x->class - (int)y->class;
}

/* Unite the sums of one instruction that come from several address spaces or CPUs. */
static void unite_sites(void)
{
	struct fault_stats *stats = fault_stats;
	size_t n = 0;

	if (stats->nr_sites)
		qsort(stats->sites, stats->nr_sites, sizeof(*stats->sites), compare_sites);
	for (size_t i = 0; i < stats->nr_sites; i++)
		if (n && !compare_sites(&stats->sites[n - 1], &stats->sites[i]))
			tally_add(&stats->sites[n - 1].total, &stats->sites[i].total);
		else
			stats->sites[n++] = stats->sites[i];
	stats->nr_sites = n;
}

/* The array grows only where uniting equal sites has not made half of it free. */
static void make_room(void)
{
	struct fault_stats *stats = fault_stats;

	unite_sites();
	if (stats->nr_sites <= stats->room_sites / 2 && stats->room_sites)
		return;
	stats->room_sites = 2 * stats->room_sites + 1024;
	stats->sites = realloc(stats->sites, stats->room_sites * sizeof(*stats->sites));
	if (!stats->sites)
		abort();
}

static void add_site(const struct fault_site *from)
{
	struct fault_stats *stats = fault_stats;
	struct tally_site *site;

	if (stats->nr_sites == stats->room_sites)
		make_room();
	site = &stats->sites[stats->nr_sites++];
	site->class = SITE_CLASS(from->who);
	site->total = from->total;
	tally_place(SITE_MM(from->who), from->ip, &site->name, &site->offset);
	if (probe_stack_way() == STACKS_FP)
		stacks_add(from);
}

/* Take the sums of an address space that has ended, so that no CPU adds to them; with 0, of all. */
static void take_sites(__u32 mm)
{
	size_t n;
	struct fault_sums *sums = probe_sums(&n);

	for (struct fault_sums *part = sums; part < sums + n; part++)
		for (size_t i = 0; i < ARRAY_SIZE(part->sites); i++) {
			struct fault_site *site = &part->sites[i];

			if (!site->who || (mm && SITE_MM(site->who) != mm))
				continue;
			add_site(site);
			memset(&site->total, 0, sizeof(site->total));
			__atomic_store_n(&site->who, 0, __ATOMIC_RELEASE);
		}
}

/**
 * tally_site - take note of a sum that the kernel tells
 * @raw: faults at an instruction
 */
void tally_site(const struct raw_site *raw)
{
	add_site(&raw->site);
}

/* A list is enough: pages are taken by few kinds of calls. */
static void took_again(const struct mmscope_event *e)
{
	struct fault_stats *stats = fault_stats;
	const char *name;
	char by[64];
	size_t i = 0;

	if (!again_is(e))
		return;
	again_by(e, by, sizeof(by));
	name = name_keep(by);
	while (i < stats->nr_again && stats->again[i].by != name)
		i++;
	if (i == stats->nr_again) {
		stats->again = realloc(stats->again, ++stats->nr_again * sizeof(*stats->again));
		if (!stats->again)
			abort();
		stats->again[i] = (struct tally_again){ .by = name };
	}
	stats->again[i].faults++;
}

/**
 * tally_agains - faults in pages that were given back, by what took them
 * @n: becomes the number of rows
 */
const struct tally_again *tally_agains(size_t *n)
{
	*n = fault_stats->nr_again;
	return fault_stats->again;
}

/**
 * tally_event - take note of a record
 * @e: a record of the tracer's, in order
 */
void tally_event(const struct mmscope_event *e)
{
	tally_vmas_event(e);
	if (e->type == MMSCOPE_FAULT)
		took_again(e);
	if (e->type != MMSCOPE_END)
		return;
	take_sites(e->mm);
	tally_ended(e->mm);
	tally_forget_places(e->time_ns);
}

/**
 * tally_begin - before anything is told
 */
void tally_begin(void)
{
	static const struct raw_sums here = {
		.vma = tally_faults,
		.site = tally_site,
		.stack = stacks_unwind,
	};

	raw_sum_up(&here);
	tally_vmas_begin();
}

/**
 * tally_finish - nothing more is going to be told: take what is left
 */
void tally_finish(void)
{
	tally_vmas_finish();
	take_sites(0);
	unite_sites();
}

/**
 * tally_classes - faults by class
 * @classes: to be filled
 */
void tally_classes(struct tally_class classes[RECORD_NR_CLASSES])
{
	struct fault_stats *stats = fault_stats;
	size_t n;
	const struct fault_sums *sums = probe_sums(&n);

	memset(classes, 0, RECORD_NR_CLASSES * sizeof(*classes));
	for (size_t i = 0; i < stats->nr_sites; i++)
		tally_add(&classes[stats->sites[i].class].total, &stats->sites[i].total);
	for (const struct fault_sums *part = sums; part < sums + n; part++)
		for (size_t class = 0; class < RECORD_NR_CLASSES; class++) {
			tally_add(&classes[class].total, &part->missed[class]);
			for (size_t i = 0; i < TIME_BUCKETS; i++)
				classes[class].times[i] += part->times[class][i];
		}
}

/**
 * tally_sites - faults by instruction
 * @n: becomes their number
 */
struct tally_site *tally_sites(size_t *n)
{
	*n = fault_stats->nr_sites;
	return fault_stats->sites;
}

/**
 * tally_missed - faults whose instruction found no room
 */
__u64 tally_missed(void)
{
	size_t n;
	const struct fault_sums *sums = probe_sums(&n);
	__u64 missed = 0;

	for (const struct fault_sums *part = sums; part < sums + n; part++)
		for (size_t class = 0; class < RECORD_NR_CLASSES; class++)
			missed += part->missed[class].count;
	return missed;
}

/**
 * tally_no_vma - faults that hit no VMA
 */
__u64 tally_no_vma(void)
{
	size_t n;
	const struct fault_sums *sums = probe_sums(&n);
	__u64 count = 0;

	for (const struct fault_sums *part = sums; part < sums + n; part++)
		count += part->no_vma;
	return count;
}
