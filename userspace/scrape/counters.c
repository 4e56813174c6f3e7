// SPDX-License-Identifier: GPL-2.0
/*
 * What the tracer's records add up to: each is counted once, when it is handed out. Nothing grows
 * with time, since whoever is scraped runs for months.
 */
#include <stdio.h>
#include <sys/syscall.h>
#include "record/extra.h"
#include "record/failure.h"
#include "record/refusal.h"
#include "record/rss_name.h"
#include "record/text.h"
#include "scrape/counters.h"
#include "tracer/again.h"
#include "tracer/queue.h"

/* Most minor faults take some us; what waits for a disk or a lock takes ms. */
const __u32 counter_limits[NR_LIMITS] = {
	250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 5000000,
	10000000, 50000000, 100000000, 1000000000,
};

static struct counters counters = {
	.again = { .what = "causes of refaults", .most = 32 },
	.refused = { .what = "calls and reasons of refusals", .most = LABEL_ROWS },
	.given_back = { .what = "causes of pages given back", .most = 48 },
};

static void count_time(struct counter_times *times, __u32 ns)
{
	size_t i = 0;

	while (i < NR_LIMITS && ns > counter_limits[i])
		i++;
	times->within[i]++;
	times->ns += ns;
}

static void count_fault(const struct mmscope_event *e, size_t slice)
{
	__u32 class = RECORD_CLASS(e->flags);
	char by[64];

	if (class >= RECORD_NR_CLASSES)
		return;
	counters.faults[slice][class]++;
	/* Of some the kernel did not tell when they began. */
	if (e->ns)
		count_time(&counters.times[class], e->ns);
	if (class == RECORD_CLASS_REFUSED)
		label_row(&counters.refused, "fault", refusal_name(record_error(e)))->count++;
	if (!again_is(e))
		return;
	again_by(e, by, sizeof(by));
	label_row(&counters.again, by, NULL)->count++;
}

static void count_failed(const struct mmscope_event *e)
{
	const char *call = cause_name(e->cause);

	label_row(&counters.refused, call ? call : "unknown", failure_name(e))->count++;
}

/* In the words of again_by(): what gives pages back is what they are touched again after. */
static void given_back_by(const struct mmscope_event *e, char *buf, size_t size)
{
	char cause[32];

	if (e->type == RECORD_RSS) {
		snprintf(buf, size, "%s", rss_why(e->aux));
		return;
	}
	cause_text(e->cause, cause, sizeof(cause));
	if (e->type == RECORD_ADVISE &&
	    (e->cause == SYS_madvise || e->cause == SYS_process_madvise))
		snprintf(buf, size, "%s %s", cause, advice_name(e->aux));
	else
		snprintf(buf, size, "%s", cause);
}

/* Those that go to swap are no longer in memory, either. */
static void count_given_back(const struct mmscope_event *e)
{
	const struct record_extra *extra = queue_extra_last();
	__s64 pages = 0;
	char by[64];

	for (int i = 0; i < RAW_NR_RSS; i++)
		pages -= i == RAW_RSS_SWAP ? 0 : extra->rss[i];
	if (pages <= 0)
		return;
	given_back_by(e, by, sizeof(by));
	label_row(&counters.given_back, by, NULL)->count += pages;
}

/**
 * counters_event - count a record
 * @e: of the tracer's, in order
 */
void counters_event(const struct mmscope_event *e)
{
	size_t slice;

	/* Copies of stacks, which a recording may have, are no records of what happened. */
	if (!(e->flags & RECORD_F_WHOLE) || e->type == MMSCOPE_LOST || e->type >= RECORD_TYPES)
		return;
	counters.records++;
	slice = e->mm ? slice_of(e->mm) : 0;
	if (e->type == MMSCOPE_FAULT)
		count_fault(e, slice);
	else if (e->type == RECORD_FAILED)
		count_failed(e);
	else
		count_given_back(e);
	if (e->type == MMSCOPE_END)
		slice_ended(e->mm);
}

/**
 * counters_all - what was counted
 */
const struct counters *counters_all(void)
{
	return &counters;
}
