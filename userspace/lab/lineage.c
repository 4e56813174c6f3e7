// SPDX-License-Identifier: GPL-2.0
/*
 * Which VMA came from which, by replaying the log alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/proc.h"
#include "base/tool.h"
#include "lab/lineage.h"

/*
 * VMAs have room here in nearly all experiments. malloc(3) is only called if there are more, since
 * some experiments look at the heap.
 */
static struct lineage_vma few[1024];
static struct lineage_vma *vmas = few;
static size_t nr_vmas, room = ARRAY_SIZE(few);
static int nr_born;

static struct lineage_vma *find(unsigned int id)
{
	for (size_t i = nr_vmas; i-- > 0;)
		if (vmas[i].id == id && vmas[i].live)
			return &vmas[i];
	return NULL;
}

/* Let the numbers of VMAs begin again if none is left. */
static void sweep(void)
{
	for (size_t i = 0; i < nr_vmas; i++)
		if (vmas[i].live)
			return;
	nr_vmas = 0;
	nr_born = 0;
}

static void grow(void)
{
	struct lineage_vma *more = vmas == few ? NULL : vmas;

	more = realloc(more, 2 * room * sizeof(*vmas));
	if (!more)
		abort();
	if (vmas == few)
		memcpy(more, few, sizeof(few));
	vmas = more;
	room *= 2;
}

/* Add a VMA. Pointers to other VMAs are invalid then, for the array may have moved. */
static struct lineage_vma *born(const struct mmscope_event *e)
{
	const struct lineage_vma *parent;
	struct lineage_vma *vma;

	if (nr_vmas == room)
		grow();
	parent = e->parent ? find(e->parent) : NULL;
	vma = &vmas[nr_vmas++];
	*vma = (struct lineage_vma){
		.id = e->vma,
		.mm = e->mm,
		.number = nr_born++,
		.parent = parent ? parent->number : -1,
		.start = e->start,
		.end = e->end,
		.pgoff = e->aux,
		.live = true,
	};
	return vma;
}

static void split(const struct mmscope_event *e)
{
	struct lineage_vma *new = born(e);
	struct lineage_vma *old = find(e->parent);
	__u64 pages = (e->aux - e->start) / proc_page_size();

	if (!old)
		return;
	new->pgoff = old->pgoff;
	if (e->flags & MMSCOPE_F_BELOW) {
		new->end = e->aux;
		old->start = e->aux;
		old->pgoff += pages;
	} else {
		new->start = e->aux;
		new->pgoff += pages;
		old->end = e->aux;
	}
}

static void gone(const struct mmscope_event *e)
{
	struct lineage_vma *vma = find(e->vma);

	if (vma)
		vma->live = false;
	sweep();
}

/**
 * lineage_take - replay a record
 * @e: record of any type
 */
void lineage_take(const struct mmscope_event *e)
{
	switch (e->type) {
	case MMSCOPE_MMAP:
	case MMSCOPE_COPY:
	case MMSCOPE_DUP:
		born(e);
		break;
	case MMSCOPE_SPLIT:
		split(e);
		break;
	case MMSCOPE_UNMAP:
	case MMSCOPE_MOVE:
		gone(e);
		break;
	}
}

/**
 * lineage_page - the page of the store behind an address
 * @id: id of the VMA that the address is in
 * @addr: the address; may be the VMA's end
 *
 * Return: the page, or 0 when the VMA is not known
 */
__u64 lineage_page(unsigned int id, __u64 addr)
{
	const struct lineage_vma *vma = find(id);

	return vma ? vma->pgoff + (addr - vma->start) / proc_page_size() : 0;
}

/**
 * lineage_text - write a VMA in words: "#2 8-15 from #0"
 * @vma: the VMA
 * @buf: for the text
 * @size: of @buf
 */
void lineage_text(const struct lineage_vma *vma, char *buf, size_t size)
{
	__u64 last = vma->pgoff + (vma->end - vma->start) / proc_page_size() - 1;
	char from[24] = "";

	if (vma->parent >= 0)
		snprintf(from, sizeof(from), " from #%d", vma->parent);
	if (last == vma->pgoff)
		snprintf(buf, size, "#%d %llu%s", vma->number, last, from);
	else
		snprintf(buf, size, "#%d %llu-%llu%s", vma->number, vma->pgoff, last, from);
}

/**
 * lineage_at - the VMA that holds an address
 * @mm: id of the address space
 * @addr: the address
 *
 * Return: the VMA, or NULL when the log knows none there
 */
const struct lineage_vma *lineage_at(unsigned int mm, __u64 addr)
{
	for (size_t i = 0; i < nr_vmas; i++)
		if (vmas[i].live && vmas[i].mm == mm && addr >= vmas[i].start &&
		    addr < vmas[i].end)
			return &vmas[i];
	return NULL;
}

static const struct lineage_vma *lowest(unsigned int mm, __u64 from, __u64 to)
{
	const struct lineage_vma *best = NULL;

	for (size_t i = 0; i < nr_vmas; i++) {
		const struct lineage_vma *vma = &vmas[i];

		if (vma->live && vma->mm == mm && vma->start >= from && vma->start < to &&
		    (!best || vma->start < best->start))
			best = vma;
	}
	return best;
}

/**
 * lineage_walk - walk the VMAs that live, by address
 * @mm: id of the address space
 * @from: first address
 * @to: first address behind the range
 * @each: called for each VMA
 * @arg: handed to @each
 */
void lineage_walk(unsigned int mm, __u64 from, __u64 to, lineage_fn each, void *arg)
{
	const struct lineage_vma *vma;

	while ((vma = lowest(mm, from, to))) {
		each(vma, arg);
		from = vma->start + 1;
	}
}
