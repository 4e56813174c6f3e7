// SPDX-License-Identifier: GPL-2.0
/*
 * What happened to VMAs, seen in what was stored where: raw records in, records for people out.
 *
 * The rules: an object stored for the first time is new; if it was copied from another, it is a
 * half of that (split), a child's (fork), or the place where a move goes to. A known object stored
 * over more than it had has grown into a hole, or has taken in its neighbour (merge), unless that
 * was mapped over on purpose. One that is stored over has shrunk or left; when its object is
 * freed it is gone, and what was given back is known.
 */
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "base/proc.h"
#include "record/record.h"
#include "tracer/merge_refusal.h"
#include "tracer/queue.h"
#include "tracer/syscall_args.h"
#include "tracer/vma_events.h"

/* Tell that a VMA goes, and how many pages of which kind it gives back. */
static void emit_unmap(struct space *space, struct area *area)
{
	__s64 *zapped = area->zapped;
	struct mmscope_event *e;
	__s64 pages;

	if (call_moved(space, area)) {
		e = queue_add(MMSCOPE_MOVE, space, area);
		e->pages = MMSCOPE_PAGES_UNKNOWN;
		return;
	}
	e = queue_add(MMSCOPE_UNMAP, space, area);
	pages = zapped[RAW_RSS_FILE] + zapped[RAW_RSS_ANON] + zapped[RAW_RSS_SHMEM];
	e->pages = pages > 0 ? pages : 0;
	e->parent = zapped[RAW_RSS_ANON] > 0 ? zapped[RAW_RSS_ANON] : 0;
	for (int i = 0; i < RAW_NR_RSS; i++)
		queue_extra(e)->rss[i] = -zapped[i];
	memset(zapped, 0, sizeof(area->zapped));
}

static void emit_edge(__u8 type, struct space *space, const struct area *area, __u64 edge, bool low)
{
	struct mmscope_event *e = queue_add(type, space, area);

	e->aux = edge;
	if (low)
		e->flags |= MMSCOPE_F_BELOW;
}

/*
 * A VMA is replaced as a whole by another one: tell its unmap, for which the pages given back are
 * known already.
 */
static void replaced(struct space *space, struct area *area)
{
	space_assign(space, area->start, area->end, NULL);
	emit_unmap(space, area);
	area->told = true;
}

/* Take [start, end) away from all other VMAs. Nothing of it is given to @area yet. */
static void displace(struct space *space, const struct area *area, __u64 start, __u64 end)
{
	struct piece *piece;

	while ((piece = space_in(space, start, end))) {
		struct area *other = piece->area;
		__u64 from = other->start, to = other->end, at = piece->start, till = piece->end;

		if (other == area)
			return;
		if (from >= start && to <= end) {
			replaced(space, other);
			/* Where records made no sense, it may have been elsewhere, too. */
			space_assign(space, at, till, NULL);
			continue;
		}
		space_assign(space, start, end, NULL);
		if (other->start != from)
			emit_edge(RECORD_SHRINK, space, other, from, true);
		else
			emit_edge(RECORD_SHRINK, space, other, to, false);
	}
}

/* @area takes in all of @other, which touches it. */
static void merge(struct space *space, struct area *area, struct area *other)
{
	bool low = other->end <= area->start;
	__u64 edge = low ? area->start : area->end;
	struct mmscope_event *e;

	space_assign(space, other->start, other->end, area);
	e = queue_add(RECORD_MERGE, space, area);
	e->aux = edge;
	e->parent = other->id;
	if (low)
		e->flags |= MMSCOPE_F_BELOW;
	other->told = true;
}

static void grow(struct space *space, struct area *area, __u64 from, __u64 to)
{
	bool low = to <= area->start;
	__u64 edge = low ? area->start : area->end;

	displace(space, area, from, to);
	space_assign(space, from, to, area);
	emit_edge(RECORD_GROW, space, area, edge, low);
}

/* @area has one edge further out, @to: over holes, neighbours as a whole, or part of one. */
static void reach_up(struct space *space, struct area *area, __u64 to)
{
	struct piece *next;

	for (__u64 was = 0; area->end < to && area->end > was;) {
		was = area->end;
		next = space_in(space, area->end, to);
		if (next && next->start == area->end && next->area->end <= to)
			merge(space, area, next->area);
		else
			grow(space, area, area->end,
			     next && next->start > area->end ? next->start : to);
	}
}

static void reach_down(struct space *space, struct area *area, __u64 to)
{
	const struct piece *piece;
	struct area *below;

	for (__u64 was = ~0ULL; area->start > to && area->start < was;) {
		was = area->start;
		below = space_at(space, area->start - 1);
		piece = piece_below(space, area->start);
		if (below && below->start >= to)
			merge(space, area, below);
		else
			grow(space, area, !below && piece && piece->end > to ? piece->end : to,
			     area->start);
	}
}

/*
 * First remove the VMAs that MAP_FIXED replaces; only then may a neighbour grow over their range.
 */
static void map_over(struct space *space, const struct area *area, const struct raw_vma *raw)
{
	__u64 at = raw->e.start;
	const struct piece *piece;

	while ((piece = space_in(space, at, raw->e.end))) {
		at = piece->end;
		if (piece->area != area && call_maps_over(raw, piece->area))
			replaced(space, piece->area);
	}
}

static struct mmscope_event *emit_split(struct space *space, const struct area *area,
					const struct area *from, __u64 start, __u64 end)
{
	struct mmscope_event *e = queue_add(MMSCOPE_SPLIT, space, area);
	bool below = area->start == start;

	e->start = start;
	e->end = end;
	e->aux = below ? area->end : area->start;
	e->parent = from->id;
	if (below)
		e->flags |= MMSCOPE_F_BELOW;
	return e;
}

static void birth(struct area *area, const struct mmscope_event *e)
{
	area->birth = e->type;
	area->born_by = e->cause;
	area->born_ns = e->time_ns;
}

/* A VMA is stored in the tree for the first time: tell how it was made. */
static void born(struct space *space, struct area *area, const struct raw_vma *raw,
		 __u64 start, __u64 end)
{
	const struct area *from = area_of_id(area->parent);
	struct mmscope_event *e;
	__u64 low, high;

	area->mm = space->id;
	if (from && from->mapped && from->mm == space->id && start >= from->start &&
	    end <= from->end) {
		low = from->start;
		high = from->end;
		space_assign(space, start, end, area);
		birth(area, emit_split(space, area, from, low, high));
		return;
	}
	displace(space, area, start, end);
	space_assign(space, start, end, area);
	if (!from)
		e = queue_add(raw->e.type == RAW_HAVE ? RECORD_THERE : MMSCOPE_MMAP, space, area);
	else
		e = queue_add(from->mm == space->id ? MMSCOPE_COPY : MMSCOPE_DUP, space, area);
	birth(area, e);
	if (!from)
		return;
	e->parent = from->id;
	e->pages = MMSCOPE_PAGES_UNKNOWN;
	if (e->type == MMSCOPE_COPY)
		call_moves(raw, space);
}

/* What the kernel says of a VMA. 6.1 writes a page number after a store that is not the first. */
static void look(struct area *area, const struct vma_image *image, bool complete)
{
	if (!area->birth || complete)
		area->base = image->pgoff - image->start / proc_page_size();
	area->image = *image;
}

/**
 * vma_event_looks - a VMA looks different now, though nothing was stored
 * @area: the VMA
 * @raw: what it is like
 */
void vma_event_looks(struct area *area, const struct raw_vma *raw)
{
	look(area, &raw->vma, false);
	names_take(area, raw);
}

/* The VMA of an object. One of another mm is dead, and its death was not told: a new one begins. */
static struct area *area_now(struct space *space, __u64 object)
{
	struct area *area = area_of_object(object);
	struct space *other;

	if (!area)
		return area_add(space->id, object);
	if (!area->birth || area->mm == space->id)
		return area;
	other = space_get(area->mm);
	if (other && area->mapped)
		replaced(other, area);
	area_drop(area);
	return area_add(space->id, object);
}

/**
 * vma_event_stored - a VMA was stored
 * @space: in whose map
 * @raw: what and where
 * @complete: all that @raw says of it is as it will stay
 */
void vma_event_stored(struct space *space, const struct raw_vma *raw, bool complete)
{
	__u64 start = raw->e.start, end = raw->e.end;
	struct area *area = area_now(space, raw->vma.object);

	look(area, &raw->vma, complete);
	names_take(area, raw);
	if (!area->birth) {
		born(space, area, raw, start, end);
	} else if (!area->mapped) {
		/* An unmapping that failed is taken back. */
		displace(space, area, start, end);
		space_assign(space, start, end, area);
	} else if (call_shifts_stack(raw, space, area)) {
		space->shifts = area->id;
		space->stack_was = area->start;
		space_assign(space, start, area->start, area);
	} else if (start < area->start || end > area->end) {
		if (raw->e.cause == SYS_mremap && space_at(space, raw->args[0]) != area)
			call_moves(raw, space);
		map_over(space, area, raw);
		reach_up(space, area, end);
		reach_down(space, area, start);
	}
}

/* A new program's stack is at its final place when its old range is emptied. */
static bool shifted(struct space *space, const struct area *area)
{
	if (space->shifts != area->id)
		return false;
	queue_add(MMSCOPE_MREMAP, space, area)->aux = space->stack_was;
	space->shifts = 0;
	return true;
}

/* A stack that is complete and was not moved has grown downwards. */
static void grew(struct space *space, const struct area *area)
{
	if (space->shifts != area->id)
		return;
	emit_edge(RECORD_GROW, space, area, space->stack_was, true);
	space->shifts = 0;
}

/**
 * vma_event_emptied - a hole was stored: over VMAs that go, or over the end of one that shrinks
 * @space: in whose map
 * @start: first address
 * @end: first address behind it
 */
void vma_event_emptied(struct space *space, __u64 start, __u64 end)
{
	const struct piece *piece;

	while ((piece = space_in(space, start, end))) {
		struct area *area = piece->area;
		__u64 from = area->start, to = area->end > piece->end ? area->end : piece->end;

		space_assign(space, piece->start > start ? piece->start : start,
			     to < end ? to : end, NULL);
		if (!area->mapped || shifted(space, area))
			continue;
		if (area->start != from)
			emit_edge(RECORD_SHRINK, space, area, from, true);
		else
			emit_edge(RECORD_SHRINK, space, area, to, false);
	}
}

/**
 * vma_event_completed - a VMA is complete: created, or with other rights
 * @space: in whose map
 * @raw: what it is like
 */
void vma_event_completed(struct space *space, const struct raw_vma *raw)
{
	struct area *area = area_of_object(raw->vma.object);
	__u32 before = area ? queue_rights(area) : 0;
	bool known = area && area->birth;

	vma_event_stored(space, raw, true);
	area = area_of_object(raw->vma.object);
	grew(space, area);
	if (call_protects(raw) || (known && queue_rights(area) != before))
		call_limit(raw, queue_add(MMSCOPE_MPROTECT, space, area));
	merge_refusal_tell(space, area);
}

/**
 * vma_event_freed - a VMA's object is gone
 * @space: whose it was
 * @object: the object
 */
void vma_event_freed(struct space *space, __u64 object)
{
	struct area *area = area_of_object(object);

	if (!area || (area->birth && area->mm != space->id))
		return;
	if (area->mapped)
		space_assign(space, area->start, area->end, NULL);
	if (area->birth && !area->told)
		emit_unmap(space, area);
	area_drop(area);
}

/**
 * vma_event_copied - a VMA's object was copied; where the copy goes will be told
 * @space: whose it is
 * @object: the object
 * @copy: the new one
 */
void vma_event_copied(struct space *space, __u64 object, __u64 copy)
{
	const struct area *from = area_of_object(object);
	struct area *old = area_of_object(copy);

	if (old)
		vma_event_freed(space, copy);
	area_add(space->id, copy)->parent = from ? from->id : 0;
}

/**
 * vma_event_forget - a map is to be empty
 * @space: the address space ends, or is read anew
 * @tell: its VMAs are gone
 */
void vma_event_forget(struct space *space, bool tell)
{
	while (space->nr) {
		const struct piece *piece = space_first(space);
		struct area *area = piece->area;

		space_assign(space, area->start < piece->start ? area->start : piece->start,
			     area->end > piece->end ? area->end : piece->end, NULL);
		if (tell)
			emit_unmap(space, area);
		area_drop(area);
	}
}
