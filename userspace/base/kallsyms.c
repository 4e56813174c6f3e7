// SPDX-License-Identifier: GPL-2.0
/*
 * Names of the kernel's data, from /proc/kallsyms; of these only names of operations are kept.
 * Without CAP_SYSLOG, or where kptr_restrict forbids it, all addresses there are 0, and no name is
 * known.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/kallsyms.h"
#include "base/machine.h"
#include "base/tool.h"

/**
 * struct kernel_symbol - an object of the kernel or of a module
 * @address: address of the object, or the number that stands for it in a recording
 * @name: name of the object; the symbol owns the string
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
 * Keep the symbol of a line "ffffffff81000000 D name", behind which "\t[module]" may stand. Most of
 * the 200,000 lines are of functions; their addresses are not parsed, which would take most of the
 * time.
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
 * kallsyms_replace - forget the symbols of the running kernel, since a recording is looked at
 *
 * In a recording other numbers stand for the addresses of objects: see kallsyms_add().
 */
void kallsyms_replace(void)
{
	machine->loaded = true;
	while (machine->nr_symbols)
		free(machine->symbols[--machine->nr_symbols].name);
}

/**
 * kallsyms_add - name the object that a number stands for in a recording
 * @number: the number
 * @name: of the object; is copied
 *
 * kallsyms_replace() must have been called before.
 */
void kallsyms_add(__u64 number, const char *name)
{
	keep(number, name);
	sort();
}

/**
 * kallsyms_addresses - the addresses of all objects of a name, for static objects may share it
 * @name: of the objects
 * @found: for the addresses
 * @max: number of elements of @found
 *
 * Return: number of addresses in @found
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
 * kallsyms_hidden - does the kernel hide the addresses of its objects from this process?
 */
bool kallsyms_hidden(void)
{
	load();
	return !machine->nr_symbols;
}

/**
 * kallsyms_name - the name of the operations at an address
 * @address: of the object, or the number that stands for it in a recording
 *
 * Return: the name, or NULL where it is not known
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
