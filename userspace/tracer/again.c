// SPDX-License-Identifier: GPL-2.0
/*
 * Faults in pages that were there before and were given back: by which call, and when. Records are
 * looked at in their order, and such faults are marked with MMSCOPE_F_REFAULT.
 */
#include <stdio.h>
#include <sys/mman.h>
#include "aspace/aspace.h"
#include "base/proc.h"
#include "base/tool.h"
#include "record/record.h"
#include "record/text.h"
#include "tracer/again.h"
#include "tracer/queue.h"
#include "tracer/touched.h"

#define AROUND		16	/* pages that a fault in a file maps at most, aligned */

#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED	24
#endif
#define GUARD_INSTALL	102

/* Does the fault's class say that no page was there? Other faults are at pages that are present. */
static bool finds_nothing(const struct mmscope_event *e)
{
	switch (RECORD_CLASS(e->flags)) {
	case RECORD_CLASS_COPY:
	case RECORD_CLASS_REUSE:
	case RECORD_CLASS_DIRTY:
	case RECORD_CLASS_NUMA:
	case RECORD_CLASS_NOTHING:
	case RECORD_CLASS_WAIT:
		return false;
	}
	return true;
}

/* Note the pages that a fault maps beside the one it was for: aligned about it, in its VMA. */
static void beside(struct touched *touched, const struct mmscope_event *e, __u64 at)
{
	__u64 size = proc_page_size(), n = e->npages > AROUND ? e->npages : AROUND;
	const struct vma *vma = vma_of_id(e->vma);
	__u64 first = at - at % n, last = first + n;

	if (!vma)
		return;
	if (first < vma->start / size)
		first = vma->start / size;
	if (last > vma->end / size)
		last = vma->end / size;
	/*
	 * A fault that mapped fewer pages than the range has does not say which: only a whole range
	 * is noted.
	 */
	if (last - first != e->npages)
		return;
	for (__u64 i = first; i < last; i++)
		touched_there(touched, i);
}

/**
 * again_fault - note which pages a fault has brought, and mark it if its page had been given back
 * @e: record of the fault, in order; MMSCOPE_F_REFAULT and pgoff are set if it is one again
 */
void again_fault(struct mmscope_event *e)
{
	__u64 at = e->addr / proc_page_size();
	struct touched *touched;
	__u32 release;

	if (e->flags & MMSCOPE_F_ERROR)
		return;
	touched = touched_of(e->mm);
	release = touched_there(touched, at);
	if (release && finds_nothing(e)) {
		e->flags |= MMSCOPE_F_REFAULT;
		e->pgoff = release;
	}
	if (e->npages > 1)
		beside(touched, e, at);
}

static bool gives_back(const struct mmscope_event *e)
{
	if (e->flags & MMSCOPE_F_ERROR)
		return false;
	switch ((int)e->aux) {
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE:
	case MADV_REMOVE:
	case MADV_PAGEOUT:
	case GUARD_INSTALL:
		return true;
	}
	return false;
}

/* Does the running call move the pages of a range to a place that the call has made? */
static bool moves(const struct mmscope_event *e, __u64 start, __u64 end)
{
	const struct mm *mm = mm_get(e->mm);
	const struct mmscope_event *raw = queue_raw();
	const struct move *now = mm ? &mm->move : NULL;

	return now && now->end && now->tid == raw->tid && now->call == raw->aux &&
	       start >= now->start && end <= now->end;
}

/* The pages of a range leave it: they are given back, or mremap(2) moves them to another range. */
static void leave(const struct mmscope_event *e, __u64 start, __u64 end)
{
	__u64 made = touched_of(e->mm)->made;

	if (moves(e, start, end))
		touched_move(e, start, made + start - mm_get(e->mm)->move.start, end - start);
	else
		touched_release(e, start, end);
}

/* Note where an mremap(2) may put its pages: in a VMA that was made, or a part of one that grew. */
static void made(const struct mmscope_event *e)
{
	bool below = e->flags & MMSCOPE_F_BELOW;

	touched_of(e->mm)->made = e->type == MMSCOPE_COPY || below ? e->start : e->aux;
}

/**
 * again_observe - note which pages a record brings or takes, as again_fault() does for faults
 * @e: a record of the tracer, in order
 */
void again_observe(struct mmscope_event *e)
{
	switch (e->type) {
	case MMSCOPE_FAULT:
		again_fault(e);
		break;
	case MMSCOPE_UNMAP:
	case MMSCOPE_MOVE:
		leave(e, e->start, e->end);
		break;
	case RECORD_SHRINK:
		if (e->flags & MMSCOPE_F_BELOW)
			leave(e, e->aux, e->start);
		else
			leave(e, e->end, e->aux);
		break;
	case MMSCOPE_COPY:
	case RECORD_GROW:
		made(e);
		break;
	case MMSCOPE_MREMAP:
		touched_move(e, e->aux, e->start, e->end - e->start);
		break;
	case RECORD_ADVISE:
		if (gives_back(e))
			touched_release(e, e->start, e->end);
		break;
	case MMSCOPE_FORK:
		touched_copy(e->mm, e->aux);
		break;
	case MMSCOPE_END:
		touched_end(e->mm);
		break;
	}
}

/**
 * again_is - is a record a fault in a page that was given back?
 * @e: a record that again_observe() has seen
 */
bool again_is(const struct mmscope_event *e)
{
	const __u32 both = RECORD_F_WHOLE | MMSCOPE_F_REFAULT;

	return e->type == MMSCOPE_FAULT && (e->flags & both) == both;
}

/**
 * again_by - write what gave a page back: "madvise(2) DONTNEED"
 * @e: a fault for which again_is() holds
 * @buf: for the text
 * @size: of @buf
 */
void again_by(const struct mmscope_event *e, char *buf, size_t size)
{
	const struct release *release = release_of(e->pgoff);
	char cause[32];

	if (!release) {
		snprintf(buf, size, "a call long ago");
		return;
	}
	cause_text(release->cause, cause, sizeof(cause));
	if (release->advice >= 0)
		snprintf(buf, size, "%s %s", cause, advice_name(release->advice));
	else
		snprintf(buf, size, "%s", cause);
}

/**
 * again_ago - the time from when a page was given back until it was touched again
 * @e: a fault for which again_is() holds
 *
 * Return: ns; 0 when it is too long ago to be known
 */
__u64 again_ago(const struct mmscope_event *e)
{
	const struct release *release = release_of(e->pgoff);

		/*
		 * Clocks of two CPUs differ a little, so that the fault may seem to be the older
		 * one.
		 */
	return release && e->time_ns > release->time_ns ? e->time_ns - release->time_ns : 0;
}

/**
 * again_words - write what gave a page back, and how long ago
 * @e: a fault for which again_is() holds
 * @buf: becomes "given back by brk(2) 3 ms ago"
 * @size: of @buf
 */
void again_words(const struct mmscope_event *e, char *buf, size_t size)
{
	static const struct {
		__u64 ns;
		const char *name;
	} units[] = {
		{ 10000000000ULL, "s" }, { 1000000ULL, "ms" }, { 0, "us" },
	};
	static const __u64 one[] = { 1000000000ULL, 1000000ULL, 1000ULL };
	__u64 ago = again_ago(e);
	char by[64];
	size_t i = 0;

	while (ago < units[i].ns)
		i++;
	again_by(e, by, sizeof(by));
	snprintf(buf, size, "given back by %s %llu %s ago", by, ago / one[i], units[i].name);
}

/**
 * again_missed - the number of touched pages that found no room, and are not known when they come
 *	again
 */
__u64 again_missed(void)
{
	return touched_missed();
}
