// SPDX-License-Identifier: GPL-2.0
/*
 * Names of the kernel's data: /proc/kallsyms, of which only what may be asked for is kept. Without
 * CAP_SYSLOG, or where kptr_restrict forbids it, nothing has an address.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/kallsyms.h"
#include "base/machine.h"
#include "base/tool.h"

/**
 * struct kernel_symbol - an object of the kernel or of a module
 * @address: where it is
 * @name: of it
 */
struct kernel_symbol {
	__u64 address;
	char *name;
};

static bool wanted(const char *name)
{
	return strstr(name, "ops") || strstr(name, "operations");
}

static void keep(__u64 address, const char *name)
{
	struct kernel_symbol *new;

	if (machine->nr_symbols == machine->room) {
		machine->room = 2 * machine->room + 1024;
		machine->symbols = realloc(machine->symbols, machine->room * sizeof(*new));
	}
	if (!machine->symbols)
		abort();
	new = &machine->symbols[machine->nr_symbols++];
	new->address = address;
	new->name = strdup(name);
	if (!new->name)
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
	const struct kernel_symbol *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

static void sort(void)
{
	if (machine->nr_symbols)
		qsort(machine->symbols, machine->nr_symbols, sizeof(*machine->symbols), compare);
}

static void load(void)
{
	char line[512];
	FILE *file;

	if (machine->loaded)
		return;
	machine->loaded = true;
	file = fopen("/proc/kallsyms", "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file))
		take_line(line);
	fclose(file);
	sort();
}

/**
 * kallsyms_replace - forget what the running kernel has: other numbers stand for its objects
 */
void kallsyms_replace(void)
{
	machine->loaded = true;
	while (machine->nr_symbols)
		free(machine->symbols[--machine->nr_symbols].name);
}

/**
 * kallsyms_add - say what a number stands for; after kallsyms_replace()
 * @number: the number
 * @name: of the object
 */
void kallsyms_add(__u64 number, const char *name)
{
	keep(number, name);
	sort();
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
	for (size_t i = 0; i < machine->nr_symbols && n < max; i++)
		if (!strcmp(machine->symbols[i].name, name))
			found[n++] = machine->symbols[i].address;
	return n;
}

/**
 * kallsyms_hidden - has nothing an address for us?
 */
bool kallsyms_hidden(void)
{
	load();
	return !machine->nr_symbols;
}

/**
 * kallsyms_name - which operations are at an address
 * @address: of an object
 *
 * Return: its name, or NULL
 */
const char *kallsyms_name(__u64 address)
{
	const struct kernel_symbol key = { .address = address };
	const struct kernel_symbol *found;

	load();
	if (!machine->nr_symbols)
		return NULL;
	found = bsearch(&key, machine->symbols, machine->nr_symbols, sizeof(key), compare);
	return found ? found->name : NULL;
}
