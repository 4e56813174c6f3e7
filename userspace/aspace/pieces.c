// SPDX-License-Identifier: GPL-2.0
/*
 * An address space as a set of ranges: what /proc/PID/maps would say, kept up by assignments
 * "[start, end) now holds this VMA". It is a tree, for there may be 65,530 of them, of which each
 * mprotect(2) may cut one in the middle.
 */
#include <stdlib.h>
#include "aspace/aspace.h"

#define __unused __attribute__((unused))	/* libbsd leaves it to its user */

static int compare_pieces(const struct piece *a, const struct piece *b)
{
	return a->start < b->start ? -1 : a->start > b->start;
}

RB_GENERATE_STATIC(pieces, piece, node, compare_pieces)

static struct pieces *map_of(const struct space *space)
{
	return (struct pieces *)&space->map;
}

/**
 * space_find - where in a map an address is, in O(log n)
 * @space: whose map
 * @addr: the address
 *
 * Return: the first piece that ends behind @addr; NULL when there is none
 */
struct piece *space_find(const struct space *space, __u64 addr)
{
	struct piece *at = RB_ROOT(map_of(space)), *found = NULL;

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
 * space_first - the lowest piece of a map, NULL when it is empty
 * @space: whose map
 */
struct piece *space_first(const struct space *space)
{
	return RB_MIN(pieces, map_of(space));
}

/**
 * space_in - the lowest piece of a range
 * @space: whose map
 * @start: first address
 * @end: first address behind it
 *
 * Return: the first piece of which a part is in [start, end), or NULL
 */
struct piece *space_in(const struct space *space, __u64 start, __u64 end)
{
	struct piece *piece = space_find(space, start);

	return piece && piece->start < end ? piece : NULL;
}

/**
 * piece_above - the next piece of a map, NULL behind the last
 * @piece: the one before
 */
struct piece *piece_above(const struct piece *piece)
{
	return RB_NEXT(pieces, NULL, (struct piece *)piece);
}

/**
 * piece_below - the last piece that ends at an address or before it, or NULL
 * @space: whose map
 * @addr: the address
 */
struct piece *piece_below(const struct space *space, __u64 addr)
{
	struct piece *above = space_find(space, addr);

	return above ? RB_PREV(pieces, NULL, above) : RB_MAX(pieces, map_of(space));
}

/**
 * space_at - the VMA that holds an address
 * @space: whose
 * @addr: the address
 *
 * Return: it, or NULL for a hole
 */
struct area *space_at(const struct space *space, __u64 addr)
{
	const struct piece *piece = space_find(space, addr);

	return piece && piece->start <= addr ? piece->area : NULL;
}

static void insert(struct space *space, __u64 start, __u64 end, struct area *area)
{
	struct piece *piece = calloc(1, sizeof(*piece));

	if (!piece)
		abort();
	piece->start = start;
	piece->end = end;
	piece->area = area;
	RB_INSERT(pieces, &space->map, piece);
	space->nr++;
}

static void take_out(struct space *space, struct piece *piece)
{
	RB_REMOVE(pieces, &space->map, piece);
	free(piece);
	space->nr--;
}

/**
 * space_empty - free all pieces of a map; their areas have been dropped before
 * @space: whose map
 */
void space_empty(struct space *space)
{
	while (space->nr)
		take_out(space, space_first(space));
}

/* An area's range is that of its pieces, which are neighbours but for moments within a change. */
static void measure(struct space *space, struct area *area)
{
	const struct piece *piece;
	bool found = false;

	for (piece = space_find(space, area->start); piece; piece = piece_above(piece)) {
		if (piece->start >= area->end)
			break;
		if (piece->area != area)
			continue;
		if (!found)
			area->start = piece->start;
		found = true;
		area->end = piece->end;
	}
	area->mapped = found;
}

/* A piece that begins before @addr and ends behind it becomes two. */
static void cut(struct space *space, __u64 addr)
{
	struct piece *piece = space_find(space, addr);
	__u64 end;

	if (!piece || piece->start >= addr)
		return;
	end = piece->end;
	piece->end = addr;
	insert(space, addr, end, piece->area);
}

static void clear(struct space *space, __u64 start, __u64 end)
{
	struct piece *piece;

	cut(space, start);
	cut(space, end);
	while ((piece = space_in(space, start, end))) {
		struct area *area = piece->area;

		take_out(space, piece);
		measure(space, area);
	}
}

/**
 * space_assign - change a map
 * @space: whose
 * @start: first address
 * @end: first address behind it
 * @area: what is there from now on; NULL for a hole
 */
void space_assign(struct space *space, __u64 start, __u64 end, struct area *area)
{
	struct piece *below, *above;

	space->layout = 0;
	clear(space, start, end);
	if (!area)
		return;
	below = piece_below(space, start);
	if (below && below->area == area && below->end == start) {
		start = below->start;
		take_out(space, below);
	}
	above = space_find(space, end);
	if (above && above->area == area && above->start == end) {
		end = above->end;
		take_out(space, above);
	}
	insert(space, start, end, area);
	area->start = start;
	area->end = end;
	area->mapped = true;
}
