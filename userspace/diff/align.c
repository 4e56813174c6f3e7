// SPDX-License-Identifier: GPL-2.0
/*
 * Which VMA of one recording is which of another, where addresses and numbers say nothing: those of
 * one name, in the order of their addresses, so that as little as possible differs. Size, rights,
 * place in the file, and what a VMA without a file touches have a weight each.
 */
#include <stdlib.h>
#include <string.h>
#include "diff/match.h"

/* A VMA that went and another that came weigh less than one that differs in more than that. */
#define ALONE		2
#define OTHER_SIZE	2
#define OTHER_RIGHTS	3
#define OTHER_PLACE	1

#define CELLS_MOST	4000000ULL	/* of a table of all pairs: beyond, order alone decides */

/**
 * struct named - a VMA that waits for its match
 * @name: what it is called, without folders
 * @below: what it touches, if it has no file
 * @vma: the VMA
 */
struct named {
	const char *name;
	const char *below;
	const struct side_vma *vma;
};

static int compare_names(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order)
		return order;
	return x->vma->start < y->vma->start ? -1 : x->vma->start > y->vma->start;
}

static struct named *list(const struct side *side, const struct side_mm *mm, size_t *n)
{
	struct named *all;

	*n = mm ? mm->nr : 0;
	all = calloc(*n + 1, sizeof(*all));
	if (!all)
		abort();
	for (size_t i = 0; i < *n; i++) {
		const struct side_vma *vma = &side->vmas[mm->first + i];

		all[i] = (struct named){ pairs_name(side, vma), "", vma };
		if (i && !vma->of_file && vma[-1].end == vma->start)
			all[i].below = pairs_name(side, &vma[-1]);
	}
	if (*n)
		qsort(all, *n, sizeof(*all), compare_names);
	return all;
}

static unsigned int weigh(const struct named *a, const struct named *b)
{
	unsigned int sum = 0;

	if (a->vma->end - a->vma->start != b->vma->end - b->vma->start)
		sum += OTHER_SIZE;
	if (a->vma->rights != b->vma->rights)
		sum += OTHER_RIGHTS;
	if (a->vma->offset != b->vma->offset || strcmp(a->below, b->below))
		sum += OTHER_PLACE;
	return sum;
}

static void in_order(struct matched *matched, struct mm_pair *pair, const struct named *a,
		     size_t n, const struct named *b, size_t m)
{
	matched->in_order += n + m;
	for (size_t i = 0; i < n || i < m; i++)
		pairs_add(pair, i < n ? a[i].vma : NULL, i < m ? b[i].vma : NULL);
}

/* What the rest of both weighs from each place on, from the last to the first; @m is the row. */
static unsigned int *weigh_rests(const struct named *a, size_t n, const struct named *b, size_t m)
{
	unsigned int *rest = calloc((n + 1) * (m + 1), sizeof(*rest));

	if (!rest)
		abort();
	for (size_t i = n + 1; i-- > 0;) {
		unsigned int *row = &rest[i * (m + 1)], *next = row + m + 1;

		for (size_t j = m + 1; j-- > 0;) {
			unsigned int least = i == n && j == m ? 0 : ~0U;

			if (i < n && next[j] + ALONE < least)
				least = next[j] + ALONE;
			if (j < m && row[j + 1] + ALONE < least)
				least = row[j + 1] + ALONE;
			if (i < n && j < m && next[j + 1] + weigh(&a[i], &b[j]) < least)
				least = next[j + 1] + weigh(&a[i], &b[j]);
			row[j] = least;
		}
	}
	return rest;
}

static void least(struct mm_pair *pair, const struct named *a, size_t n, const struct named *b,
		  size_t m)
{
	unsigned int *rest = weigh_rests(a, n, b, m);
	size_t i = 0, j = 0;

	while (i < n || j < m) {
		const unsigned int *row = &rest[i * (m + 1)], *next = row + m + 1;

		if (i < n && j < m && row[j] == next[j + 1] + weigh(&a[i], &b[j]))
			pairs_add(pair, a[i++].vma, b[j++].vma);
		else if (i < n && row[j] == next[j] + ALONE)
			pairs_add(pair, a[i++].vma, NULL);
		else
			pairs_add(pair, NULL, b[j++].vma);
	}
	free(rest);
}

/* Those of one name. What begins alike, and what ends alike, is not weighed. */
static void align(struct matched *matched, struct mm_pair *pair, const struct named *a,
		  size_t n, const struct named *b, size_t m)
{
	while (n && m && !weigh(a, b)) {
		pairs_add(pair, a++->vma, b++->vma);
		n--;
		m--;
	}
	while (n && m && !weigh(&a[n - 1], &b[m - 1]))
		pairs_add(pair, a[--n].vma, b[--m].vma);
	if ((n + 1ULL) * (m + 1) > CELLS_MOST)
		in_order(matched, pair, a, n, b, m);
	else
		least(pair, a, n, b, m);
}

/* How many from @i on have the name of that one? */
static size_t of_name(const struct named *all, size_t n, size_t i, const char *name)
{
	size_t count = 0;

	while (i + count < n && !strcmp(all[i + count].name, name))
		count++;
	return count;
}

/**
 * match_align - match the VMAs of an address space of one recording with those of another
 * @matched: both recordings
 * @pair: the address spaces; becomes pairs of their VMAs
 */
void match_align(struct matched *matched, struct mm_pair *pair)
{
	size_t n, m, i = 0, j = 0, x, y;
	struct named *a = list(matched->a, pair->a, &n);
	struct named *b = list(matched->b, pair->b, &m);

	while (i < n || j < m) {
		const char *name = i < n ? a[i].name : b[j].name;

		if (j < m && strcmp(b[j].name, name) < 0)
			name = b[j].name;
		x = of_name(a, n, i, name);
		y = of_name(b, m, j, name);
		align(matched, pair, &a[i], x, &b[j], y);
		i += x;
		j += y;
	}
	free(a);
	free(b);
}
