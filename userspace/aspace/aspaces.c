// SPDX-License-Identifier: GPL-2.0
/*
 * Sets of address spaces. One session needs one; two recordings that are read side by side have one
 * each, for both number their address spaces and VMAs from 1.
 */
#include <stdlib.h>
#include "aspace/aspaces.h"

static struct aspaces first;
struct aspaces *aspaces = &first;

/**
 * aspaces_new - make an empty set of address spaces, for aspaces_select()
 *
 * Return: the set, which is never freed; the tool aborts without memory
 */
struct aspaces *aspaces_new(void)
{
	struct aspaces *new = calloc(1, sizeof(*new));

	if (!new)
		abort();
	return new;
}

/**
 * aspaces_select - let all functions of aspace/ work on another set
 * @selected: from aspaces_new(); NULL for the set that exists from the start
 */
void aspaces_select(struct aspaces *selected)
{
	aspaces = selected ? selected : &first;
}
