/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_BASE_TABLE_H
#define MMSCOPE_BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/**
 * struct table - where among others something is, by its hash
 * @places: one more than each place; 0 is free
 * @hashes: of each
 * @room: for so many; a power of two
 * @n: so many are there
 */
struct table {
	size_t *places;
	__u64 *hashes;
	size_t room;
	size_t n;
};

/* Is what is at @place the one that is looked for? */
typedef bool (*table_fn)(size_t place, const void *wanted);

size_t table_find(const struct table *table, __u64 hash, table_fn same, const void *wanted);
void table_add(struct table *table, __u64 hash, size_t place);
void table_free(struct table *table);
void *table_grow(void *array, size_t n, size_t size);
__u64 table_hash(__u64 before, __u64 value);

/* What table_find() returns for none */
#define TABLE_NONE	(~(size_t)0)

#endif
