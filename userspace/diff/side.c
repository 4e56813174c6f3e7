// SPDX-License-Identifier: GPL-2.0
/*
 * What is asked about a side of a comparison.
 */
#include <stdlib.h>
#include <string.h>
#include "diff/side.h"

/**
 * side_say - a text
 * @side: whose
 * @text: which
 */
const char *side_say(const struct side *side, side_text text)
{
	return side->texts + text;
}

/**
 * side_same_file - are two sides of one recording, so that numbers mean the same?
 * @a: one
 * @b: the other
 */
bool side_same_file(const struct side *a, const struct side *b)
{
	return a->head.inode && a->head.inode == b->head.inode && a->head.device == b->head.device;
}

static int compare_gone(const void *a, const void *b)
{
	const struct side_gone *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/**
 * side_gone - how a VMA went
 * @side: where it is not there any more
 * @id: its id
 *
 * Return: NULL where it did not
 */
const struct side_gone *side_gone(const struct side *side, __u32 id)
{
	const struct side_gone key = { .id = id };

	return side->head.gone ? bsearch(&key, side->gone, side->head.gone, sizeof(key),
					 compare_gone) : NULL;
}

/**
 * side_free - forget a side
 * @side: it
 */
void side_free(struct side *side)
{
	/* All arrays are in the one range that begins with a copy of the head. */
	if (side->mms)
		free((char *)side->mms - sizeof(side->head));
	memset(side, 0, sizeof(*side));
}
