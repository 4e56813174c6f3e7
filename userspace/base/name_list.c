// SPDX-License-Identifier: GPL-2.0
/*
 * Lists of names on the command line. Commas, blanks, or both stand between the names.
 */
#include <stdio.h>
#include <string.h>
#include "base/name_list.h"

#define BETWEEN	", \t\n"

/**
 * name_list_next - take the next name of a list
 * @list: the rest of the list; is moved behind the name
 * @name: becomes the name
 * @size: of @name, at least 1; a name that does not fit is cut
 *
 * Return: true if there was a name
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
 * @list: the list as typed
 *
 * Then the list goes on in the next word of the command line: "mmap, unmap" without quotes is two
 * words for the shell.
 */
bool name_list_open(const char *list)
{
	size_t n = strlen(list);

	while (n && strchr(" \t\n", list[n - 1]))
		n--;
	return n && list[n - 1] == ',';
}
