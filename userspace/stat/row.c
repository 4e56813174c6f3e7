// SPDX-License-Identifier: GPL-2.0
/*
 * A row of one of stat's tables, made text by text.
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
 * @row: begun as { 0 }
 * @fmt: as of printf(3)
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
 * row_add_ns - fill the next column with a time: for people in units, for programs in ns
 * @row: begun as { 0 }
 * @ns: the time
 * @unit: so many ns
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
 * row_add_total - fill the next columns: how many faults, their pages and their time
 * @row: begun as { 0 }
 * @total: they
 */
void row_add_total(struct row *row, const struct fault_total *total)
{
	row_add(row, "%llu", total->count);
	row_add(row, "%llu", total->pages);
	row_add_ns(row, total->ns, 1e6);
}

/**
 * row_end - put a row into its table, and free it
 * @table: has as many columns
 * @row: filled
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
 * @name: a path, or what has no slash in front
 */
const char *row_short_name(const char *name)
{
	return name[0] == '/' ? strrchr(name, '/') + 1 : name;
}
