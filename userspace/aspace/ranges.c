// SPDX-License-Identifier: GPL-2.0
/*
 * An address space as a set of ranges: what /proc/PID/maps would say, kept up by assignments
 * "[start, end) now holds this VMA". It is a tree, for there may be 65,530 of them, of which each
 * mprotect(2) may cut one in the middle.
 */
#include <stdlib.h>
#include "aspace/aspace.h"

#define __unused __attribute__((unused))	/* <bsd/sys/tree.h> does not define what it uses */

static int compare_ranges(const struct map_range *a, const struct map_range *b)
{
	return a->start < b->start ? -1 : a->start > b->start;
}

RB_GENERATE_STATIC(map_ranges, map_range, node, compare_ranges)

static struct map_ranges *map_of(const struct mm *mm)
{
	return (struct map_ranges *)&mm->map;
}

/**
 * mm_find - where in a map an address is, in O(log n)
 * @mm: whose map
 * @addr: the address
 *
 * Return: the first range that ends behind @addr; NULL when there is none
 */
struct map_range *mm_find(const struct mm *mm, __u64 addr)
{
	struct map_range *at = RB_ROOT(map_of(mm)), *found = NULL;

	while (at) {
		if (at->end > addr) {
			found = at;
			at = RB_LEFT(at, node);
		} else {
			at = RB_RIGHT(at, node);
		}
	}
	return found;
}

/**
 * mm_first - the lowest range of a map
 * @mm: whose map
 *
 * Return: the range, or NULL when the map is empty
 */
struct map_range *mm_first(const struct mm *mm)
{
	return RB_MIN(map_ranges, map_of(mm));
}

/**
 * mm_in - the lowest range of a map of which a part is in a span of addresses
 * @mm: whose map
 * @start: first address of the span
 * @end: first address behind the span
 *
 * Return: the range, or NULL when nothing is mapped in [start, end)
 */
struct map_range *mm_in(const struct mm *mm, __u64 start, __u64 end)
{
	struct map_range *range = mm_find(mm, start);

	return range && range->start < end ? range : NULL;
}

/**
 * range_above - the next range of a map
 * @range: a range of the map
 *
 * Return: the next range, or NULL behind the last
 */
struct map_range *range_above(const struct map_range *range)
{
	return RB_NEXT(map_ranges, NULL, (struct map_range *)range);
}

/**
 * range_below - the highest range of a map that ends at or below an address
 * @mm: whose map
 * @addr: the address
 *
 * Return: the range, or NULL when there is none
 */
struct map_range *range_below(const struct mm *mm, __u64 addr)
{
	struct map_range *above = mm_find(mm, addr);

	return above ? RB_PREV(map_ranges, NULL, above) : RB_MAX(map_ranges, map_of(mm));
}

/**
 * mm_at - the VMA that holds an address
 * @mm: whose map
 * @addr: the address
 *
 * Return: the VMA, or NULL when nothing is mapped there
 */
struct vma *mm_at(const struct mm *mm, __u64 addr)
{
	const struct map_range *range = mm_find(mm, addr);

	return range && range->start <= addr ? range->vma : NULL;
}

static void insert(struct mm *mm, __u64 start, __u64 end, struct vma *vma)
{
	struct map_range *range = calloc(1, sizeof(*range));

	if (!range)
		abort();
	range->start = start;
	range->end = end;
	range->vma = vma;
	RB_INSERT(map_ranges, &mm->map, range);
	mm->nr++;
}

static void take_out(struct mm *mm, struct map_range *range)
{
	RB_REMOVE(map_ranges, &mm->map, range);
	free(range);
	mm->nr--;
}

/**
 * mm_empty - free all ranges of a map; their VMAs have been dropped before
 * @mm: whose map
 */
void mm_empty(struct mm *mm)
{
	while (mm->nr)
		take_out(mm, mm_first(mm));
}

/*
 * Set @vma's first and last address by the ranges that it holds. These are neighbours, but for
 * moments within a change.
 */
static void measure(struct mm *mm, struct vma *vma)
{
	const struct map_range *range;
	bool found = false;

	for (range = mm_find(mm, vma->start); range; range = range_above(range)) {
		if (range->start >= vma->end)
			break;
		if (range->vma != vma)
			continue;
		if (!found)
			vma->start = range->start;
		found = true;
		vma->end = range->end;
	}
	vma->mapped = found;
}

/* If a range begins below @addr and ends above it, make two ranges of it. */
static void cut(struct mm *mm, __u64 addr)
{
	struct map_range *range = mm_find(mm, addr);
	__u64 end;

	if (!range || range->start >= addr)
		return;
	end = range->end;
	range->end = addr;
	insert(mm, addr, end, range->vma);
}

static void clear(struct mm *mm, __u64 start, __u64 end)
{
	struct map_range *range;

	cut(mm, start);
	cut(mm, end);
	while ((range = mm_in(mm, start, end))) {
		struct vma *vma = range->vma;

		take_out(mm, range);
		measure(mm, vma);
	}
}

/**
 * mm_assign - change which VMA holds a span of addresses
 * @mm: whose map
 * @start: first address
 * @end: first address behind the span
 * @vma: the VMA that holds the span from now on; NULL if nothing does
 */
void mm_assign(struct mm *mm, __u64 start, __u64 end, struct vma *vma)
{
	struct map_range *below, *above;

	mm->layout = 0;
	clear(mm, start, end);
	if (!vma)
		return;
	below = range_below(mm, start);
	if (below && below->vma == vma && below->end == start) {
		start = below->start;
		take_out(mm, below);
	}
	above = mm_find(mm, end);
	if (above && above->vma == vma && above->start == end) {
		end = above->end;
		take_out(mm, above);
	}
	insert(mm, start, end, vma);
	vma->start = start;
	vma->end = end;
	vma->mapped = true;
}
