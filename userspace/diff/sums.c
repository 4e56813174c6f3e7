// SPDX-License-Identifier: GPL-2.0
/*
 * Figures of two sides, beside each other.
 */
#include <stdlib.h>
#include <string.h>
#include "diff/sums.h"
#include "record/text.h"

static const char *short_name(const char *name)
{
	const char *slash = *name == '/' ? strrchr(name, '/') : NULL;

	return slash ? slash + 1 : name;
}

static struct sum_pair *room_for(size_t n)
{
	struct sum_pair *pairs = calloc(n + 1, sizeof(*pairs));

	if (!pairs)
		abort();
	return pairs;
}

static int compare_words(const void *a, const void *b)
{
	const struct sum_pair *x = a, *y = b;
	int order = (int)x->class - (int)y->class;

	if (!order)
		order = strcmp(x->name, y->name);
	return order ? order : strcmp(x->where, y->where);
}

static __u64 difference(const struct sum_pair *pair)
{
	return pair->a > pair->b ? pair->a - pair->b : pair->b - pair->a;
}

/* What differs most comes first. */
static int compare_differences(const void *a, const void *b)
{
	__u64 x = difference(a), y = difference(b);

	return x != y ? (x < y ? 1 : -1) : compare_words(a, b);
}

static size_t add(struct sum_pair *to, const struct side *side, const struct side_sum *sums,
		  size_t n, bool second)
{
	for (size_t i = 0; i < n; i++)
		to[i] = (struct sum_pair){
			.name = short_name(side_say(side, sums[i].name)),
			.where = short_name(side_say(side, sums[i].where)),
			.class = sums[i].class,
			.a = second ? 0 : sums[i].total.count,
			.b = second ? sums[i].total.count : 0,
		};
	return n;
}

/* Unite what has the same words, and keep what differs. */
static size_t unite(struct sum_pair *pairs, size_t n)
{
	size_t united = 0, kept = 0;

	if (n)
		qsort(pairs, n, sizeof(*pairs), compare_words);
	for (size_t i = 0; i < n; i++)
		if (united && !compare_words(&pairs[united - 1], &pairs[i])) {
			pairs[united - 1].a += pairs[i].a;
			pairs[united - 1].b += pairs[i].b;
		} else {
			pairs[united++] = pairs[i];
		}
	for (size_t i = 0; i < united; i++)
		if (pairs[i].a != pairs[i].b)
			pairs[kept++] = pairs[i];
	if (kept)
		qsort(pairs, kept, sizeof(*pairs), compare_differences);
	return kept;
}

/**
 * sums_names - faults by what VMAs are called, where they differ
 * @a: the first side
 * @b: the second
 * @n: becomes how many
 *
 * Return: what differs most first; to be freed
 */
struct sum_pair *sums_names(const struct side *a, const struct side *b, size_t *n)
{
	struct sum_pair *pairs = room_for(a->head.names + b->head.names + 2);

	*n = add(pairs, a, a->names, a->head.names, false);
	*n += add(pairs + *n, b, b->names, b->head.names, true);
	pairs[(*n)++] = (struct sum_pair){
		"(where nothing is mapped)", "", 0, a->head.outside, b->head.outside,
	};
	*n = unite(pairs, *n);
	return pairs;
}

/**
 * sums_places - the same by class and function
 * @a: the first side
 * @b: the second
 * @n: becomes how many
 */
struct sum_pair *sums_places(const struct side *a, const struct side *b, size_t *n)
{
	struct sum_pair *pairs = room_for(a->head.places + b->head.places);

	*n = add(pairs, a, a->places, a->head.places, false);
	*n += add(pairs + *n, b, b->places, b->head.places, true);
	*n = unite(pairs, *n);
	return pairs;
}

/**
 * sums_classes - the same by class
 * @a: the first side
 * @b: the second
 * @n: becomes how many
 */
struct sum_pair *sums_classes(const struct side *a, const struct side *b, size_t *n)
{
	struct sum_pair *pairs = room_for(RECORD_NR_CLASSES);

	for (size_t i = 0; i < RECORD_NR_CLASSES; i++)
		pairs[i] = (struct sum_pair){
			class_word(i), "", i, a->head.classes[i].count, b->head.classes[i].count,
		};
	*n = unite(pairs, RECORD_NR_CLASSES);
	return pairs;
}

static __u64 rss_of(const struct side *side, int kind)
{
	__u64 pages = 0;

	for (size_t i = 0; i < side->head.mms; i++)
		pages += side->mms[i].rss[kind];
	return pages;
}

static __u64 faults_of(const struct side *side)
{
	__u64 faults = 0;

	for (size_t i = 0; i < RECORD_NR_CLASSES; i++)
		faults += side->head.classes[i].count;
	return faults;
}

/**
 * sums_figures - what each side has in all, in a fixed order, also where that does not differ
 * @a: the first side
 * @b: the second
 * @n: becomes how many
 */
struct sum_pair *sums_figures(const struct side *a, const struct side *b, size_t *n)
{
	static const char *const kinds[RAW_NR_RSS] = {
		[RAW_RSS_FILE] = "pages of files",
		[RAW_RSS_ANON] = "private pages",
		[RAW_RSS_SWAP] = "pages in swap",
		[RAW_RSS_SHMEM] = "pages of shared memory",
		[RAW_RSS_HUGETLB] = "pages of hugetlbfs",
	};
	static const char *const calls[] = {
		"VMAs made", "VMAs unmapped", "calls refused", "pages given back",
	};
	struct sum_pair *pairs = room_for(16);

	*n = 0;
	pairs[(*n)++] = (struct sum_pair){ "address spaces", "", 0, a->head.mms,
					   b->head.mms };
	pairs[(*n)++] = (struct sum_pair){ "VMAs", "", 0, a->head.vmas, b->head.vmas };
	pairs[(*n)++] = (struct sum_pair){ "faults", "", 0, faults_of(a), faults_of(b) };
	for (int i = 0; i < RAW_NR_RSS; i++)
		pairs[(*n)++] = (struct sum_pair){ kinds[i], "", 0, rss_of(a, i), rss_of(b, i) };
	for (int i = 0; i < 4; i++)
		pairs[(*n)++] = (struct sum_pair){ calls[i], "", 0, a->head.calls[i],
						   b->head.calls[i] };
	return pairs;
}

/**
 * sums_differ - is any not the same on both sides?
 * @sums: figures
 * @n: how many
 */
bool sums_differ(const struct sum_pair *sums, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (sums[i].a != sums[i].b)
			return true;
	return false;
}
