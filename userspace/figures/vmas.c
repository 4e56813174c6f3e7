// SPDX-License-Identifier: GPL-2.0
/*
 * Faults by VMA, and what became of a VMA that went.
 */
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "base/name_store.h"
#include "base/table.h"
#include "figures/figures.h"
#include "record/record.h"

static struct figure_vma *rows;
static size_t nr;
static struct table table;

static bool same(size_t place, const void *wanted)
{
	return rows[place].id == *(const __u32 *)wanted;
}

static struct figure_vma *vma_of(__u32 id)
{
	__u64 hash = table_hash(0, id);
	size_t place = table_find(&table, hash, same, &id);

	if (place != TABLE_NONE)
		return &rows[place];
	rows = table_grow(rows, nr, sizeof(*rows));
	rows[nr] = (struct figure_vma){ .id = id, .name = name_keep("") };
	table_add(&table, hash, nr);
	return &rows[nr++];
}

static void touched(const struct mmscope_event *e)
{
	struct figure_vma *vma = vma_of(e->vma);
	const struct vma *from = vma_of_id(e->vma);

	vma->faults++;
	if (from)
		vma->name = name_keep(names_of(from, mm_get(from->mm)));
}

static void went(const struct mmscope_event *e, __u32 id, __u32 into)
{
	struct figure_vma *vma = vma_of(id);
	const struct vma *from = vma_of_id(id);

	vma->parent = from ? from->parent : 0;
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
	size_t place = table_find(&table, table_hash(0, id), same, &id);

	return place == TABLE_NONE ? NULL : &rows[place];
}

/**
 * figures_vmas - all that were touched, or went
 * @n: becomes their number
 */
const struct figure_vma *figures_vmas(size_t *n)
{
	*n = nr;
	return rows;
}
