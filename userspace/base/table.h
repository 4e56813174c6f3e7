/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_BASE_TABLE_H
#define MMSCOPE_BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/**
 * struct table - a hash table with open addressing: at which place of an array an element is
 * @places: place of an element plus one, or 0 for a free slot
 * @hashes: hash of the element in the slot with the same number
 * @room: number of slots; a power of two, or 0
 * @n: number of elements
 */
struct table {
	size_t *places;
	__u64 *hashes;
	size_t room;
	size_t n;
};

/* Says whether the element at @place of the array is the one that is looked for. */
typedef bool (*table_fn)(size_t place, const void *wanted);

size_t table_find(const struct table *table, __u64 hash, table_fn same, const void *wanted);
void table_add(struct table *table, __u64 hash, size_t place);
void table_free(struct table *table);
void *table_grow(void *array, size_t n, size_t size);
__u64 table_hash(__u64 before, __u64 value);

/* What table_find() returns when no element is the one looked for */
#define TABLE_NONE	(~(size_t)0)

#endif
