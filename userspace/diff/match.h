/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_DIFF_MATCH_H
#define MMSCOPE_DIFF_MATCH_H

#include "diff/side.h"

/**
 * enum change - what became of a VMA, in the order in which that is shown
 * @CHANGE_NONE: it is as it was
 * @CHANGE_WENT: it is on the first side alone
 * @CHANGE_CAME: it is on the second alone
 * @CHANGE_CUT: it is smaller on the second
 * @CHANGE_GREW: it is larger there
 * @CHANGE_MOVED: it is elsewhere, in one recording
 * @CHANGE_RIGHTS: its rights are others
 */
enum change {
	CHANGE_NONE,
	CHANGE_WENT,
	CHANGE_CAME,
	CHANGE_CUT,
	CHANGE_GREW,
	CHANGE_MOVED,
	CHANGE_RIGHTS,
	NR_CHANGES,
};

/**
 * struct vma_pair - one VMA on both sides
 * @a: on the first, NULL where it is not there
 * @b: on the second, NULL where it is not there
 * @change: the difference
 */
struct vma_pair {
	const struct side_vma *a;
	const struct side_vma *b;
	enum change change;
};

/**
 * struct mm_pair - one address space on both sides
 * @a: on the first, NULL where it is not there
 * @b: on the second, NULL where it is not there
 * @vmas: of both, by change
 * @nr: how many
 */
struct mm_pair {
	const struct side_mm *a;
	const struct side_mm *b;
	struct vma_pair *vmas;
	size_t nr;
};

/**
 * struct matched - what is what on both sides
 * @a: the first
 * @b: the second
 * @same: they are of one recording
 * @mms: pairs of address spaces
 * @nr: how many
 * @changes: VMAs, by enum change
 * @in_order: VMAs of one name that are too many to look for the best match: matched by their order
 */
struct matched {
	const struct side *a;
	const struct side *b;
	bool same;
	struct mm_pair *mms;
	size_t nr;
	__u64 changes[NR_CHANGES];
	__u64 in_order;
};

/* diff/match.c: address spaces, and VMAs of one recording */
void match_sides(struct matched *matched, const struct side *a, const struct side *b);
void match_free(struct matched *matched);

/* diff/pairs.c: pairs of VMAs */
void pairs_add(struct mm_pair *pair, const struct side_vma *a, const struct side_vma *b);
const char *pairs_name(const struct side *side, const struct side_vma *vma);

/* diff/align.c: VMAs of two recordings */
void match_align(struct matched *matched, struct mm_pair *pair);

#endif
