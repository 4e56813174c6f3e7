// SPDX-License-Identifier: GPL-2.0
/*
 * The figures that a budget may limit, and their values.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/proc.h"
#include "base/tool.h"
#include "budget/budget.h"
#include "figures/figures.h"
#include "record/times.h"

static __u64 faults(__u32 class, unsigned int percent)
{
	return class == CLASS_ALL ? figures_faults() : figures_all()->classes[class].total.count;
}

static __u64 sum(__u32 class, bool time)
{
	const struct figures *all = figures_all();
	__u64 value = 0;

	for (__u32 i = 0; i < RECORD_NR_CLASSES; i++)
		if (class == CLASS_ALL || class == i)
			value += time ? all->classes[i].total.ns : all->classes[i].total.pages;
	return value;
}

static __u64 pages(__u32 class, unsigned int percent)
{
	return sum(class, false);
}

static __u64 time_in(__u32 class, unsigned int percent)
{
	return sum(class, true);
}

static __u64 percentile(__u32 class, unsigned int percent)
{
	const struct figures *all = figures_all();
	struct figure_class any = { 0 };

	if (class != CLASS_ALL)
		return times_below(all->classes[class].times, percent);
	for (size_t i = 0; i < RECORD_NR_CLASSES; i++)
		for (size_t j = 0; j < TIME_BUCKETS; j++)
			any.times[j] += all->classes[i].times[j];
	return times_below(any.times, percent);
}

static __u64 vmas(__u32 class, unsigned int percent)
{
	return figures_all()->vmas;
}

static __u64 rss_peak(__u32 class, unsigned int percent)
{
	return figures_all()->rss * proc_page_size();
}

static __u64 mmaps(__u32 class, unsigned int percent)
{
	return figures_all()->mmaps;
}

static __u64 munmaps(__u32 class, unsigned int percent)
{
	return figures_all()->munmaps;
}

static __u64 failed(__u32 class, unsigned int percent)
{
	return figures_all()->failed;
}

static __u64 given_back(__u32 class, unsigned int percent)
{
	return figures_all()->given_back;
}

static __u64 processes(__u32 class, unsigned int percent)
{
	return figures_processes();
}

static __u64 forks(__u32 class, unsigned int percent)
{
	return figures_all()->forks;
}

static __u64 execs(__u32 class, unsigned int percent)
{
	return figures_all()->execs;
}

/* The order is that of a budget that is written. */
static const struct figure_kind kinds[] = {
	{ "faults", UNIT_COUNT, true, true, faults },
	{ "pages", UNIT_COUNT, true, false, pages },
	{ "time", UNIT_NS, true, false, time_in },
	{ "pN", UNIT_NS, true, false, percentile },
	{ "vmas", UNIT_COUNT, false, false, vmas },
	{ "rss_peak", UNIT_BYTES, false, false, rss_peak },
	{ "mmaps", UNIT_COUNT, false, false, mmaps },
	{ "munmaps", UNIT_COUNT, false, false, munmaps },
	{ "failed", UNIT_COUNT, false, false, failed },
	{ "given_back", UNIT_COUNT, false, false, given_back },
	{ "processes", UNIT_COUNT, false, false, processes },
	{ "forks", UNIT_COUNT, false, false, forks },
	{ "execs", UNIT_COUNT, false, false, execs },
};

/**
 * kinds_each - a figure
 * @i: its number, from 0
 *
 * Return: NULL behind the last
 */
const struct figure_kind *kinds_each(size_t i)
{
	return i < ARRAY_SIZE(kinds) ? &kinds[i] : NULL;
}

/**
 * kinds_find - a figure by its name
 * @name: the name; of pN with a number from 1 to 99
 * @percent: becomes that number, 0 for other figures
 *
 * Return: NULL where there is none
 */
const struct figure_kind *kinds_find(const char *name, unsigned int *percent)
{
	char *end;

	*percent = 0;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].value != percentile && !strcmp(kinds[i].name, name))
			return &kinds[i];
	if (name[0] != 'p' || name[1] < '1' || name[1] > '9')
		return NULL;
	*percent = strtoul(name + 1, &end, 10);
	if (*end || *percent > 99)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].value == percentile)
			return &kinds[i];
	return NULL;
}

/**
 * kinds_value_text - a value as a budget may have it; of a large time four figures
 * @unit: its unit
 * @value: it
 * @buf: becomes it
 * @size: of that
 */
void kinds_value_text(enum unit unit, __u64 value, char *buf, size_t size)
{
	if (unit == UNIT_BYTES && value && value % (1 << 20) == 0)
		snprintf(buf, size, "%lluM", value >> 20);
	else if (unit == UNIT_BYTES && value && value % 1024 == 0)
		snprintf(buf, size, "%lluK", value >> 10);
	else if (unit == UNIT_NS && value && value % 1000000 == 0)
		snprintf(buf, size, "%llums", value / 1000000);
	else if (unit == UNIT_NS && value > 1000000)
		snprintf(buf, size, "%llu.%03llums", value / 1000000, value / 1000 % 1000);
	else if (unit == UNIT_NS && value % 1000)
		snprintf(buf, size, "%llu.%03lluus", value / 1000, value % 1000);
	else if (unit == UNIT_NS)
		snprintf(buf, size, "%lluus", value / 1000);
	else
		snprintf(buf, size, "%llu", value);
}
