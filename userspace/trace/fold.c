// SPDX-License-Identifier: GPL-2.0
/*
 * Tells faults in one line that follow each other and say the same: of one thread, in one VMA, with
 * the same words. A line is kept until another record comes, or until no fault has been added to it
 * from one tick to the next.
 */
#include <string.h>
#include "base/proc.h"
#include "record/record.h"
#include "record/text.h"
#include "trace/columns.h"
#include "trace/fold.h"

/**
 * struct fold - the line that is kept
 * @e: the last fault of the line
 * @words: words of the first fault, without its time
 * @run: all faults of the line
 * @line: the line, with the faults so far
 * @fresh: a fault was added since the last tick
 */
static struct fold {
	struct mmscope_event e;
	struct event_text words;
	struct columns_run run;
	struct columns_line line;
	bool fresh;
} fold;

static bool alike(const struct mmscope_event *e, const struct event_text *words)
{
	const struct mmscope_event *last = &fold.e;

	return last->mm == e->mm && last->vma == e->vma && last->tid == e->tid &&
	       last->flags == e->flags && last->cause == e->cause &&
	       !strcmp(fold.words.event, words->event) && !strcmp(fold.words.what, words->what);
}

static void begin(const struct mmscope_event *e)
{
	fold.run = (struct columns_run){ .time_ns = e->time_ns, .low = ~0ULL };
}

static void join(const struct mmscope_event *e)
{
	__u64 size = proc_page_size(), page = e->addr & -size;
	__u64 end = page + (e->npages ? e->npages : 1) * size;

	fold.run.low = page < fold.run.low ? page : fold.run.low;
	fold.run.high = end > fold.run.high ? end : fold.run.high;
	fold.run.ns += e->ns;
	fold.run.faults++;
	fold.e = *e;
	fold.fresh = true;
}

/**
 * fold_flush - print the line that is kept, if there is one
 */
void fold_flush(void)
{
	if (fold.run.faults)
		columns_print(&fold.line);
	fold.run.faults = 0;
}

/**
 * fold_tick - print the line that is kept, unless a fault was added since the last call
 */
void fold_tick(void)
{
	if (!fold.fresh)
		fold_flush();
	fold.fresh = false;
}

/**
 * fold_event - print a record, or keep it for faults like it that may follow
 * @e: the record
 * @about: what else is known of the record
 */
void fold_event(const struct mmscope_event *e, const struct event_about *about)
{
	struct mmscope_event timeless = *e;
	struct event_text words;

	if (e->type != MMSCOPE_FAULT || e->flags & MMSCOPE_F_ERROR || !e->vma) {
		fold_flush();
		columns_event(e, about);
		return;
	}
	timeless.ns = 0;
	event_text(&timeless, about, &words);
	if (!fold.run.faults || !alike(e, &words)) {
		fold_flush();
		begin(e);
		fold.words = words;
	}
	join(e);
	columns_fill(&fold.line, e, about, fold.run.faults > 1 ? &fold.run : NULL);
}
