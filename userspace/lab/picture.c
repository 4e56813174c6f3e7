// SPDX-License-Identifier: GPL-2.0
/*
 * A region as a picture, a character a page:
 *
 *	#  present		z  the shared zero page		c  a private copy
 *	.  promised, not there	s  in swap			g  a guard
 *	   (blank) not mapped
 *
 * A long region is drawn in COLUMNS characters; one stands for several pages then, and + says that
 * some of them are present. Present is what pagemap says; where it says nothing (VM_PFNMAP), what
 * the log says.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/pagemap.h"
#include "base/proc.h"
#include "lab/lineage.h"
#include "lab/step.h"

#define EXACT	64	/* pages up to which each page is a character */
#define COLUMNS	40	/* characters of a longer region */

/**
 * struct sketch - state of drawing a region
 * @r: the region
 * @page: a character for each page
 * @vmas: text about the VMAs of the region
 * @size: of @vmas
 * @n: number of VMAs so far
 */
struct sketch {
	const struct region *r;
	char *page;
	char *vmas;
	size_t size;
	unsigned int n;
};

static __u64 zero_pfn;

/**
 * picture_prepare - find out which frame is the zero page, before the first picture
 */
void picture_prepare(void)
{
	zero_pfn = pages_zero_pfn();
}

static char draw_page(const struct region *r, size_t page, __u64 entry)
{
	if (entry & PAGEMAP_GUARD)
		return 'g';
	if (entry & PAGEMAP_SWAPPED)
		return 's';
	if (r->pfn)
		return r->given[page] ? '#' : '.';
	if (!(entry & PAGEMAP_PRESENT))
		return '.';
	if (zero_pfn && PAGEMAP_PFN(entry) == zero_pfn)
		return 'z';
	return r->fd >= 0 && !(entry & PAGEMAP_FILE) ? 'c' : '#';
}

/*
 * Write a VMA with its number by the log and its range by maps: it may have grown without a hook.
 */
static void draw_vma(const struct proc_map *map, const struct lineage_vma *vma, char *buf,
		     size_t size)
{
	struct lineage_vma seen = *vma;

	seen.start = map->start;
	seen.end = map->end;
	seen.pgoff = map->offset / proc_page_size();
	lineage_text(&seen, buf, size);
}

static void draw_map(const struct proc_map *map, void *arg)
{
	const struct lineage_vma *vma = lineage_at(step_log_own(), map->start);
	struct sketch *s = arg;
	__u64 start = (uintptr_t)s->r->at, end = (uintptr_t)at(s->r, s->r->pages);
	size_t first, last, n = strlen(s->vmas);

	if (map->start >= end || map->end <= start)
		return;
	first = map->start > start ? (map->start - start) / proc_page_size() : 0;
	last = ((map->end < end ? map->end : end) - start) / proc_page_size() - 1;
	memset(s->page + first, '.', last - first + 1);
	s->n++;
	n += snprintf(s->vmas + n, s->size - n, "%s", n ? ", " : "");
	if (vma)
		draw_vma(map, vma, s->vmas + n, s->size - n);
	else
		snprintf(s->vmas + n, s->size - n, first == last ? "%zu" : "%zu-%zu", first, last);
}

static void draw_pages(struct sketch *s)
{
	__u64 *entries = calloc(s->r->pages, sizeof(*entries));

	if (!entries)
		return;
	if (proc_pagemap((uintptr_t)s->r->at, s->r->pages, entries) == s->r->pages)
		for (size_t i = 0; i < s->r->pages; i++)
			if (s->page[i] == '.')
				s->page[i] = draw_page(s->r, i, entries[i]);
	free(entries);
}

static char blend(const char *page, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (page[i] != page[0])
			return '+';
	return page[0];
}

static size_t scale(size_t pages)
{
	return pages <= EXACT ? 1 : (pages + COLUMNS - 1) / COLUMNS;
}

static void shrink(const struct sketch *s, char *pages)
{
	size_t per = scale(s->r->pages), n = 0;

	for (size_t i = 0; i < s->r->pages; i += per)
		pages[n++] = blend(s->page + i, i + per > s->r->pages ? s->r->pages - i : per);
	pages[n] = '\0';
}

static void describe(struct sketch *s)
{
	char ranges[2 * TEXT];
	size_t n;

	snprintf(ranges, sizeof(ranges), "%s", s->vmas);
	n = snprintf(s->vmas, s->size, "%u VMA%s", s->n, s->n == 1 ? "" : "s");
	if (s->n)
		n += snprintf(s->vmas + n, s->size - n, ": %s", ranges);
	if (scale(s->r->pages) > 1 && n < s->size)
		snprintf(s->vmas + n, s->size - n, "; %zu a character", scale(s->r->pages));
}

static void picture(const struct region *r, struct drawn *d)
{
	struct sketch s = { .r = r, .vmas = d->vmas, .size = sizeof(d->vmas) };

	snprintf(d->name, sizeof(d->name), "%s", r->name ? r->name : "");
	d->start = (uintptr_t)r->at;
	d->size = r->pages;
	s.page = malloc(r->pages);
	if (!s.page)
		return;
	memset(s.page, ' ', r->pages);
	proc_maps(0, draw_map, &s);
	draw_pages(&s);
	shrink(&s, d->pages);
	describe(&s);
	free(s.page);
}

/**
 * picture_all - draw all regions of the experiment, for the step
 */
void picture_all(void)
{
	for (size_t i = 0; i < MAX_REGIONS && step->nr_pictures < MAX_PICTURES; i++)
		if (regions[i].live)
			picture(&regions[i], &step->pictures[step->nr_pictures++]);
}
