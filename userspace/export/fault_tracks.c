// SPDX-License-Identifier: GPL-2.0
/*
 * Faults as slices, on a track for each thread and address space: a thread has one fault at a time.
 * Where several are told at once, as of other processes, each has a track where nothing overlaps.
 */
#include <stdlib.h>
#include <string.h>
#include "base/table.h"
#include "base/tool.h"
#include "export/callers.h"
#include "export/code.h"
#include "export/packets.h"
#include "export/tracks.h"
#include "record/record.h"
#include "record/refusal.h"
#include "record/text.h"

static const struct model *of;
static __u64 *ends;	/* of each track of a thread: end of its last slice */
static size_t nr_ends;
static __u64 first_track;	/* number of the first of them */
static __u64 nr_tracks;

static __u64 begin_of(const struct model_fault *fault)
{
	return fault->ns < fault->time_ns ? fault->time_ns - fault->ns : 0;
}

static int compare(const void *a, const void *b)
{
	const struct model_fault *x = &of->faults[*(const size_t *)a];
	const struct model_fault *y = &of->faults[*(const size_t *)b];

	if (x->mm != y->mm)
		return x->mm < y->mm ? -1 : 1;
	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	if (begin_of(x) != begin_of(y))
		return begin_of(x) < begin_of(y) ? -1 : 1;
	return x < y ? -1 : 1;
}

static __u64 new_track(const struct model_fault *fault)
{
	char name[64];

	if (fault->tid)
		snprintf(name, sizeof(name), "faults of thread %u", fault->tid);
	else
		snprintf(name, sizeof(name), "faults by others");
	if (nr_ends)
		snprintf(name + strlen(name), sizeof(name) - strlen(name), " (%zu)", nr_ends + 1);
	ends = table_grow(ends, nr_ends++, sizeof(*ends));
	packets_track(&(struct packets_track){
		.uuid = TRACK(TRACK_OF_FAULTS, ++nr_tracks),
		.parent = TRACK(TRACK_OF_MM, fault->mm),
		.name = name,
	});
	return nr_ends - 1;
}

/* A track that is free when the fault begins. */
static __u64 track_for(const struct model_fault *fault)
{
	size_t i = 0;

	while (i < nr_ends && ends[i] > begin_of(fault))
		i++;
	if (i == nr_ends)
		i = new_track(fault);
	ends[i] = fault->time_ns;
	return TRACK(TRACK_OF_FAULTS, first_track + i);
}

static void show_fault(const struct model_fault *fault)
{
	const struct callers *callers = callers_get(fault->callers);
	const char *class = class_name(RECORD_CLASS(fault->flags));
	__u64 track = track_for(fault);
	char by[64];

	cause_text(fault->cause, by, sizeof(by));
	packets_event(TYPE_BEGIN, track, class_word(RECORD_CLASS(fault->flags)));
	packets_pointer(NOTE_ADDRESS, fault->addr);
	packets_text(NOTE_CLASS, class ? class : "unknown");
	packets_text(NOTE_FUNCTION, code_get(callers->codes[0])->words);
	if (fault->vma)
		packets_number(NOTE_VMA, fault->vma);
	packets_number(NOTE_PAGES, fault->pages);
	packets_text(NOTE_BY, by);
	packets_number(NOTE_CPU, fault->cpu);
	if (fault->flags & MMSCOPE_F_ERROR)
		packets_text(NOTE_ERROR, refusal_name(fault->error));
	packets_callers(fault->callers);
	packets_send(begin_of(fault));
	packets_event(TYPE_END, track, NULL);
	packets_send(fault->time_ns);
}

static void show_call(const struct model_call *call)
{
	char by[64];

	cause_text(call->e.cause, by, sizeof(by));
	packets_event(TYPE_INSTANT, TRACK(TRACK_OF_CALLS, call->e.mm), event_name(call->e.type));
	packets_text(NOTE_WHAT, call->words);
	packets_text(NOTE_BY, by);
	packets_pointer(NOTE_START, call->e.start);
	packets_pointer(NOTE_END, call->e.end);
	packets_send(call->e.time_ns);
}

/**
 * tracks_of_faults - show all faults, and what calls did
 * @model: where they are
 */
void tracks_of_faults(const struct model *model)
{
	size_t *order = malloc((model->nr_faults + 1) * sizeof(*order));
	const struct model_fault *before = NULL, *fault;

	if (!order)
		abort();
	of = model;
	for (size_t i = 0; i < model->nr_faults; i++)
		order[i] = i;
	qsort(order, model->nr_faults, sizeof(*order), compare);
	for (size_t i = 0; i < model->nr_faults; i++) {
		fault = &model->faults[order[i]];
		if (!before || before->mm != fault->mm || before->tid != fault->tid) {
			nr_ends = 0;
			first_track = nr_tracks + 1;
		}
		show_fault(fault);
		before = fault;
	}
	free(order);
	for (size_t i = 0; i < model->nr_calls; i++)
		show_call(&model->calls[i]);
}
