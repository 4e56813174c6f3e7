/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SCRAPE_LABELS_H
#define MMSCOPE_SCRAPE_LABELS_H

#include <stddef.h>
#include <linux/types.h>

#define LABEL_ROWS	64
#define LABEL_OTHER	"other"

/**
 * struct label_row - what was counted with one set of label values
 * @values: they; the second is NULL where there is one label alone
 * @count: how much
 */
struct label_row {
	char *values[2];
	__u64 count;
};

/**
 * struct label_rows - label values that came up, as many as there is room for
 * @what: of what they are, as a message says it
 * @most: so many rows at most, LABEL_ROWS or fewer: the last is of all others, whose values are
 *	LABEL_OTHER
 * @rows: they, in the order in which they came up
 * @nr: how many
 * @folded: how often one was asked for that has no row of its own
 */
struct label_rows {
	const char *what;
	size_t most;
	struct label_row rows[LABEL_ROWS];
	size_t nr;
	__u64 folded;
};

struct label_row *label_row(struct label_rows *rows, const char *first, const char *second);

#endif
