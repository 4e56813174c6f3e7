// SPDX-License-Identifier: GPL-2.0
/*
 * Makes records of raw records, which say what the kernel has stored in its tree of VMAs.
 *
 * The rules: an object that is stored for the first time is a new VMA. If it is a copy of another
 * object, it is a part of that VMA (split), a child's VMA (fork), or the destination of mremap(2).
 * A known object that is stored over more addresses than it had has grown into a hole or has taken
 * in its neighbour (merge), unless the caller has mapped over that on purpose. A VMA that another
 * one is stored over has shrunk or left the tree. When its object is freed the VMA is gone, and it
 * is known how many pages it gave back.
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
static void emit_unmap(struct mm *mm, struct vma *vma)
{
	__s64 *zapped = vma->zapped;
	struct mmscope_event *e;
	__s64 pages;

	if (call_moved(mm, vma)) {
		e = queue_add(MMSCOPE_MOVE, mm, vma);
		e->pages = MMSCOPE_PAGES_UNKNOWN;
		return;
	}
	e = queue_add(MMSCOPE_UNMAP, mm, vma);
	pages = zapped[RAW_RSS_FILE] + zapped[RAW_RSS_ANON] + zapped[RAW_RSS_SHMEM];
	e->pages = pages > 0 ? pages : 0;
	e->parent = zapped[RAW_RSS_ANON] > 0 ? zapped[RAW_RSS_ANON] : 0;
	for (int i = 0; i < RAW_NR_RSS; i++)
		queue_extra(e)->rss[i] = -zapped[i];
	memset(zapped, 0, sizeof(vma->zapped));
}

static void emit_edge(__u8 type, struct mm *mm, const struct vma *vma, __u64 edge, bool low)
{
	struct mmscope_event *e = queue_add(type, mm, vma);

	e->aux = edge;
	if (low)
		e->flags |= MMSCOPE_F_BELOW;
}

/* Tell the unmap of a VMA that is replaced; what it gives back is known already. */
static void replaced(struct mm *mm, struct vma *vma)
{
	mm_assign(mm, vma->start, vma->end, NULL);
	emit_unmap(mm, vma);
	vma->told = true;
}

/* Take [start, end) away from all other VMAs; @vma is given it later. */
static void displace(struct mm *mm, const struct vma *vma, __u64 start, __u64 end)
{
	struct map_range *range;

	while ((range = mm_in(mm, start, end))) {
		struct vma *other = range->vma;
		__u64 from = other->start, to = other->end, at = range->start, till = range->end;

		if (other == vma)
			return;
		if (from >= start && to <= end) {
			replaced(mm, other);
			/* If records make no sense, the VMA may be in a second place of the map. */
			mm_assign(mm, at, till, NULL);
			continue;
		}
		mm_assign(mm, start, end, NULL);
		if (other->start != from)
			emit_edge(RECORD_SHRINK, mm, other, from, true);
		else
			emit_edge(RECORD_SHRINK, mm, other, to, false);
	}
}

/* @vma takes in all of @other, which is its neighbour. */
static void merge(struct mm *mm, struct vma *vma, struct vma *other)
{
	bool low = other->end <= vma->start;
	__u64 edge = low ? vma->start : vma->end;
	struct mmscope_event *e;

	mm_assign(mm, other->start, other->end, vma);
	e = queue_add(RECORD_MERGE, mm, vma);
	e->aux = edge;
	e->parent = other->id;
	if (low)
		e->flags |= MMSCOPE_F_BELOW;
	other->told = true;
}

static void grow(struct mm *mm, struct vma *vma, __u64 from, __u64 to)
{
	bool low = to <= vma->start;
	__u64 edge = low ? vma->start : vma->end;

	displace(mm, vma, from, to);
	mm_assign(mm, from, to, vma);
	emit_edge(RECORD_GROW, mm, vma, edge, low);
}

/* Move the upper edge of @vma to @to: over holes, over whole neighbours, or over a part of one. */
static void reach_up(struct mm *mm, struct vma *vma, __u64 to)
{
	struct map_range *next;

	for (__u64 was = 0; vma->end < to && vma->end > was;) {
		was = vma->end;
		next = mm_in(mm, vma->end, to);
		if (next && next->start == vma->end && next->vma->end <= to)
			merge(mm, vma, next->vma);
		else
			grow(mm, vma, vma->end,
			     next && next->start > vma->end ? next->start : to);
	}
}

static void reach_down(struct mm *mm, struct vma *vma, __u64 to)
{
	const struct map_range *range;
	struct vma *below;

	for (__u64 was = ~0ULL; vma->start > to && vma->start < was;) {
		was = vma->start;
		below = mm_at(mm, vma->start - 1);
		range = range_below(mm, vma->start);
		if (below && below->start >= to)
			merge(mm, vma, below);
		else
			grow(mm, vma, !below && range && range->end > to ? range->end : to,
			     vma->start);
	}
}

/* Remove the VMAs that MAP_FIXED replaces, before a neighbour grows over their range. */
static void map_over(struct mm *mm, const struct vma *vma, const struct raw_vma *raw)
{
	__u64 at = raw->e.start;
	const struct map_range *range;

	while ((range = mm_in(mm, at, raw->e.end))) {
		at = range->end;
		if (range->vma != vma && call_maps_over(raw, range->vma))
			replaced(mm, range->vma);
	}
}

static struct mmscope_event *emit_split(struct mm *mm, const struct vma *vma,
					const struct vma *from, __u64 start, __u64 end)
{
	struct mmscope_event *e = queue_add(MMSCOPE_SPLIT, mm, vma);
	bool below = vma->start == start;

	e->start = start;
	e->end = end;
	e->aux = below ? vma->end : vma->start;
	e->parent = from->id;
	if (below)
		e->flags |= MMSCOPE_F_BELOW;
	return e;
}

static void birth(struct vma *vma, const struct mmscope_event *e)
{
	vma->birth = e->type;
	vma->born_by = e->cause;
	vma->born_ns = e->time_ns;
}

/* A VMA is stored in the tree for the first time: tell by which kind of change it was made. */
static void born(struct mm *mm, struct vma *vma, const struct raw_vma *raw,
		 __u64 start, __u64 end)
{
	const struct vma *from = vma_of_id(vma->parent);
	struct mmscope_event *e;
	__u64 low, high;

	vma->mm = mm->id;
	if (from && from->mapped && from->mm == mm->id && start >= from->start &&
	    end <= from->end) {
		low = from->start;
		high = from->end;
		mm_assign(mm, start, end, vma);
		birth(vma, emit_split(mm, vma, from, low, high));
		return;
	}
	displace(mm, vma, start, end);
	mm_assign(mm, start, end, vma);
	if (!from)
		e = queue_add(raw->e.type == RAW_HAVE ? RECORD_THERE : MMSCOPE_MMAP, mm, vma);
	else
		e = queue_add(from->mm == mm->id ? MMSCOPE_COPY : MMSCOPE_DUP, mm, vma);
	birth(vma, e);
	if (!from)
		return;
	e->parent = from->id;
	e->pages = MMSCOPE_PAGES_UNKNOWN;
	if (e->type == MMSCOPE_COPY)
		call_moves(raw, mm);
}

/* Keep what the kernel says of a VMA. After a later store 6.1 has yet to set the page number. */
static void look(struct vma *vma, const struct vma_image *image, bool complete)
{
	if (!vma->birth || complete)
		vma->base = image->pgoff - image->start / proc_page_size();
	vma->image = *image;
}

/**
 * vma_event_looks - take a raw record of a VMA that looks different, though nothing was stored
 * @vma: the VMA
 * @raw: the VMA as the kernel has it now
 */
void vma_event_looks(struct vma *vma, const struct raw_vma *raw)
{
	look(vma, &raw->vma, false);
	names_take(vma, raw);
}

/* The VMA of an object. If it was one of another mm, the record of that one's end is missing. */
static struct vma *vma_now(struct mm *mm, __u64 object)
{
	struct vma *vma = vma_of_object(object);
	struct mm *other;

	if (!vma)
		return vma_add(mm->id, object);
	if (!vma->birth || vma->mm == mm->id)
		return vma;
	other = mm_get(vma->mm);
	if (other && vma->mapped)
		replaced(other, vma);
	vma_drop(vma);
	return vma_add(mm->id, object);
}

/**
 * vma_event_stored - take a raw record of a VMA that was stored in the tree
 * @mm: address space of the tree
 * @raw: the VMA, and the range that it was stored over
 * @complete: no further change of the VMA follows from the same call
 */
void vma_event_stored(struct mm *mm, const struct raw_vma *raw, bool complete)
{
	__u64 start = raw->e.start, end = raw->e.end;
	struct vma *vma = vma_now(mm, raw->vma.object);

	look(vma, &raw->vma, complete);
	names_take(vma, raw);
	if (!vma->birth) {
		born(mm, vma, raw, start, end);
	} else if (!vma->mapped) {
		/* An unmapping has failed, and the kernel stores the VMA again. */
		displace(mm, vma, start, end);
		mm_assign(mm, start, end, vma);
	} else if (call_shifts_stack(raw, mm, vma)) {
		mm->shifts = vma->id;
		mm->stack_was = vma->start;
		mm_assign(mm, start, vma->start, vma);
	} else if (start < vma->start || end > vma->end) {
		if (raw->e.cause == SYS_mremap && mm_at(mm, raw->args[0]) != vma)
			call_moves(raw, mm);
		map_over(mm, vma, raw);
		reach_up(mm, vma, end);
		reach_down(mm, vma, start);
	}
}

/*
 * Tell that execve(2) has moved the first stack: its old range is emptied, so it is at its place.
 */
static bool shifted(struct mm *mm, const struct vma *vma)
{
	if (mm->shifts != vma->id)
		return false;
	queue_add(MMSCOPE_MREMAP, mm, vma)->aux = mm->stack_was;
	mm->shifts = 0;
	return true;
}

/* Tell that the first stack has grown downwards: it is complete, and was not moved. */
static void grew(struct mm *mm, const struct vma *vma)
{
	if (mm->shifts != vma->id)
		return;
	emit_edge(RECORD_GROW, mm, vma, mm->stack_was, true);
	mm->shifts = 0;
}

/**
 * vma_event_emptied - take a raw record of a hole that was stored, over VMAs or over the end of one
 * @mm: address space of the tree
 * @start: first address
 * @end: first address behind the hole
 */
void vma_event_emptied(struct mm *mm, __u64 start, __u64 end)
{
	const struct map_range *range;

	while ((range = mm_in(mm, start, end))) {
		struct vma *vma = range->vma;
		__u64 from = vma->start, to = vma->end > range->end ? vma->end : range->end;

		mm_assign(mm, range->start > start ? range->start : start,
			  to < end ? to : end, NULL);
		if (!vma->mapped || shifted(mm, vma))
			continue;
		if (vma->start != from)
			emit_edge(RECORD_SHRINK, mm, vma, from, true);
		else
			emit_edge(RECORD_SHRINK, mm, vma, to, false);
	}
}

/**
 * vma_event_completed - take a raw record of a VMA that is complete: it was made, or has other
 *	rights
 * @mm: address space of the VMA
 * @raw: the VMA as the kernel has it now
 */
void vma_event_completed(struct mm *mm, const struct raw_vma *raw)
{
	struct vma *vma = vma_of_object(raw->vma.object);
	__u32 before = vma ? queue_rights(vma) : 0;
	bool known = vma && vma->birth;

	vma_event_stored(mm, raw, true);
	vma = vma_of_object(raw->vma.object);
	grew(mm, vma);
	if (call_protects(raw) || (known && queue_rights(vma) != before))
		call_limit(raw, queue_add(MMSCOPE_MPROTECT, mm, vma));
	merge_refusal_tell(mm, vma);
}

/**
 * vma_event_freed - take a raw record of a VMA whose object is freed
 * @mm: address space of the VMA
 * @object: address of the object
 */
void vma_event_freed(struct mm *mm, __u64 object)
{
	struct vma *vma = vma_of_object(object);

	if (!vma || (vma->birth && vma->mm != mm->id))
		return;
	if (vma->mapped)
		mm_assign(mm, vma->start, vma->end, NULL);
	if (vma->birth && !vma->told)
		emit_unmap(mm, vma);
	vma_drop(vma);
}

/**
 * vma_event_copied - take a raw record of a VMA whose object was copied; another record says for
 *	what
 * @mm: address space of the VMA
 * @object: address of the object
 * @copy: address of the copy
 */
void vma_event_copied(struct mm *mm, __u64 object, __u64 copy)
{
	const struct vma *from = vma_of_object(object);
	struct vma *old = vma_of_object(copy);

	if (old)
		vma_event_freed(mm, copy);
	vma_add(mm->id, copy)->parent = from ? from->id : 0;
}

/**
 * vma_event_forget - forget all VMAs of an address space
 * @mm: the address space, which ends or is told anew
 * @tell: add a record for each VMA that goes
 */
void vma_event_forget(struct mm *mm, bool tell)
{
	while (mm->nr) {
		const struct map_range *range = mm_first(mm);
		struct vma *vma = range->vma;

		mm_assign(mm, vma->start < range->start ? vma->start : range->start,
			  vma->end > range->end ? vma->end : range->end, NULL);
		if (tell)
			emit_unmap(mm, vma);
		vma_drop(vma);
	}
}
