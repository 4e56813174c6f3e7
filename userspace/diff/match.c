// SPDX-License-Identifier: GPL-2.0
/*
 * What on one side is what on the other. In one recording address spaces and VMAs have numbers. In
 * two, address spaces are matched by the names of their processes, in the order of their
 * beginning; their VMAs in diff/align.c.
 */
#include <stdlib.h>
#include <string.h>
#include "diff/match.h"

#define CHAIN_MOST	64	/* VMAs from which a VMA came, one from the other */
#define JOINS_MOST	4096	/* VMAs that went, for which those that came are looked through */

static enum change change_of(const struct vma_pair *vma, bool same)
{
	__u64 a, b;

	if (!vma->a || !vma->b)
		return vma->a ? CHANGE_WENT : CHANGE_CAME;
	a = vma->a->end - vma->a->start;
	b = vma->b->end - vma->b->start;
	if (a != b)
		return a > b ? CHANGE_CUT : CHANGE_GREW;
	if (same && vma->a->start != vma->b->start)
		return CHANGE_MOVED;
	return vma->a->rights != vma->b->rights ? CHANGE_RIGHTS : CHANGE_NONE;
}

static int compare_changes(const void *a, const void *b)
{
	const struct vma_pair *x = a, *y = b;
	const struct side_vma *one = x->b ? x->b : x->a, *other = y->b ? y->b : y->a;

	if (x->change != y->change)
		return x->change < y->change ? -1 : 1;
	return one->start < other->start ? -1 : one->start > other->start;
}

static int compare_ids(const void *a, const void *b)
{
	const struct side_vma *x = *(const struct side_vma **)a, *y = *(const struct side_vma **)b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/* Those of one side of an address space; by number if @by_id. To be freed. */
static const struct side_vma **list(const struct side *side, const struct side_mm *mm,
				    size_t *n)
{
	const struct side_vma **all;

	*n = mm ? mm->nr : 0;
	all = calloc(*n + 1, sizeof(*all));
	if (!all)
		abort();
	for (size_t i = 0; i < *n; i++)
		all[i] = &side->vmas[mm->first + i];
	if (*n)
		qsort(all, *n, sizeof(*all), compare_ids);
	return all;
}

/* Does a VMA come from one that its side has no more? Bad records may have made a circle. */
static bool comes_from(const struct side *side, const struct side_vma *vma, __u32 id)
{
	__u32 parent = vma->parent;

	for (unsigned int far = 0; parent && far < CHAIN_MOST; far++) {
		const struct side_gone *gone;

		if (parent == id)
			return true;
		gone = side_gone(side, parent);
		parent = gone ? gone->parent : 0;
	}
	return false;
}

/*
 * A VMA that went, and one that came from it: the same place is preferred, for of what was cut into
 * ranges the first goes on.
 */
static void join(const struct matched *matched, struct mm_pair *pair, struct vma_pair *went)
{
	struct vma_pair *heir = NULL;

	for (size_t i = 0; i < pair->nr; i++) {
		struct vma_pair *came = &pair->vmas[i];

		if (!came->b || came->a)
			continue;
		if (!comes_from(matched->b, came->b, went->a->id) &&
		    !comes_from(matched->a, went->a, came->b->id))
			continue;
		if (!heir || came->b->start == went->a->start)
			heir = came;
	}
	if (!heir)
		return;
	went->b = heir->b;
	heir->b = NULL;
}

/* What is left of pairs that were joined is on neither side. */
static void match_lineage(const struct matched *matched, struct mm_pair *pair)
{
	size_t kept = 0, tries = 0;

	for (size_t i = 0; i < pair->nr && tries < JOINS_MOST; i++)
		if (pair->vmas[i].a && !pair->vmas[i].b) {
			join(matched, pair, &pair->vmas[i]);
			tries++;
		}
	for (size_t i = 0; i < pair->nr; i++)
		if (pair->vmas[i].a || pair->vmas[i].b)
			pair->vmas[kept++] = pair->vmas[i];
	pair->nr = kept;
}

static void match_ids(const struct matched *matched, struct mm_pair *pair)
{
	size_t n, m, i = 0, j = 0;
	const struct side_vma **a = list(matched->a, pair->a, &n);
	const struct side_vma **b = list(matched->b, pair->b, &m);

	while (i < n || j < m) {
		if (i < n && j < m && a[i]->id == b[j]->id)
			pairs_add(pair, a[i++], b[j++]);
		else if (j == m || (i < n && a[i]->id < b[j]->id))
			pairs_add(pair, a[i++], NULL);
		else
			pairs_add(pair, NULL, b[j++]);
	}
	free(a);
	free(b);
	match_lineage(matched, pair);
}

static void match_vmas(struct matched *matched, struct mm_pair *pair)
{
	if (matched->same)
		match_ids(matched, pair);
	else
		match_align(matched, pair);
	for (size_t i = 0; i < pair->nr; i++) {
		pair->vmas[i].change = change_of(&pair->vmas[i], matched->same);
		matched->changes[pair->vmas[i].change]++;
	}
	if (pair->nr)
		qsort(pair->vmas, pair->nr, sizeof(*pair->vmas), compare_changes);
}

static bool is_same(const struct matched *matched, const struct side_mm *a,
		    const struct side_mm *b)
{
	return matched->same ? a->mm == b->mm : !strcmp(a->comm, b->comm);
}

static struct mm_pair *add_mm(struct matched *matched, const struct side_mm *a,
			      const struct side_mm *b)
{
	struct mm_pair *pair = &matched->mms[matched->nr++];

	*pair = (struct mm_pair){ .a = a, .b = b };
	return pair;
}

/**
 * match_sides - find what on one side is what on the other
 * @matched: becomes that
 * @a: the first side
 * @b: the second
 */
void match_sides(struct matched *matched, const struct side *a, const struct side *b)
{
	bool *used = calloc(b->head.mms + 1, sizeof(*used));
	size_t j;

	*matched = (struct matched){ .a = a, .b = b, .same = side_same_file(a, b) };
	matched->mms = calloc(a->head.mms + b->head.mms + 1, sizeof(*matched->mms));
	if (!matched->mms || !used)
		abort();
	for (size_t i = 0; i < a->head.mms; i++) {
		for (j = 0; j < b->head.mms; j++)
			if (!used[j] && is_same(matched, &a->mms[i], &b->mms[j]))
				break;
		if (j < b->head.mms)
			used[j] = true;
		add_mm(matched, &a->mms[i], j < b->head.mms ? &b->mms[j] : NULL);
	}
	for (j = 0; j < b->head.mms; j++)
		if (!used[j])
			add_mm(matched, NULL, &b->mms[j]);
	for (size_t i = 0; i < matched->nr; i++)
		match_vmas(matched, &matched->mms[i]);
	free(used);
}

/**
 * match_free - forget it
 * @matched: from match_sides()
 */
void match_free(struct matched *matched)
{
	for (size_t i = 0; i < matched->nr; i++)
		free(matched->mms[i].vmas);
	free(matched->mms);
}
