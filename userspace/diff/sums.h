/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_DIFF_SUMS_H
#define MMSCOPE_DIFF_SUMS_H

#include "diff/side.h"

/**
 * struct sum_pair - a figure on both sides
 * @name: of what
 * @where: and where that is
 * @class: enum record_class, where it is of one
 * @a: on the first side
 * @b: on the second
 */
struct sum_pair {
	const char *name;
	const char *where;
	__u32 class;
	__u64 a;
	__u64 b;
};

struct sum_pair *sums_names(const struct side *a, const struct side *b, size_t *n);
struct sum_pair *sums_places(const struct side *a, const struct side *b, size_t *n);
struct sum_pair *sums_classes(const struct side *a, const struct side *b, size_t *n);
struct sum_pair *sums_figures(const struct side *a, const struct side *b, size_t *n);
bool sums_differ(const struct sum_pair *sums, size_t n);

#endif
