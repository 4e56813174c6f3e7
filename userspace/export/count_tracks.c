// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers by time, of each address space: its pages, its VMAs, its faults a second.
 */
#include <stdlib.h>
#include "base/proc.h"
#include "base/tool.h"
#include "export/packets.h"
#include "export/tracks.h"
#include "record/rss_name.h"

/* Numbers of the tracks of an address space, behind those of the kinds of pages */
#define COUNT_RSS	RAW_NR_RSS
#define COUNT_VMAS	(RAW_NR_RSS + 1)
#define COUNT_FAULTS	(RAW_NR_RSS + 2)

#define BINS		1000		/* for faults a second: at most so many */
#define LEAST_NS	1000000ULL	/* each so long at least */

/**
 * struct step - a number changes
 * @time_ns: then
 * @mm: of the address space
 * @by: so much
 */
struct step {
	__u64 time_ns;
	__u32 mm;
	int by;
};

static __u64 number_of(__u32 mm, unsigned int count)
{
	return TRACK(TRACK_OF_COUNTS, (__u64)mm << 8 | count);
}

static void tell_track(__u32 mm, unsigned int count, const char *name, unsigned int unit)
{
	packets_track(&(struct packets_track){
		.uuid = number_of(mm, count), .parent = TRACK(TRACK_OF_MM, mm), .name = name,
		.unit = unit,
	});
}

static void show(__u32 mm, unsigned int count, __s64 value, __u64 now)
{
	packets_event(TYPE_COUNTER, number_of(mm, count), NULL);
	packets_count(value);
	packets_send(now);
}

/* RSS is what get_mm_rss() adds up: without pages in swap and of hugetlbfs. */
static void show_pages(const struct model_rss *rss)
{
	__s64 page = proc_page_size();

	show(rss->mm, COUNT_RSS, page * (rss->pages[RAW_RSS_FILE] + rss->pages[RAW_RSS_ANON] +
					 rss->pages[RAW_RSS_SHMEM]), rss->time_ns);
	for (unsigned int kind = 0; kind < RAW_NR_RSS; kind++)
		show(rss->mm, kind, page * rss->pages[kind], rss->time_ns);
}

static int compare(const void *a, const void *b)
{
	const struct step *x = a, *y = b;

	if (x->mm != y->mm)
		return x->mm < y->mm ? -1 : 1;
	return x->time_ns < y->time_ns ? -1 : x->time_ns > y->time_ns;
}

static void show_vmas(const struct model *model)
{
	struct step *steps = malloc((2 * model->nr_vmas + 1) * sizeof(*steps));
	size_t n = 0;
	__s64 now = 0;

	if (!steps)
		abort();
	for (size_t i = 0; i < model->nr_vmas; i++) {
		const struct model_vma *vma = &model->vmas[i];

		steps[n++] = (struct step){ vma->from, vma->mm, 1 };
		if (vma->to)
			steps[n++] = (struct step){ vma->to, vma->mm, -1 };
	}
	qsort(steps, n, sizeof(*steps), compare);
	for (size_t i = 0; i < n; i++) {
		now = (i && steps[i].mm == steps[i - 1].mm ? now : 0) + steps[i].by;
		if (i + 1 == n || compare(&steps[i], &steps[i + 1]))
			show(steps[i].mm, COUNT_VMAS, now, steps[i].time_ns);
	}
	free(steps);
}

/* Of one address space, whose faults are @n from the first of @steps on. */
static void show_rate(const struct model *model, const struct step *steps, size_t n)
{
	__u64 width = (model->last - model->first) / BINS + 1, bin, next = 0, faults;

	if (width < LEAST_NS)
		width = LEAST_NS;
	for (size_t i = 0; i < n; i += faults) {
		bin = (steps[i].time_ns - model->first) / width;
		for (faults = 0; i + faults < n &&
		     (steps[i + faults].time_ns - model->first) / width == bin;)
			faults++;
		if (i && bin != next)
			show(steps[i].mm, COUNT_FAULTS, 0, model->first + next * width);
		show(steps[i].mm, COUNT_FAULTS, faults * 1000000000 / width,
		     model->first + bin * width);
		next = bin + 1;
	}
	if (n)
		show(steps[0].mm, COUNT_FAULTS, 0, model->first + next * width);
}

static void show_faults(const struct model *model)
{
	struct step *steps = malloc((model->nr_faults + 1) * sizeof(*steps));
	size_t end;

	if (!steps)
		abort();
	for (size_t i = 0; i < model->nr_faults; i++)
		steps[i] = (struct step){ model->faults[i].time_ns, model->faults[i].mm, 1 };
	qsort(steps, model->nr_faults, sizeof(*steps), compare);
	for (size_t i = 0; i < model->nr_faults; i = end) {
		for (end = i; end < model->nr_faults && steps[end].mm == steps[i].mm;)
			end++;
		show_rate(model, steps + i, end - i);
	}
	free(steps);
}

/**
 * tracks_of_counts - show all numbers
 * @model: where they are
 */
void tracks_of_counts(const struct model *model)
{
	char name[40];

	for (size_t i = 0; i < model->nr_mms; i++) {
		__u32 mm = model->mms[i].id;

		tell_track(mm, COUNT_RSS, "RSS", UNIT_BYTES);
		tell_track(mm, COUNT_VMAS, "VMAs", UNIT_COUNT);
		tell_track(mm, COUNT_FAULTS, "faults/s", UNIT_COUNT);
		for (unsigned int kind = 0; kind < RAW_NR_RSS; kind++) {
			snprintf(name, sizeof(name), "pages: %s", rss_kind(kind));
			tell_track(mm, kind, name, UNIT_BYTES);
		}
	}
	for (size_t i = 0; i < model->nr_rss; i++)
		show_pages(&model->rss[i]);
	show_vmas(model);
	show_faults(model);
}
