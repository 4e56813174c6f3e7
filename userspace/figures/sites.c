// SPDX-License-Identifier: GPL-2.0
/*
 * Faults by instruction, where it is in its file: the same wherever that was mapped.
 */
#include <stdint.h>
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "base/name_store.h"
#include "base/proc.h"
#include "base/table.h"
#include "figures/figures.h"
#include "record/record.h"

static struct figure_site *sites;
static size_t nr;
static struct table table;

static bool same(size_t place, const void *wanted)
{
	const struct figure_site *a = &sites[place], *b = wanted;

	return a->name == b->name && a->offset == b->offset && a->class == b->class;
}

/* Faults of this class at this instruction */
static struct figure_site *place_of(const struct figure_site *site)
{
	__u64 hash = table_hash((uintptr_t)site->name, site->offset << 5 ^ site->class);
	size_t place = table_find(&table, hash, same, site);

	if (place != TABLE_NONE)
		return &sites[place];
	sites = table_grow(sites, nr, sizeof(*sites));
	sites[nr] = *site;
	table_add(&table, hash, nr);
	return &sites[nr++];
}

/* Where is an instruction? What is no code that has a name is told by its address. */
static void locate(const struct mmscope_event *e, struct figure_site *site)
{
	const struct mm *mm = mm_get(e->mm);
	const struct vma *vma = mm ? mm_at(mm, e->ip) : NULL;

	site->name = name_keep("");
	site->offset = e->ip;
	if (!vma || !(vma->image.flags & RAW_VM_EXEC))
		return;
	site->name = name_keep(names_of(vma, mm));
	if (*site->name)
		site->offset = e->ip - vma->start +
			       (vma->image.file ? vma_pgoff(vma) * proc_page_size() : 0);
}

/**
 * sites_event - add a fault to those at its instruction
 * @e: the fault
 */
void sites_event(const struct mmscope_event *e)
{
	struct figure_site site = { .class = RECORD_CLASS(e->flags) }, *at;

	locate(e, &site);
	at = place_of(&site);
	at->total.count++;
	at->total.ns += e->ns;
	if (!(e->flags & MMSCOPE_F_ERROR))
		at->total.pages += e->npages;
}

/**
 * figures_sites - faults by instruction
 * @n: becomes the number of places
 */
const struct figure_site *figures_sites(size_t *n)
{
	*n = nr;
	return sites;
}
