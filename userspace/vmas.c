// SPDX-License-Identifier: GPL-2.0
/*
 * The address spaces of watched processes, as sets of VMAs: what /proc/PID/maps would say, kept
 * up by assignments "[start, end) now holds this VMA". Knows nothing of where they come from.
 */
#include <stdlib.h>
#include <string.h>
#include "proc.h"
#include "vmas.h"

#define BUCKET_BITS	14
#define BUCKETS		(1 << BUCKET_BITS)
#define SPACES		256
#define GRAVES	4096	/* VMAs that are gone, and may still be asked for by id */

static struct space *spaces[SPACES];
static struct area *objects[BUCKETS];
static struct area *ids[BUCKETS];
static struct area *graves[GRAVES];
static size_t nr_graves;
static __u32 last_id;

static size_t bucket(__u64 key)
{
	return key * 0x61c8864680b583ebULL >> (64 - BUCKET_BITS);
}

/**
 * space_get - an address space
 * @id: its id
 *
 * Return: it, or NULL when it is not watched
 */
struct space *space_get(__u32 id)
{
	struct space *space = spaces[id % SPACES];

	while (space && space->id != id)
		space = space->next;
	return space;
}

/**
 * space_add - begin to watch an address space
 * @id: its id
 */
struct space *space_add(__u32 id)
{
	struct space *space = calloc(1, sizeof(*space));
	struct space **head = &spaces[id % SPACES];

	if (!space)
		abort();
	space->id = id;
	space->next = *head;
	*head = space;
	return space;
}

/**
 * space_drop - forget an address space; its areas have been dropped before
 * @space: from space_add()
 */
void space_drop(struct space *space)
{
	struct space **at = &spaces[space->id % SPACES];

	while (*at != space)
		at = &(*at)->next;
	*at = space->next;
	free(space->map);
	free(space);
}

/**
 * space_of_process - the address space that a process has now
 * @tgid: the process
 *
 * Return: the newest, or NULL
 */
struct space *space_of_process(__u32 tgid)
{
	struct space *newest = NULL;

	for (size_t i = 0; i < SPACES; i++)
		for (struct space *space = spaces[i]; space; space = space->next)
			if (space->tgid == tgid && (!newest || space->id > newest->id))
				newest = space;
	return newest;
}

/**
 * space_find - where in a map an address is
 * @space: whose map
 * @addr: the address
 *
 * Return: index of the first piece that ends behind @addr; @nr when there is none
 */
size_t space_find(const struct space *space, __u64 addr)
{
	size_t low = 0, high = space->nr, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (space->map[middle].end <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
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
	size_t i = space_find(space, addr);

	return i < space->nr && space->map[i].start <= addr ? space->map[i].area : NULL;
}

/* Make room for @add pieces at @i, or with a negative number take some out. */
static void shift(struct space *space, size_t i, long add)
{
	if (space->nr + add > space->room) {
		space->room = 2 * space->room + add + 16;
		space->map = realloc(space->map, space->room * sizeof(*space->map));
		if (!space->map)
			abort();
	}
	if (add < 0)
		memmove(&space->map[i], &space->map[i - add],
			(space->nr - i + add) * sizeof(*space->map));
	else
		memmove(&space->map[i + add], &space->map[i],
			(space->nr - i) * sizeof(*space->map));
	space->nr += add;
}

/* An area's range is that of its pieces, which are neighbours but for moments within a change. */
static void measure(struct space *space, struct area *area)
{
	bool found = false;

	for (size_t i = space_find(space, area->start); i < space->nr; i++) {
		const struct piece *piece = &space->map[i];

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
	size_t i = space_find(space, addr);

	if (i == space->nr || space->map[i].start >= addr)
		return;
	shift(space, i, 1);
	space->map[i] = space->map[i + 1];
	space->map[i].end = addr;
	space->map[i + 1].start = addr;
}

static void clear(struct space *space, __u64 start, __u64 end)
{
	size_t first, last;

	cut(space, start);
	cut(space, end);
	first = space_find(space, start);
	for (last = first; last < space->nr && space->map[last].start < end; last++)
		;
	while (last > first) {
		struct area *area = space->map[first].area;

		shift(space, first, -1);
		measure(space, area);
		last--;
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
	size_t i;

	space->layout = 0;
	clear(space, start, end);
	if (!area)
		return;
	i = space_find(space, start);
	if (i && space->map[i - 1].area == area && space->map[i - 1].end == start) {
		start = space->map[--i].start;
		shift(space, i, -1);
	}
	if (i < space->nr && space->map[i].area == area && space->map[i].start == end) {
		end = space->map[i].end;
		shift(space, i, -1);
	}
	shift(space, i, 1);
	space->map[i] = (struct piece){ start, end, area };
	area->start = start;
	area->end = end;
	area->mapped = true;
}

/**
 * area_of_object - the VMA behind a kernel object
 * @object: its address
 *
 * Return: it, or NULL when no such object lives as far as we know
 */
struct area *area_of_object(__u64 object)
{
	struct area *area = objects[bucket(object)];

	while (area && area->image.object != object)
		area = area->by_object;
	return area;
}

/**
 * area_of_id - a VMA, also one that went lately
 * @id: its id
 */
struct area *area_of_id(__u32 id)
{
	struct area *area = ids[bucket(id)];

	while (area && area->id != id)
		area = area->by_id;
	return area;
}

/**
 * area_add - a VMA is born
 * @mm: id of its address space
 * @object: address of the kernel's object
 *
 * Return: it, with a new id, not mapped yet
 */
struct area *area_add(__u32 mm, __u64 object)
{
	struct area *area = calloc(1, sizeof(*area));
	size_t by_object = bucket(object), by_id;

	if (!area)
		abort();
	area->id = ++last_id;
	area->mm = mm;
	area->image.object = object;
	area->live = true;
	area->by_object = objects[by_object];
	objects[by_object] = area;
	by_id = bucket(area->id);
	area->by_id = ids[by_id];
	ids[by_id] = area;
	return area;
}

static void bury(struct area *area)
{
	struct area *old = graves[nr_graves % GRAVES];
	struct area **at;

	graves[nr_graves++ % GRAVES] = area;
	if (!old)
		return;
	for (at = &ids[bucket(old->id)]; *at != old; at = &(*at)->by_id)
		;
	*at = old->by_id;
	free(old->name);
	free(old);
}

/**
 * area_drop - a VMA's object is gone; it is in no map
 * @area: the VMA; it can be asked for by id for a while
 */
void area_drop(struct area *area)
{
	struct area **at = &objects[bucket(area->image.object)];

	while (*at != area)
		at = &(*at)->by_object;
	*at = area->by_object;
	area->live = false;
	bury(area);
}

/**
 * area_pgoff - page of its file, or of the address space, at its start
 * @area: the VMA
 */
__u64 area_pgoff(const struct area *area)
{
	return area->base + area->start / proc_page_size();
}
