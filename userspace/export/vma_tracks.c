// SPDX-License-Identifier: GPL-2.0
/*
 * VMAs as tracks: a slice for each range that one held, and a flow from each to what came of it.
 */
#include <stdlib.h>
#include <string.h>
#include "base/tool.h"
#include "export/packets.h"
#include "export/text.h"
#include "export/tracks.h"
#include "record/record.h"
#include "record/text.h"

static const struct model *of;

static __u64 start_of(const struct model_vma *vma)
{
	return vma->range == MODEL_NONE ? 0 : of->ranges[vma->range].start;
}

static int compare_vmas(const void *a, const void *b)
{
	const struct model_vma *x = &of->vmas[*(const size_t *)a];
	const struct model_vma *y = &of->vmas[*(const size_t *)b];

	if (x->mm != y->mm)
		return x->mm < y->mm ? -1 : 1;
	if (start_of(x) != start_of(y))
		return start_of(x) < start_of(y) ? -1 : 1;
	return x->id < y->id ? -1 : 1;
}

static int compare_ranges(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	if (of->ranges[x].vma != of->ranges[y].vma)
		return of->ranges[x].vma < of->ranges[y].vma ? -1 : 1;
	return x < y ? -1 : 1;
}

/* The numbers below @n, sorted. */
static size_t *sorted(size_t n, int (*compare)(const void *a, const void *b))
{
	size_t *all = malloc((n + 1) * sizeof(*all));

	if (!all)
		abort();
	for (size_t i = 0; i < n; i++)
		all[i] = i;
	qsort(all, n, sizeof(*all), compare);
	return all;
}

static void tell_tracks(void)
{
	size_t *order = sorted(of->nr_vmas, compare_vmas);
	char name[300];

	for (size_t i = 0; i < of->nr_vmas; i++) {
		const struct model_vma *vma = &of->vmas[order[i]];
		const char *slash = strrchr(vma->name, '/');

		snprintf(name, sizeof(name), "#%u %.250s", vma->id,
			 slash ? slash + 1 : *vma->name ? vma->name : "anonymous");
		packets_track(&(struct packets_track){
			.uuid = TRACK(TRACK_OF_VMA, vma->id),
			.parent = TRACK(TRACK_OF_VMAS, vma->mm),
			.name = text_keep(name),
			.rank = i + 1,
		});
	}
	free(order);
}

static void show_range(const struct model_range *range)
{
	const struct model_vma *vma = &of->vmas[range->vma];
	__u64 track = TRACK(TRACK_OF_VMA, vma->id), to = range->to ? range->to : of->last;
	char name[80], rights[5];

	if (range->from >= to && range->to)
		return;
	text_rights(range->rights, rights);
	snprintf(name, sizeof(name), "%llx-%llx %s", range->start, range->end, rights);
	packets_event(TYPE_BEGIN, track, name);
	packets_pointer(NOTE_START, range->start);
	packets_pointer(NOTE_END, range->end);
	packets_text(NOTE_RIGHTS, rights);
	packets_number(NOTE_PAGE, range->pgoff);
	packets_text(NOTE_WHAT, vma->name);
	packets_send(range->from);
	packets_event(TYPE_END, track, NULL);
	packets_send(to);
}

/* Lineage: an instant on the track of the one, and one on that of the other, and a flow. */
static void connect(__u32 from, __u32 to, const char *what, __u64 id, __u64 now)
{
	char name[80];

	snprintf(name, sizeof(name), "%s: to #%u", what, to);
	packets_event(TYPE_INSTANT, TRACK(TRACK_OF_VMA, from), name);
	packets_flow(id, false);
	packets_send(now);
	snprintf(name, sizeof(name), "%s: from #%u", what, from);
	packets_event(TYPE_INSTANT, TRACK(TRACK_OF_VMA, to), name);
	packets_flow(id, true);
	packets_send(now);
}

static void show_instant(const struct model_vma *vma, unsigned int type, int cause, __u64 now)
{
	char by[64];

	cause_text(cause, by, sizeof(by));
	packets_event(TYPE_INSTANT, TRACK(TRACK_OF_VMA, vma->id), event_name(type));
	packets_text(NOTE_BY, by);
	packets_send(now);
}

static void show_life(const struct model_vma *vma)
{
	bool merged = vma->heir && model_vma_find(of, vma->heir);

	if (vma->parent && model_vma_find(of, vma->parent))
		connect(vma->parent, vma->id, event_name(vma->birth), 2ULL * vma->id, vma->from);
	show_instant(vma, vma->birth, vma->birth_cause, vma->from);
	if (!vma->to)
		return;
	if (merged)
		connect(vma->id, vma->heir, "merge", 2ULL * vma->id + 1, vma->to);
	else
		show_instant(vma, vma->end, vma->end_cause, vma->to);
}

/**
 * tracks_of_vmas - show all VMAs
 * @model: where they are
 */
void tracks_of_vmas(const struct model *model)
{
	size_t *order;

	of = model;
	tell_tracks();
	order = sorted(model->nr_ranges, compare_ranges);
	for (size_t i = 0; i < model->nr_ranges; i++)
		show_range(&model->ranges[order[i]]);
	free(order);
	for (size_t i = 0; i < model->nr_vmas; i++)
		show_life(&model->vmas[i]);
}
