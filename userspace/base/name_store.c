// SPDX-License-Identifier: GPL-2.0
/*
 * A store of names that lives as long as the tool. Equal names are stored once, so that two of them
 * can be compared by their pointers.
 */
#include <stdlib.h>
#include <string.h>
#include "base/name_store.h"
#include "base/table.h"

static char **names;
static size_t nr;
static struct table table;

static bool same(size_t place, const void *wanted)
{
	return !strcmp(names[place], wanted);
}

/**
 * name_keep - put a name into the store
 * @name: the name, which is copied; NULL stands for ""
 *
 * Return: the stored name, the same pointer for equal names; it is never freed
 */
const char *name_keep(const char *name)
{
	__u64 hash = 0;
	size_t place;

	name = name ? name : "";
	for (const char *at = name; *at; at++)
		hash = hash * 31 + (unsigned char)*at;
	hash = table_hash(0, hash);
	place = table_find(&table, hash, same, name);
	if (place != TABLE_NONE)
		return names[place];
	names = table_grow(names, nr, sizeof(*names));
	names[nr] = strdup(name);
	if (!names[nr])
		abort();
	table_add(&table, hash, nr);
	return names[nr++];
}
