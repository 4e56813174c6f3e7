// SPDX-License-Identifier: GPL-2.0
/*
 * Texts and small structs that many records have in common: each is kept once, and has a number.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "export/html_set.h"

static __u64 hash(const __u8 *data, size_t size)
{
	__u64 hash = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ data[i]) * 0x100000001b3ULL;
	return hash ^ hash >> 32;
}

static size_t begin_of(const struct html_set *set, __u32 number)
{
	return number ? set->ends[number - 1] : 0;
}

/**
 * html_set_get - one of them
 * @set: all
 * @number: which
 * @size: becomes its size
 */
const void *html_set_get(const struct html_set *set, __u32 number, size_t *size)
{
	size_t begin = begin_of(set, number);

	*size = set->ends[number] - begin;
	return set->bytes.data + begin;
}

static __u32 *slot_of(const struct html_set *set, const void *data, size_t size)
{
	for (__u64 at = hash(data, size);; at++) {
		__u32 *slot = &set->slots[at & set->mask];
		const void *other;
		size_t length;

		if (!*slot)
			return slot;
		other = html_set_get(set, *slot - 1, &length);
		if (length == size && !memcmp(other, data, size))
			return slot;
	}
}

/* The table is at most half full; the array of ends grows with it. */
static void grow(struct html_set *set)
{
	__u32 size = set->slots ? 2 * (set->mask + 1) : 256;

	free(set->slots);
	set->slots = calloc(size, sizeof(*set->slots));
	set->ends = realloc(set->ends, size * sizeof(*set->ends));
	if (!set->slots || !set->ends)
		abort();
	set->mask = size - 1;
	for (__u32 i = 0; i < set->nr; i++) {
		size_t length;
		const void *data = html_set_get(set, i, &length);

		*slot_of(set, data, length) = i + 1;
	}
}

/**
 * html_set_add - the number of a string of bytes
 * @set: of these
 * @data: it
 * @size: how many bytes
 */
__u32 html_set_add(struct html_set *set, const void *data, size_t size)
{
	__u32 *slot;

	if (!set->slots || set->nr > set->mask / 2)
		grow(set);
	slot = slot_of(set, data, size);
	if (!*slot) {
		bytes_add(&set->bytes, data, size);
		set->ends[set->nr++] = set->bytes.size;
		*slot = set->nr;
	}
	return *slot - 1;
}

/**
 * html_word - the number of a text
 * @set: of these
 * @word: it; NULL is as ""
 */
__u32 html_word(struct html_set *set, const char *word)
{
	return html_set_add(set, word ? word : "", word ? strlen(word) : 0);
}
