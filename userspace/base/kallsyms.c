// SPDX-License-Identifier: GPL-2.0
/*
 * Names of the kernel's data: /proc/kallsyms, of which only what may be asked for is kept. Without
 * CAP_SYSLOG, or where kptr_restrict forbids it, nothing has an address.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/kallsyms.h"
#include "base/tool.h"

/**
 * struct symbol - an object of the kernel or of a module
 * @address: where it is
 * @name: of it
 */
struct symbol {
	__u64 address;
	char *name;
};

static struct symbol *symbols;
static size_t nr_symbols, room;
static bool loaded;

static bool wanted(const char *name)
{
	return strstr(name, "ops") || strstr(name, "operations");
}

static void keep(__u64 address, const char *name)
{
	if (nr_symbols == room) {
		room = 2 * room + 1024;
		symbols = realloc(symbols, room * sizeof(*symbols));
	}
	if (!symbols)
		abort();
	symbols[nr_symbols].address = address;
	symbols[nr_symbols].name = strdup(name);
	if (!symbols[nr_symbols++].name)
		abort();
}

/*
 * "ffffffff81000000 D name", and perhaps "[module]" behind a tab. Of 200,000 lines most are of
 * functions: their addresses are not even read.
 */
static void take_line(char *line)
{
	char *type = strchr(line, ' '), *name;
	__u64 address;

	if (!type || !strchr("dDrRbB", type[1]) || type[2] != ' ')
		return;
	name = type + 3;
	name[strcspn(name, "\t\n")] = '\0';
	if (!wanted(name))
		return;
	address = strtoull(line, NULL, 16);
	if (address)
		keep(address, name);
}

static int compare(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

static void load(void)
{
	char line[512];
	FILE *file;

	if (loaded)
		return;
	loaded = true;
	file = fopen("/proc/kallsyms", "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file))
		take_line(line);
	fclose(file);
	qsort(symbols, nr_symbols, sizeof(*symbols), compare);
}

/**
 * kallsyms_replace - forget what the running kernel has: other numbers stand for its objects
 */
void kallsyms_replace(void)
{
	loaded = true;
	while (nr_symbols)
		free(symbols[--nr_symbols].name);
}

/**
 * kallsyms_add - say what a number stands for; after kallsyms_replace()
 * @number: the number
 * @name: of the object
 */
void kallsyms_add(__u64 number, const char *name)
{
	keep(number, name);
	qsort(symbols, nr_symbols, sizeof(*symbols), compare);
}

/**
 * kallsyms_addresses - where the objects of a name are: static ones may share it
 * @name: of the objects
 * @found: for their addresses
 * @max: how many fit
 *
 * Return: how many there are
 */
size_t kallsyms_addresses(const char *name, __u64 *found, size_t max)
{
	size_t n = 0;

	load();
	for (size_t i = 0; i < nr_symbols && n < max; i++)
		if (!strcmp(symbols[i].name, name))
			found[n++] = symbols[i].address;
	return n;
}

/**
 * kallsyms_hidden - has nothing an address for us?
 */
bool kallsyms_hidden(void)
{
	load();
	return !nr_symbols;
}

/**
 * kallsyms_name - which operations are at an address
 * @address: of an object
 *
 * Return: its name, or NULL
 */
const char *kallsyms_name(__u64 address)
{
	const struct symbol key = { .address = address };
	const struct symbol *found;

	load();
	found = nr_symbols ? bsearch(&key, symbols, nr_symbols, sizeof(key), compare) : NULL;
	return found ? found->name : NULL;
}
