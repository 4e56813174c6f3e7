// SPDX-License-Identifier: GPL-2.0
/*
 * Faults, each with its time and address; where there are too many for a page, those of one class
 * that are near each other in time and address become one row with their number.
 */
#include <stdlib.h>
#include <string.h>
#include "base/proc.h"
#include "export/html_picture.h"

#define MOST_ROWS	(4U << 20)	/* at a time: 200 MB */

static const struct html_kind *kind_of(const struct html_picture *picture,
				       const struct html_fault *fault)
{
	size_t size;

	return html_set_get(&picture->kinds, fault->kind, &size);
}

/* Of several faults that differ only what they have in common is said. */
static void unite_kinds(struct html_picture *picture, struct html_fault *to,
			const struct html_fault *from)
{
	struct html_kind both, other;

	if (to->kind == from->kind)
		return;
	memcpy(&both, kind_of(picture, to), sizeof(both));
	memcpy(&other, kind_of(picture, from), sizeof(other));
	if (both.event != other.event)
		both.event = html_word(&picture->words, "fault");
	if (both.place != other.place)
		both.place = HTML_NO_PLACE;
	both.what = 0;
	to->kind = html_set_add(&picture->kinds, &both, sizeof(both));
}

/* What qsort() compares by, beside the rows */
static const struct html_picture *sorted;
static __u64 block;

static int order(__u64 a, __u64 b)
{
	return a < b ? -1 : a > b;
}

static int compare_cells(const void *a, const void *b)
{
	const struct html_fault *x = a, *y = b;
	int by = order(x->mm, y->mm);

	if (!by)
		by = order(x->vma, y->vma);
	if (!by)
		by = order(kind_of(sorted, x)->class, kind_of(sorted, y)->class);
	return by ? by : order(x->addr / block, y->addr / block);
}

static int compare_rows(const void *a, const void *b)
{
	const struct html_fault *x = a, *y = b;
	int by = compare_cells(a, b);

	return by ? by : order(x->time, y->time);
}

static int compare_times(const void *a, const void *b)
{
	const struct html_fault *x = a, *y = b;

	return order(x->time, y->time);
}

/**
 * html_faults_sort - have faults in order of time, which they are but for few
 * @picture: all
 */
void html_faults_sort(struct html_picture *picture)
{
	for (size_t i = 1; i < picture->nr_faults; i++)
		if (picture->faults[i - 1].time > picture->faults[i].time) {
			qsort(picture->faults, picture->nr_faults, sizeof(*picture->faults),
			      compare_times);
			return;
		}
}

/* Rows of one span of time. Return: how many they become */
static size_t fold_span(struct html_picture *picture, struct html_fault *rows, size_t nr)
{
	size_t n = 0;

	qsort(rows, nr, sizeof(*rows), compare_rows);
	for (size_t i = 0; i < nr; i++) {
		struct html_fault *to = n ? &rows[n - 1] : NULL;

		if (!to || compare_cells(to, &rows[i])) {
			rows[n++] = rows[i];
			continue;
		}
		unite_kinds(picture, to, &rows[i]);
		to->count += rows[i].count;
		to->pages += rows[i].pages;
		to->ns += rows[i].ns;
		if (to->tid != rows[i].tid)
			to->tid = 0;
	}
	qsort(rows, n, sizeof(*rows), compare_times);
	return n;
}

/**
 * html_faults_fold - keep fewer rows: the next larger cells are told by their numbers
 * @picture: all
 */
void html_faults_fold(struct html_picture *picture)
{
	struct html_fault *rows = picture->faults;
	size_t n = 0, from = 0;

	if (!picture->cell_ns) {
		picture->cell_ns = picture->last / 65536 + 1;
		picture->cell_pages = 2;
	} else if (picture->cell_pages < 64) {
		picture->cell_pages *= 2;
	} else {
		picture->cell_ns *= 2;
	}
	sorted = picture;
	block = picture->cell_pages * proc_page_size();
	while (from < picture->nr_faults) {
		__u64 span = rows[from].time / picture->cell_ns;
		size_t to = from, nr;

		while (to < picture->nr_faults && rows[to].time / picture->cell_ns == span)
			to++;
		nr = fold_span(picture, rows + from, to - from);
		memmove(rows + n, rows + from, nr * sizeof(*rows));
		n += nr;
		from = to;
	}
	picture->nr_faults = n;
}

static void make_room(struct html_picture *picture)
{
	while (picture->nr_faults > MOST_ROWS / 2 && picture->nr_faults == picture->room_faults &&
	       picture->room_faults >= MOST_ROWS)
		html_faults_fold(picture);
	if (picture->nr_faults < picture->room_faults)
		return;
	picture->room_faults = picture->room_faults ? 2 * picture->room_faults : 1024;
	picture->faults = realloc(picture->faults,
				  picture->room_faults * sizeof(*picture->faults));
	if (!picture->faults)
		abort();
}

/**
 * html_faults_add - a fault
 * @picture: all
 * @e: its record
 * @kind: what it has in common with others
 */
void html_faults_add(struct html_picture *picture, const struct mmscope_event *e,
		     const struct html_kind *kind)
{
	struct fault_total *total = &picture->classes[kind->class];
	/* A fault that was refused tells in this place why. */
	__u32 pages = e->flags & MMSCOPE_F_ERROR ? 0 : e->npages;

	make_room(picture);
	picture->faults[picture->nr_faults++] = (struct html_fault){
		.time = html_since(picture, e->time_ns), .addr = e->addr, .ns = e->ns,
		.pages = pages, .count = 1, .mm = e->mm, .vma = e->vma, .tid = e->tid,
		.kind = html_set_add(&picture->kinds, kind, sizeof(*kind)),
	};
	total->count++;
	total->pages += pages;
	total->ns += e->ns;
}
