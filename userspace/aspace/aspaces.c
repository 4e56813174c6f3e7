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
 * aspaces_new - a set without address spaces, to be selected
 */
struct aspaces *aspaces_new(void)
{
	struct aspaces *new = calloc(1, sizeof(*new));

	if (!new)
		abort();
	return new;
}

/**
 * aspaces_select - have all functions of aspace/ be about a set
 * @selected: from aspaces_new(); NULL for the one that is there from the start
 */
void aspaces_select(struct aspaces *selected)
{
	aspaces = selected ? selected : &first;
}
