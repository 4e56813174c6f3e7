// SPDX-License-Identifier: GPL-2.0
/*
 * Faults that follow each other and say the same come in one line: of one thread, in one VMA, alike
 * in words. A line waits for the next record, or for the next time that somebody looks.
 */
#include <string.h>
#include "base/proc.h"
#include "record/record.h"
#include "record/text.h"
#include "trace/columns.h"
#include "trace/fold.h"

/**
 * struct fold - a line that waits
 * @e: the record told last of it
 * @words: what it says, without its time
 * @run: all of them
 * @line: as far as it goes
 * @fresh: it became longer since somebody looked
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
 * fold_flush - print the line that waits, if there is one
 */
void fold_flush(void)
{
	if (fold.run.faults)
		columns_print(&fold.line);
	fold.run.faults = 0;
}

/**
 * fold_tick - print the line that waits if nothing has come to it since the last time
 */
void fold_tick(void)
{
	if (!fold.fresh)
		fold_flush();
	fold.fresh = false;
}

/**
 * fold_event - print a record, or have it wait for those that are like it
 * @e: the record
 * @about: what else is known of it
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
