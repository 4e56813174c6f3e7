// SPDX-License-Identifier: GPL-2.0
/*
 * Faults by instruction, where it is in its file: the same wherever that was mapped.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "base/proc.h"
#include "base/tool.h"
#include "figures/figures.h"
#include "record/record.h"

#define NAMES		1024
#define FIRST_ROOM	1024	/* a power of two */

/**
 * struct name - a name that outlives who had it
 * @next: in the table
 * @text: it
 */
struct name {
	struct name *next;
	char text[];
};

/* A table with as many free places as taken ones; a place without a name is free. */
static struct figure_site *table;
static size_t nr, room;

/**
 * figures_name - keep a name
 * @name: it may be NULL
 *
 * Return: the same for the same
 */
const char *figures_name(const char *name)
{
	static struct name *names[NAMES];
	struct name **head, *one;
	size_t hash = 0, size;

	name = name ? name : "";
	for (size = 0; name[size]; size++)
		hash = hash * 31 + (unsigned char)name[size];
	head = &names[hash % NAMES];
	for (one = *head; one; one = one->next)
		if (!strcmp(one->text, name))
			return one->text;
	one = malloc(sizeof(*one) + size + 1);
	if (!one)
		abort();
	memcpy(one->text, name, size + 1);
	one->next = *head;
	*head = one;
	return one->text;
}

static struct figure_site *place_of(const struct figure_site *site)
{
	__u64 hash = ((uintptr_t)site->name ^ site->offset << 5 ^ site->class) *
		     0x61c8864680b583ebULL;
	size_t i = (hash >> 32) & (room - 1);

	while (table[i].name && (table[i].name != site->name || table[i].offset != site->offset ||
				 table[i].class != site->class))
		i = (i + 1) & (room - 1);
	return &table[i];
}

static void make_room(void)
{
	struct figure_site *old = table;
	size_t n = room;

	room = room ? 2 * room : FIRST_ROOM;
	table = calloc(room, sizeof(*table));
	if (!table)
		abort();
	for (size_t i = 0; i < n; i++)
		if (old[i].name)
			*place_of(&old[i]) = old[i];
	free(old);
}

/* Where is an instruction? What is no code that has a name is told by its address. */
static void locate(const struct mmscope_event *e, struct figure_site *site)
{
	const struct space *space = space_get(e->mm);
	const struct area *area = space ? space_at(space, e->ip) : NULL;

	site->name = figures_name("");
	site->offset = e->ip;
	if (!area || !(area->image.flags & RAW_VM_EXEC))
		return;
	site->name = figures_name(names_of(area, space));
	if (*site->name)
		site->offset = e->ip - area->start +
			       (area->image.file ? area_pgoff(area) * proc_page_size() : 0);
}

/**
 * sites_event - add a fault to those at its instruction
 * @e: the fault
 */
void sites_event(const struct mmscope_event *e)
{
	struct figure_site site = { .class = RECORD_CLASS(e->flags) }, *at;

	locate(e, &site);
	if (2 * nr >= room)
		make_room();
	at = place_of(&site);
	if (!at->name) {
		*at = site;
		nr++;
	}
	at->total.count++;
	at->total.ns += e->ns;
	if (!(e->flags & MMSCOPE_F_ERROR))
		at->total.pages += e->npages;
}

/**
 * figures_sites - faults by instruction
 * @n: becomes the number of places, of which those without a name (NULL) are none
 */
const struct figure_site *figures_sites(size_t *n)
{
	*n = room;
	return table;
}
