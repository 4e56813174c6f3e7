// SPDX-License-Identifier: GPL-2.0
/*
 * Faults that the BPF programs have summed up, by class and by instruction. A sum is told when it
 * makes room for another. The others are looked up when their address space ends, and its VMAs are
 * still known. stat/fault_vmas.c has faults by VMA.
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
	const struct stat_site *x = a, *y = b;

	if (x->name != y->name)
		return x->name < y->name ? -1 : 1;
	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return (int)x->class - (int)y->class;
}

/* Unite sums of one instruction, which come from several address spaces or CPUs. */
static void unite_sites(void)
{
	struct fault_stats *stats = fault_stats;
	size_t n = 0;

	if (stats->nr_sites)
		qsort(stats->sites, stats->nr_sites, sizeof(*stats->sites), compare_sites);
	for (size_t i = 0; i < stats->nr_sites; i++)
		if (n && !compare_sites(&stats->sites[n - 1], &stats->sites[i]))
			stat_add(&stats->sites[n - 1].total, &stats->sites[i].total);
		else
			stats->sites[n++] = stats->sites[i];
	stats->nr_sites = n;
}

/* Unite equal sites, and let the array grow unless that has made half of it free. */
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
	struct stat_site *site;

	if (stats->nr_sites == stats->room_sites)
		make_room();
	site = &stats->sites[stats->nr_sites++];
	site->class = SITE_CLASS(from->who);
	site->total = from->total;
	stat_place(SITE_MM(from->who), from->ip, &site->name, &site->offset);
	if (tracer_stack_way() == STACKS_FP)
		stacks_add(from);
}

/*
 * Take the sums by instruction of an address space that has ended, so that no CPU adds to them any
 * more; with 0, those of all address spaces.
 */
static void take_sites(__u32 mm)
{
	size_t n;
	struct fault_sums *sums = tracer_sums(&n);

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
 * stat_site - add a sum of faults that the kernel tells
 * @raw: faults at an instruction
 */
void stat_site(const struct raw_site *raw)
{
	add_site(&raw->site);
}

/* Count a fault in a page that was given back. The search is linear: few kinds of calls do that. */
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
		stats->again[i] = (struct stat_again){ .by = name };
	}
	stats->again[i].faults++;
}

/**
 * stat_agains - faults in pages that were given back, by what gave them back
 * @n: becomes the number of rows
 *
 * Return: an array that is not the caller's
 */
const struct stat_again *stat_agains(size_t *n)
{
	*n = fault_stats->nr_again;
	return fault_stats->again;
}

/**
 * stat_event - count a record, and take the sums of an address space that ends
 * @e: a record of the tracer, in order
 */
void stat_event(const struct mmscope_event *e)
{
	stat_vmas_event(e);
	if (e->type == MMSCOPE_FAULT)
		took_again(e);
	if (e->type != MMSCOPE_END)
		return;
	take_sites(e->mm);
	stat_ended(e->mm, e->time_ns);
	stat_forget_places(e->time_ns);
}

/**
 * stat_begin - begin to take sums of faults; is called before any is told
 */
void stat_begin(void)
{
	static const struct raw_sums here = {
		.vma = stat_faults,
		.site = stat_site,
		.stack = stacks_unwind,
	};

	raw_sum_up(&here);
	stat_vmas_begin();
}

/**
 * stat_finish - take all sums that are left, since nothing more will be told
 */
void stat_finish(void)
{
	stat_vmas_finish();
	take_sites(0);
	unite_sites();
}

/**
 * stat_classes - faults by class
 * @classes: is filled
 */
void stat_classes(struct stat_class classes[RECORD_NR_CLASSES])
{
	struct fault_stats *stats = fault_stats;
	size_t n;
	const struct fault_sums *sums = tracer_sums(&n);

	memset(classes, 0, RECORD_NR_CLASSES * sizeof(*classes));
	for (size_t i = 0; i < stats->nr_sites; i++)
		stat_add(&classes[stats->sites[i].class].total, &stats->sites[i].total);
	for (const struct fault_sums *part = sums; part < sums + n; part++)
		for (size_t class = 0; class < RECORD_NR_CLASSES; class++) {
			stat_add(&classes[class].total, &part->missed[class]);
			for (size_t i = 0; i < TIME_BUCKETS; i++)
				classes[class].times[i] += part->times[class][i];
		}
}

/**
 * stat_sites - faults by instruction
 * @n: becomes the number of instructions
 *
 * Return: an array that is not the caller's, who may sort it
 */
struct stat_site *stat_sites(size_t *n)
{
	*n = fault_stats->nr_sites;
	return fault_stats->sites;
}

/**
 * stat_missed - the number of faults whose instruction found no room
 */
__u64 stat_missed(void)
{
	size_t n;
	const struct fault_sums *sums = tracer_sums(&n);
	__u64 missed = 0;

	for (const struct fault_sums *part = sums; part < sums + n; part++)
		for (size_t class = 0; class < RECORD_NR_CLASSES; class++)
			missed += part->missed[class].count;
	return missed;
}

/**
 * stat_no_vma - the number of faults at addresses without a VMA
 */
__u64 stat_no_vma(void)
{
	size_t n;
	const struct fault_sums *sums = tracer_sums(&n);
	__u64 count = 0;

	for (const struct fault_sums *part = sums; part < sums + n; part++)
		count += part->no_vma;
	return count;
}
