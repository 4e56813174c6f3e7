// SPDX-License-Identifier: GPL-2.0
/*
 * A row of a table of mmscope stat, which is made column by column.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bpf/tracer_abi.h"
#include "stat/row.h"
#include "term/print.h"

/**
 * row_add - fill the next column
 * @row: the row, { 0 } at first
 * @fmt: as for printf(3)
 */
void row_add(struct row *row, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&row->text[row->n++], fmt, args) < 0)
		abort();
	va_end(args);
}

/**
 * row_add_ns - fill the next column with a time: in a unit for people, in ns for programs
 * @row: the row, { 0 } at first
 * @ns: the time
 * @unit: ns in the unit
 */
void row_add_ns(struct row *row, __u64 ns, double unit)
{
	if (report_json)
		row_add(row, "%llu", ns);
	else if (ns)
		row_add(row, "%.1f", ns / unit);
	else
		row_add(row, "%s", "-");
}

/**
 * row_add_total - fill the next three columns with sums: number of faults, pages, time in ms
 * @row: the row, { 0 } at first
 * @total: the sums
 */
void row_add_total(struct row *row, const struct fault_total *total)
{
	row_add(row, "%llu", total->count);
	row_add(row, "%llu", total->pages);
	row_add_ns(row, total->ns, 1e6);
}

/**
 * row_end - put a row into its table, and free its texts
 * @table: has as many columns as the row
 * @row: the row, all of whose columns are filled
 */
void row_end(struct report_table *table, const struct row *row)
{
	const char *cells[ROW_COLUMNS];

	for (size_t i = 0; i < row->n; i++)
		cells[i] = row->text[i];
	report_row(table, cells, NULL);
	for (size_t i = 0; i < row->n; i++)
		free(row->text[i]);
}

/**
 * row_short_name - the last part of a path
 * @name: a path; a name without a slash in front is returned as it is
 */
const char *row_short_name(const char *name)
{
	return name[0] == '/' ? strrchr(name, '/') + 1 : name;
}
