// SPDX-License-Identifier: GPL-2.0
/*
 * Tables: aligned by libsmartcols on the screen, an array of objects with --json.
 */
#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>
#include <string.h>
#include "term/print.h"

/**
 * struct report_table - rows to be aligned, or to become a JSON array
 * @cols: the aligned form, NULL with --json
 * @rows: the JSON form, NULL without
 * @columns: the caller's
 * @n: number of columns
 */
struct report_table {
	struct libscols_table *cols;
	struct json_object *rows;
	const struct report_column *columns;
	size_t n;
};

static void add_column(struct libscols_table *cols, const struct report_column *column)
{
	int flags = column->number ? SCOLS_FL_RIGHT : 0;
	struct libscols_column *cl;

	if (column->width)
		flags |= SCOLS_FL_STRICTWIDTH;
	cl = scols_table_new_column(cols, column->name, column->width, flags);
	if (!cl)
		abort();
}

/**
 * report_table - begin a table
 * @columns: what it shows; must outlive the table
 * @n: number of columns
 * @headings: print their names
 *
 * Return: a table, for report_table_print() to free
 */
struct report_table *report_table(const struct report_column *columns, size_t n, bool headings)
{
	struct report_table *table = calloc(1, sizeof(*table));

	if (!table)
		abort();
	table->columns = columns;
	table->n = n;
	if (report_json) {
		table->rows = json_object_new_array();
		return table;
	}
	scols_init_debug(0);
	table->cols = scols_new_table();
	if (!table->cols)
		abort();
	scols_table_enable_noheadings(table->cols, !headings);
	scols_table_enable_colors(table->cols, !!report_escape(PAINT_STRONG));
	scols_table_set_termforce(table->cols, SCOLS_TERMFORCE_ALWAYS);
	scols_table_set_termwidth(table->cols, report_columns());
	for (size_t i = 0; i < n; i++)
		add_column(table->cols, &columns[i]);
	return table;
}

static void json_row(struct report_table *table, const char *const *cells)
{
	struct json_object *row = json_object_new_object();
	struct json_object *value;

	for (size_t i = 0; i < table->n; i++) {
		const char *cell = cells[i] ? cells[i] : "";
		const struct report_column *column = &table->columns[i];

		if (column->number && *cell)
			value = json_object_new_int64(strtoll(cell, NULL, 10));
		else
			value = json_object_new_string(cell);
		json_object_object_add(row, column->json ? column->json : column->name, value);
	}
	json_object_array_add(table->rows, row);
}

/**
 * report_row - add a row
 * @table: to this
 * @cells: a text for each column; NULL is empty
 * @paints: a meaning for each column, or NULL
 */
void report_row(struct report_table *table, const char *const *cells, const enum paint *paints)
{
	struct libscols_line *line;

	if (report_json) {
		json_row(table, cells);
		return;
	}
	line = scols_table_new_line(table->cols, NULL);
	if (!line)
		abort();
	for (size_t i = 0; i < table->n; i++) {
		scols_line_set_data(line, i, cells[i] ? cells[i] : "");
		if (paints && report_escape(paints[i]))
			scols_cell_set_color(scols_line_get_cell(line, i),
					     report_escape(paints[i]));
	}
}

static void print_lines(struct libscols_table *cols)
{
	char *text = NULL;
	char *line, *rest;

	if (scols_print_table_to_string(cols, &text) || !text)
		abort();
	rest = text;
	while ((line = strsep(&rest, "\n")))
		if (rest || *line)
			report_verbatim(line, strlen(line));
	free(text);
}

/**
 * report_table_print - print a table and free it
 * @table: the table
 * @name: of the array in JSON
 */
void report_table_print(struct report_table *table, const char *name)
{
	struct json_object *object;

	if (report_json) {
		object = report_object();
		json_object_object_add(object, name, table->rows);
		report_object_print(object);
	} else {
		print_lines(table->cols);
		scols_unref_table(table->cols);
	}
	free(table);
}
