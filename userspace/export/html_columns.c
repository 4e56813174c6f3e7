// SPDX-License-Identifier: GPL-2.0
/*
 * Arrays as columns of numbers, each in as few bytes as it needs.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <json-c/json.h>
#include "export/html_columns.h"
#include "recording/number.h"

#define MOST_COLUMNS	16

/**
 * html_columns_list - add a column
 * @data: to these
 * @table: of this table
 * @column: its name, with a + where it is told by differences
 * @nr: how many it has
 * @bytes: it
 */
void html_columns_list(struct html_columns *data, const char *table, const char *column, size_t nr,
		       const struct bytes *bytes)
{
	struct json_object *row = json_object_new_array();
	size_t length = strcspn(column, " +");
	char name[64];

	snprintf(name, sizeof(name), "%s.%.*s", table, (int)length, column);
	json_object_array_add(row, json_object_new_string(name));
	json_object_array_add(row, json_object_new_boolean(column[length] == '+'));
	json_object_array_add(row, json_object_new_uint64(nr));
	json_object_array_add(row, json_object_new_uint64(bytes->size));
	json_object_array_add(data->list, row);
	bytes_add(&data->bytes, bytes->data, bytes->size);
}

/**
 * html_columns_put - add all columns of an array
 * @data: to these
 * @table: how it is told
 * @rows: the array
 * @nr: how many
 */
void html_columns_put(struct html_columns *data, const struct html_table *table,
		      const void *rows, size_t nr)
{
	struct bytes columns[MOST_COLUMNS] = { 0 };
	__u64 now[MOST_COLUMNS], before[MOST_COLUMNS] = { 0 };
	const char *names[MOST_COLUMNS];
	size_t n = 0;

	for (const char *at = table->columns; *at; at += strspn(at, " ")) {
		names[n++] = at;
		at += strcspn(at, " ");
	}
	for (size_t row = 0; row < nr; row++) {
		table->fill((const char *)rows + row * table->size, now);
		for (size_t i = 0; i < n; i++) {
			bool delta = names[i][strcspn(names[i], " +")] == '+';

			bytes_add_number(&columns[i], delta ? number_fold(now[i] - before[i]) :
					 now[i]);
			before[i] = now[i];
		}
	}
	for (size_t i = 0; i < n; i++) {
		html_columns_list(data, table->name, names[i], nr, &columns[i]);
		bytes_free(&columns[i]);
	}
}
