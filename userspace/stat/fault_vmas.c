// SPDX-License-Identifier: GPL-2.0
/*
 * Faults by VMA. The kernel sums them up by the VMA's object. A sum is told when the object is
 * freed, or makes room for another one; the others are read from the programs' memory when an
 * address space ends.
 *
 * Rows are shown: one for all VMAs of one name; and for VMAs without a name, one for all that came
 * from one VMA by splits, moves and forks, or were merged. When a VMA goes, its figures stay in its
 * row. With --json there is a row for each VMA, too.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "base/name_store.h"
#include "base/proc.h"
#include "base/tool.h"
#include "record/record.h"
#include "stat/context.h"
#include "stat/fault_stats.h"
#include "stat/present_pages.h"
#include "term/print.h"
#include "tracer/replay.h"
#include "tracer/tracer.h"

static struct stat_row *add_row(const struct vma *vma, const char *name)
{
	struct fault_stats *stats = fault_stats;
	struct stat_row *row = calloc(1, sizeof(*row));

	if (!row)
		abort();
	row->id = vma->id;
	row->start = vma->start;
	row->name = name;
	row->next = stats->rows;
	if (stats->rows)
		stats->rows->before = row;
	stats->rows = row;
	return row;
}

static struct stat_row *get(struct stat_row *row)
{
	row->refs++;
	return row;
}

/*
 * Drop a reference to a row. The last one frees the row, if it has no faults to show or has become
 * part of another row.
 */
static void put(struct stat_row *row)
{
	struct stat_row *into;

	for (; row && !--row->refs && (row->into || !row->faults); row = into) {
		into = row->into;
		if (row->before)
			row->before->next = row->next;
		else
			fault_stats->rows = row->next;
		if (row->next)
			row->next->before = row->before;
		free(row);
	}
}

/* The row that has taken in @row in the end. From now on @row points directly to it. */
static struct stat_row *now_in(struct stat_row *row)
{
	struct stat_row *into;

	while (row->into && row->into->into) {
		into = row->into;
		row->into = get(into->into);
		put(into);
	}
	return row->into ? row->into : row;
}

/* The row for a VMA without a name: that of the VMA that it came from. */
static struct stat_row *root_of(struct vma *vma)
{
	struct vma *parent;

	if (!vma->tally.root) {
		parent = vma->parent ? vma_of_id(vma->parent) : NULL;
		vma->tally.root = get(parent ? root_of(parent) : add_row(vma, name_keep("")));
	}
	return now_in(vma->tally.root);
}

/**
 * struct named - the row of a name
 * @name: the name, from name_keep()
 * @row: row of the name
 * @next: next in the same bucket of &fault_stats.named
 */
struct named {
	const char *name;
	struct stat_row *row;
	struct named *next;
};

static struct stat_row *row_of_name(const struct vma *vma, const char *name)
{
	struct named **head = &fault_stats->named[((uintptr_t)name >> 4) % NAMED_ROWS], *named;

	for (named = *head; named; named = named->next)
		if (named->name == name)
			return named->row;
	named = calloc(1, sizeof(*named));
	if (!named)
		abort();
	named->name = name;
	named->row = get(add_row(vma, name));
	named->next = *head;
	*head = named;
	return named->row;
}

/* The row of a VMA. A VMA that went stays in the row that it had last. */
static struct stat_row *row_of(struct vma *vma)
{
	const char *name;

	if (vma->tally.last)
		return now_in(vma->tally.last);
	name = name_keep(names_of(vma, mm_get(vma->mm)));
	return *name ? row_of_name(vma, name) : root_of(vma);
}

static void unite(struct stat_row *to, struct stat_row *from)
{
	if (to == from || *to->name || *from->name)
		return;
	if (from->id < to->id) {
		to->id = from->id;
		to->start = from->start;
	}
	to->vmas += from->vmas;
	to->promised += from->promised;
	to->present += from->present;
	to->faults += from->faults;
	from->into = get(to);
}

static struct stat_vma *vma_of(__u32 id)
{
	struct fault_stats *stats = fault_stats;
	size_t room = stats->nr_vmas;

	while (id >= room)
		room = 2 * room + 64;
	if (room != stats->nr_vmas) {
		stats->vmas = realloc(stats->vmas, room * sizeof(*stats->vmas));
		if (!stats->vmas)
			abort();
		memset(stats->vmas + stats->nr_vmas, 0,
		       (room - stats->nr_vmas) * sizeof(*stats->vmas));
		stats->nr_vmas = room;
	}
	return &stats->vmas[id];
}

static struct stat_vma *describe(struct vma *from, struct stat_row *row, __u64 start, __u64 end)
{
	struct stat_vma *vma = vma_of(from->id);

	if (vma->row != row) {
		put(vma->row);
		vma->row = get(row);
	}
	vma->id = from->id;
	vma->mm = from->mm;
	vma->start = start;
	vma->end = end;
	vma->name = name_keep(names_of(from, mm_get(from->mm)));
	return vma;
}

static void add_faults(struct vma *vma, __u64 faults)
{
	struct stat_row *row = row_of(vma);

	row->faults += faults;
	if (report_json && !vma->tally.last)
		describe(vma, row, vma->start, vma->end);
	if (report_json)
		vma_of(vma->id)->faults += faults;
}

/* Take the faults of a VMA from the programs' memory. */
static __u64 take(__u64 object, __u32 mm)
{
	size_t set = (object * 0x61c8864680b583ebULL >> (64 - VMA_SET_BITS)) * SUM_WAYS, n;
	struct fault_sums *sums = tracer_sums(&n);
	__u64 count = 0;

	for (struct fault_sums *part = sums; part < sums + n; part++)
		for (struct fault_vma *vma = &part->vmas[set]; vma < &part->vmas[set + SUM_WAYS];
		     vma++) {
			if (vma->object != object || VMA_MM(vma->who) != mm)
				continue;
			count += __atomic_exchange_n(&vma->count, 0, __ATOMIC_RELAXED);
			__atomic_store_n(&vma->object, 0, __ATOMIC_RELEASE);
		}
	return count;
}

static void leave(struct vma *vma, __u64 start, __u64 end, __u64 present)
{
	struct stat_row *row = row_of(vma);

	row->vmas++;
	row->promised += (end - start) / proc_page_size();
	row->present += present;
	if (report_json)
		describe(vma, row, start, end)->present = present;
	stat_leaves(vma, start, end);
}

/*
 * A VMA has gone. When an address space ends, objects of VMAs may be freed without a record of
 * their faults: these are taken here.
 */
static void gone(const struct mmscope_event *e)
{
	struct vma *vma = vma_of_id(e->vma);

	if (!vma || vma->tally.last)
		return;
	if (e->type == MMSCOPE_UNMAP)
		leave(vma, e->start, e->end, e->pages);
	else
		stat_leaves(vma, e->start, e->end);
	vma->tally.last = get(row_of(vma));
	if (e->cause == MMSCOPE_CAUSE_TEARDOWN)
		add_faults(vma, take(vma->image.object, vma->mm));
}

static void merged(const struct mmscope_event *e)
{
	struct vma *vma = vma_of_id(e->vma), *other = vma_of_id(e->parent);

	if (!vma || !other)
		return;
	stat_leaves(other, other->start, other->end);
	unite(row_of(vma), row_of(other));
	if (report_json)
		vma_of(e->parent)->heir = e->vma;
}

/**
 * stat_vmas_event - note VMAs that come, go or merge
 * @e: a record of the tracer, in order
 */
void stat_vmas_event(const struct mmscope_event *e)
{
	struct vma *vma;

	switch (e->type) {
	case MMSCOPE_MMAP:
	case RECORD_THERE:
	case MMSCOPE_SPLIT:
	case MMSCOPE_COPY:
	case MMSCOPE_DUP:
		vma = vma_of_id(e->vma);
		if (vma)
			root_of(vma);
		break;
	case MMSCOPE_UNMAP:
	case MMSCOPE_MOVE:
		gone(e);
		break;
	case RECORD_MERGE:
		merged(e);
		break;
	}
}

/**
 * stat_faults - add the faults of a VMA that the kernel tells
 * @raw: RAW_FAULTS
 */
void stat_faults(const struct mmscope_event *raw)
{
	struct vma *vma = vma_that_had(raw->start, raw->mm);

	if (vma)
		add_faults(vma, raw->end);
}

static void forgotten(struct vma *vma)
{
	put(vma->tally.root);
	put(vma->tally.last);
}

/**
 * stat_vmas_begin - begin to count by VMA; is called before anything is told
 */
void stat_vmas_begin(void)
{
	vma_on_forget(forgotten);
}

static void take_living(const struct mm *mm)
{
	struct map_range *range;

	/* The processes of a recording cannot be asked for their pages any more. */
	if (!replay_runs())
		present_pages(mm);
	for (range = mm_first(mm); range; range = range_above(range)) {
		leave(range->vma, range->start, range->end, range->present);
		add_faults(range->vma, take(range->vma->image.object, mm->id));
		range->present = 0;
	}
}

/*
 * Count the faults of a VMA that was merged for the VMA that took it in, which may have been taken
 * in itself. The chain has a limit, in case a record was lost.
 */
static void inherit(void)
{
	struct fault_stats *stats = fault_stats;

	for (size_t i = 0; i < stats->nr_vmas; i++) {
		__u32 heir = stats->vmas[i].heir;

		for (int far = 0; far < 100; far++) {
			if (heir >= stats->nr_vmas || !stats->vmas[heir].heir)
				break;
			heir = stats->vmas[heir].heir;
		}
		if (!heir || heir >= stats->nr_vmas || heir == i)
			continue;
		stats->vmas[heir].faults += stats->vmas[i].faults;
		stats->vmas[i].faults = 0;
	}
}

/**
 * stat_vmas_finish - take all faults that are left, since nothing more will be told
 */
void stat_vmas_finish(void)
{
	for (struct mm *mm = mm_each(NULL); mm; mm = mm_each(mm))
		take_living(mm);
	inherit();
}

/**
 * stat_vmas - faults by VMA, for --json alone
 * @n: becomes the number of elements; one whose id is 0 is no VMA
 *
 * Return: an array that is not the caller's, who may sort it
 */
struct stat_vma *stat_vmas(size_t *n)
{
	struct fault_stats *stats = fault_stats;

	for (size_t i = 0; i < stats->nr_vmas; i++)
		if (stats->vmas[i].row)
			stats->vmas[i].row = now_in(stats->vmas[i].row);
	*n = stats->nr_vmas;
	return stats->vmas;
}

/**
 * stat_rows - VMAs by name or lineage
 * @n: becomes the number of rows
 *
 * Return: an array of pointers, which the caller frees
 */
struct stat_row **stat_rows(size_t *n)
{
	struct stat_row **all;
	size_t room = 1;

	for (struct stat_row *row = fault_stats->rows; row; row = row->next)
		room++;
	all = calloc(room, sizeof(*all));
	if (!all)
		abort();
	*n = 0;
	for (struct stat_row *row = fault_stats->rows; row; row = row->next)
		if (!row->into && (row->vmas || row->faults))
			all[(*n)++] = row;
	return all;
}
