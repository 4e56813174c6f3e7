// SPDX-License-Identifier: GPL-2.0
/*
 * Names that outlive who had them, each kept once: they are the same where their pointers are.
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
 * name_keep - keep a name
 * @name: it may be NULL
 *
 * Return: the same for the same, "" for NULL
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
