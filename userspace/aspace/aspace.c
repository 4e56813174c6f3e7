// SPDX-License-Identifier: GPL-2.0
/*
 * The address spaces of watched processes, and their VMAs. Knows nothing of where they come from.
 */
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "aspace/aspaces.h"
#include "base/proc.h"

#define GRAVES		4096	/* VMAs that are kept, though they went long ago */
#define LATE_NS		50000000ULL	/* a record may be so much older than one before it */

static size_t bucket(__u64 key)
{
	return key * 0x61c8864680b583ebULL >> (64 - AREA_BITS);
}

/**
 * space_get - an address space
 * @id: its id
 *
 * Return: it, or NULL when it is not watched
 */
struct space *space_get(__u32 id)
{
	struct space *space = aspaces->spaces[id % SPACE_BUCKETS];

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
	struct space **head = &aspaces->spaces[id % SPACE_BUCKETS];

	if (!space)
		abort();
	space->id = id;
	space->next = *head;
	*head = space;
	return space;
}

/**
 * space_each - all address spaces, in no order
 * @before: the one before, NULL for the first
 *
 * Return: the next, NULL behind the last
 */
struct space *space_each(struct space *before)
{
	size_t i = before ? before->id % SPACE_BUCKETS + 1 : 0;

	if (before && before->next)
		return before->next;
	while (i < SPACE_BUCKETS && !aspaces->spaces[i])
		i++;
	return i < SPACE_BUCKETS ? aspaces->spaces[i] : NULL;
}

/**
 * space_drop - forget an address space; its areas have been dropped before
 * @space: from space_add()
 */
void space_drop(struct space *space)
{
	struct space **at = &aspaces->spaces[space->id % SPACE_BUCKETS];

	while (*at != space)
		at = &(*at)->next;
	*at = space->next;
	space_empty(space);
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

	for (size_t i = 0; i < SPACE_BUCKETS; i++)
		for (struct space *space = aspaces->spaces[i]; space; space = space->next)
			if (space->tgid == tgid && (!newest || space->id > newest->id))
				newest = space;
	return newest;
}

/**
 * area_of_object - the VMA behind a kernel object
 * @object: its address
 *
 * Return: it, or NULL when no such object lives as far as we know
 */
struct area *area_of_object(__u64 object)
{
	struct area *area = aspaces->objects[bucket(object)];

	while (area && (area->image.object != object || !area->live))
		area = area->by_object;
	return area;
}

/**
 * area_that_had - the VMA that was behind a kernel object last, also one that went lately
 * @object: its address
 * @mm: id of its address space
 */
struct area *area_that_had(__u64 object, __u32 mm)
{
	struct area *area = aspaces->objects[bucket(object)];

	while (area && (area->image.object != object || area->mm != mm))
		area = area->by_object;
	return area;
}

/**
 * area_of_id - a VMA, also one that went lately
 * @id: its id
 */
struct area *area_of_id(__u32 id)
{
	struct area *area = aspaces->ids[bucket(id)];

	while (area && area->id != id)
		area = area->by_id;
	return area;
}

/**
 * area_last - the number that was given to a VMA last
 */
__u32 area_last(void)
{
	return aspaces->last_id;
}

/**
 * area_restore - have a VMA as it was kept
 * @id: its number
 * @mm: id of its address space
 * @object: what stands for the kernel's object
 *
 * Return: it, not mapped yet
 */
struct area *area_restore(__u32 id, __u32 mm, __u64 object)
{
	struct area *area = calloc(1, sizeof(*area));
	size_t by_object = bucket(object), by_id;

	if (!area)
		abort();
	if (id > aspaces->last_id)
		aspaces->last_id = id;
	area->id = id;
	area->mm = mm;
	area->image.object = object;
	area->live = true;
	area->by_object = aspaces->objects[by_object];
	aspaces->objects[by_object] = area;
	by_id = bucket(area->id);
	area->by_id = aspaces->ids[by_id];
	aspaces->ids[by_id] = area;
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
	return area_restore(aspaces->last_id + 1, mm, object);
}

static void unlink_area(struct area *area)
{
	struct area **at;

	at = &aspaces->ids[bucket(area->id)];
	while (*at != area)
		at = &(*at)->by_id;
	*at = area->by_id;
	at = &aspaces->objects[bucket(area->image.object)];
	while (*at != area)
		at = &(*at)->by_object;
	*at = area->by_object;
}

/**
 * area_drop - a VMA's object is gone; it is in no map
 * @area: the VMA; it is kept for a while
 */
void area_drop(struct area *area)
{
	area->live = false;
	area->dropped_ns = aspaces->kept_now ? aspaces->kept_now : time_now();
	if (aspaces->last_grave)
		aspaces->last_grave->younger = area;
	else
		aspaces->first_grave = area;
	aspaces->last_grave = area;
	aspaces->nr_graves++;
}

/**
 * area_clock - records were kept: say when they were told
 * @now: time of the one that comes next
 */
void area_clock(__u64 now)
{
	if (now > aspaces->kept_now)
		aspaces->kept_now = now;
}

/**
 * area_forget - forget VMAs that nobody can ask for any more: all that was told has been looked at
 * @now: time of the record that comes next. What the kernel summed up for a VMA until it was
 *	known to be gone is told by an older one.
 */
void area_forget(__u64 now)
{
	struct area *area;

	while (aspaces->nr_graves > GRAVES && aspaces->first_grave->dropped_ns + LATE_NS < now) {
		area = aspaces->first_grave;
		aspaces->first_grave = area->younger;
		aspaces->nr_graves--;
		if (aspaces->on_forget)
			aspaces->on_forget(area);
		unlink_area(area);
		free(area->name);
		free(area);
	}
}

/**
 * aspace_clear - know nothing any more
 */
void aspace_clear(void)
{
	struct space *space;

	while ((space = space_each(NULL)))
		space_drop(space);
	for (size_t i = 0; i < AREA_BUCKETS; i++)
		while (aspaces->ids[i]) {
			struct area *area = aspaces->ids[i];

			if (aspaces->on_forget)
				aspaces->on_forget(area);
			unlink_area(area);
			free(area->name);
			free(area);
		}
	aspaces->first_grave = NULL;
	aspaces->last_grave = NULL;
	aspaces->nr_graves = 0;
}

/**
 * area_each - all VMAs that live, in no order
 * @before: the one before, NULL for the first
 *
 * Return: the next, NULL behind the last
 */
struct area *area_each(struct area *before)
{
	size_t i = before ? bucket(before->id) : 0;
	struct area *area = before ? before->by_id : aspaces->ids[0];

	for (;;) {
		while (area && !area->live)
			area = area->by_id;
		if (area || ++i == AREA_BUCKETS)
			return area;
		area = aspaces->ids[i];
	}
}

/**
 * area_on_forget - have a function called for each VMA that is forgotten
 * @forgotten: it
 */
void area_on_forget(void (*forgotten)(struct area *area))
{
	aspaces->on_forget = forgotten;
}

/**
 * area_pgoff - page of its file, or of the address space, at its start
 * @area: the VMA
 */
__u64 area_pgoff(const struct area *area)
{
	return area->base + area->start / proc_page_size();
}
