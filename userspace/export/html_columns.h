/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_EXPORT_HTML_COLUMNS_H
#define MMSCOPE_EXPORT_HTML_COLUMNS_H

#include <stddef.h>
#include <linux/types.h>
#include "recording/bytes.h"

struct json_object;

/**
 * struct html_table - how an array is told
 * @columns: "time+ page": its columns, a + behind those that are told by differences
 * @name: what the script calls it
 * @size: bytes of an element
 * @fill: the values of an element, one for each column
 */
struct html_table {
	const char *name;
	const char *columns;
	size_t size;
	void (*fill)(const void *row, __u64 *values);
};

/**
 * struct html_columns - columns that are written
 * @bytes: them
 * @list: of each its name, whether it is told by differences, the numbers, and bytes
 */
struct html_columns {
	struct bytes bytes;
	struct json_object *list;
};

void html_columns_list(struct html_columns *data, const char *table, const char *column, size_t nr,
		       const struct bytes *bytes);
void html_columns_put(struct html_columns *data, const struct html_table *table,
		      const void *rows, size_t nr);

#endif
