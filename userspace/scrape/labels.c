// SPDX-License-Identifier: GPL-2.0
/*
 * Values of labels, bounded in number. Each is a time series that whoever scrapes us stores for
 * ever, and some are made of names that anybody may choose.
 */
#include <stdlib.h>
#include <string.h>
#include "scrape/labels.h"
#include "term/print.h"

static bool is_row(const struct label_row *row, const char *first, const char *second)
{
	return !strcmp(row->values[0], first) && (!second || !strcmp(row->values[1], second));
}

static char *copy_of(const char *value)
{
	char *copy = value ? strdup(value) : NULL;

	if (value && !copy)
		abort();
	return copy;
}

static struct label_row *add(struct label_rows *rows, const char *first, const char *second)
{
	struct label_row *row = &rows->rows[rows->nr++];

	row->values[0] = copy_of(first);
	row->values[1] = copy_of(second);
	return row;
}

/* It is said once, for whoever looks at the tool, and counted for whoever looks at its numbers. */
static struct label_row *fold(struct label_rows *rows, const char *second)
{
	if (!rows->folded++)
		report_message("metrics: more than %zu %s: the others are counted as \"%s\"",
			       rows->most - 1, rows->what, LABEL_OTHER);
	if (rows->nr < rows->most)
		return add(rows, LABEL_OTHER, second ? LABEL_OTHER : NULL);
	return &rows->rows[rows->most - 1];
}

/**
 * label_row - the row of a set of label values
 * @rows: of these labels
 * @first: value of the first
 * @second: and of the second, NULL where there is none
 *
 * Return: it; that of all others, where there is no room for one of its own
 */
struct label_row *label_row(struct label_rows *rows, const char *first, const char *second)
{
	for (size_t i = 0; i < rows->nr; i++)
		if (is_row(&rows->rows[i], first, second))
			return &rows->rows[i];
	return rows->nr + 1 < rows->most ? add(rows, first, second) : fold(rows, second);
}
