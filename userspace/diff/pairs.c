// SPDX-License-Identifier: GPL-2.0
/*
 * Pairs of VMAs, of which one may be missing.
 */
#include <stdlib.h>
#include <string.h>
#include "diff/match.h"

/**
 * pairs_name - what a VMA is called, without folders
 * @side: of which side
 * @vma: the VMA
 */
const char *pairs_name(const struct side *side, const struct side_vma *vma)
{
	const char *name = side_say(side, vma->name);
	const char *slash = *name == '/' ? strrchr(name, '/') : NULL;

	return slash ? slash + 1 : name;
}

/**
 * pairs_add - two VMAs are one, or one is on one side alone
 * @pair: their address spaces
 * @a: on the first side, or NULL
 * @b: on the second, or NULL
 */
void pairs_add(struct mm_pair *pair, const struct side_vma *a, const struct side_vma *b)
{
	if (!(pair->nr & (pair->nr - 1)))
		pair->vmas = realloc(pair->vmas, (pair->nr ? 2 * pair->nr : 1) *
				     sizeof(*pair->vmas));
	if (!pair->vmas)
		abort();
	pair->vmas[pair->nr++] = (struct vma_pair){ .a = a, .b = b };
}
