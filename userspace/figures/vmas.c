// SPDX-License-Identifier: GPL-2.0
/*
 * Faults by VMA, and what became of a VMA that went.
 */
#include <stdlib.h>
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "base/tool.h"
#include "figures/figures.h"
#include "record/record.h"

#define FIRST_ROOM	1024	/* a power of two */

/* A table with as many free places as taken ones; a place with id 0 is free. */
static struct figure_vma *table;
static size_t nr, room;

static struct figure_vma *place_of(__u32 id)
{
	size_t i = (id * 0x9e3779b1U) & (room - 1);

	while (table[i].id && table[i].id != id)
		i = (i + 1) & (room - 1);
	return &table[i];
}

static void make_room(void)
{
	struct figure_vma *old = table;
	size_t n = room;

	room = room ? 2 * room : FIRST_ROOM;
	table = calloc(room, sizeof(*table));
	if (!table)
		abort();
	for (size_t i = 0; i < n; i++)
		if (old[i].id)
			*place_of(old[i].id) = old[i];
	free(old);
}

static struct figure_vma *vma_of(__u32 id)
{
	struct figure_vma *vma;

	if (2 * nr >= room)
		make_room();
	vma = place_of(id);
	if (!vma->id) {
		vma->id = id;
		vma->name = figures_name("");
		nr++;
	}
	return vma;
}

static void touched(const struct mmscope_event *e)
{
	struct figure_vma *vma = vma_of(e->vma);
	const struct area *area = area_of_id(e->vma);

	vma->faults++;
	if (area)
		vma->name = figures_name(names_of(area, space_get(area->mm)));
}

static void went(const struct mmscope_event *e, __u32 id, __u32 into)
{
	struct figure_vma *vma = vma_of(id);
	const struct area *area = area_of_id(id);

	vma->parent = area ? area->parent : 0;
	vma->type = e->type;
	vma->cause = e->cause;
	vma->into = into;
}

/**
 * vmas_event - take note of a record
 * @e: of the tracer's, in order
 */
void vmas_event(const struct mmscope_event *e)
{
	if (!e->vma)
		return;
	if (e->type == MMSCOPE_FAULT)
		touched(e);
	else if (e->type == RECORD_MERGE && e->parent)
		went(e, e->parent, e->vma);
	else if (e->type == MMSCOPE_UNMAP || e->type == MMSCOPE_MOVE)
		went(e, e->vma, 0);
}

/**
 * figures_vma - what is known of a VMA
 * @id: its id
 *
 * Return: NULL where it was neither touched, nor went
 */
const struct figure_vma *figures_vma(__u32 id)
{
	const struct figure_vma *vma = room ? place_of(id) : NULL;

	return vma && vma->id ? vma : NULL;
}

/**
 * figures_vmas - all that were touched, or went
 * @n: becomes the number of places, of which those with id 0 are none
 */
const struct figure_vma *figures_vmas(size_t *n)
{
	*n = room;
	return table;
}
