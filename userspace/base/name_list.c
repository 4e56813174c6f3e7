// SPDX-License-Identifier: GPL-2.0
/*
 * Lists of names on the command line: with commas, blanks, or both between them.
 */
#include <stdio.h>
#include <string.h>
#include "base/name_list.h"

#define BETWEEN	", \t\n"

/**
 * name_list_next - the next name of a list
 * @list: what is left of it; goes behind the name
 * @name: becomes the name
 * @size: of @name, at least 1: a longer name is cut
 *
 * Return: was there one?
 */
bool name_list_next(const char **list, char *name, size_t size)
{
	const char *at = *list + strspn(*list, BETWEEN);
	size_t n = strcspn(at, BETWEEN);

	snprintf(name, size, "%.*s", (int)n, at);
	*list = at + n;
	return n;
}

/**
 * name_list_open - does a list end with a comma?
 * @list: as typed
 *
 * What follows the comma is then another word of the command line: the shell took them apart.
 */
bool name_list_open(const char *list)
{
	size_t n = strlen(list);

	while (n && strchr(" \t\n", list[n - 1]))
		n--;
	return n && list[n - 1] == ',';
}
