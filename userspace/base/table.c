// SPDX-License-Identifier: GPL-2.0
/*
 * Arrays that grow, and hash tables that say which element of an array is the one looked for.
 */
#include <stdlib.h>
#include "base/table.h"

/**
 * table_hash - mix a number into a hash
 * @before: hash of the numbers before, 0 for none
 * @value: the number
 *
 * Return: the hash of all numbers
 */
__u64 table_hash(__u64 before, __u64 value)
{
	__u64 hash = (before ^ value) * 0x9e3779b97f4a7c15ULL;

	return hash ^ hash >> 29;
}

/**
 * table_grow - make room for one more element of an array
 * @array: the array; it is full whenever @n is 0 or a power of two
 * @n: number of elements in @array
 * @size: bytes of an element
 *
 * Return: the array, which may have moved; the caller frees it
 */
void *table_grow(void *array, size_t n, size_t size)
{
	if (n & (n - 1))
		return array;
	array = reallocarray(array, n ? 2 * n : 1, size);
	if (!array)
		abort();
	return array;
}

/**
 * table_find - find the place of an element in its array
 * @table: hash table of the array
 * @hash: of the element
 * @same: says whether the element at a place is the one looked for
 * @wanted: handed to @same
 *
 * Return: the place, or TABLE_NONE
 */
size_t table_find(const struct table *table, __u64 hash, table_fn same, const void *wanted)
{
	if (!table->room)
		return TABLE_NONE;
	for (size_t i = hash & (table->room - 1); table->places[i];
	     i = (i + 1) & (table->room - 1))
		if (table->hashes[i] == hash && same(table->places[i] - 1, wanted))
			return table->places[i] - 1;
	return TABLE_NONE;
}

static void put(struct table *table, __u64 hash, size_t place)
{
	size_t i = hash & (table->room - 1);

	while (table->places[i])
		i = (i + 1) & (table->room - 1);
	table->places[i] = place + 1;
	table->hashes[i] = hash;
}

/**
 * table_add - note the place of an element
 * @table: hash table of the array; the element is not in it yet
 * @hash: of the element
 * @place: number of the element in the array
 */
void table_add(struct table *table, __u64 hash, size_t place)
{
	struct table before = *table;

	if (2 * (table->n + 1) > table->room) {
		table->room = table->room ? 2 * table->room : 64;
		table->places = calloc(table->room, sizeof(*table->places));
		table->hashes = calloc(table->room, sizeof(*table->hashes));
		if (!table->places || !table->hashes)
			abort();
		for (size_t i = 0; i < before.room; i++)
			if (before.places[i])
				put(table, before.hashes[i], before.places[i] - 1);
		free(before.places);
		free(before.hashes);
	}
	put(table, hash, place);
	table->n++;
}

/**
 * table_free - free the memory of a table
 * @table: becomes an empty table, which can be used again
 */
void table_free(struct table *table)
{
	free(table->places);
	free(table->hashes);
	*table = (struct table){ 0 };
}
