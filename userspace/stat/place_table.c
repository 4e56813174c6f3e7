// SPDX-License-Identifier: GPL-2.0
/*
 * Tables of faults by place in the program: by line, and by instruction.
 */
#include <stdlib.h>
#include <string.h>
#include "base/tool.h"
#include "record/text.h"
#include "stat/fault_stats.h"
#include "stat/row.h"
#include "stat/tables.h"
#include "symbolize/source_line.h"
#include "term/print.h"

/**
 * struct line_sum - faults at one place: a line, or an instruction whose line is not known
 * @total: sums of the faults
 * @class: enum record_class
 * @site: one of the instructions
 * @line: the line
 */
struct line_sum {
	struct fault_total total;
	__u32 class;
	const struct stat_site *site;
	struct line line;
};

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int compare_lines(const void *a, const void *b)
{
	const struct line_sum *x = a, *y = b;
	int order = (int)x->class - (int)y->class;

	if (!order)
		order = strcmp(x->site->name, y->site->name);
	if (!order)
		order = compare_text(x->line.function, y->line.function);
	if (!order)
		order = compare_text(x->line.file, y->line.file);
	if (!order)
		order = x->line.number - y->line.number;
	if (order || x->line.function)
		return order;
	return x->site->offset < y->site->offset ? -1 : x->site->offset > y->site->offset;
}

/* Compare sums by enum tables_order; less than 0 if @x comes first. */
static int compare_totals(const struct fault_total *x, const struct fault_total *y)
{
	__u64 of_x = tables_order() == TABLES_TIME ? x->ns : x->pages;
	__u64 of_y = tables_order() == TABLES_TIME ? y->ns : y->pages;

	if (tables_order() != TABLES_FAULTS && of_x != of_y)
		return of_x < of_y ? 1 : -1;
	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return 0;
}

static int compare_places(const void *a, const void *b)
{
	const struct line_sum *x = a, *y = b;
	int order = compare_totals(&x->total, &y->total);

	if (order)
		return order;
	return compare_lines(a, b);
}

/* Unite the instructions of one line; return the places in the order of the table. */
static struct line_sum *gather_places(size_t *nr)
{
	size_t n, kept = 0;
	const struct stat_site *sites = stat_sites(&n);
	struct line_sum *places = calloc(n + 1, sizeof(*places));

	if (!places)
		abort();
	for (size_t i = 0; i < n; i++)
		places[i] = (struct line_sum){
			sites[i].total, sites[i].class, &sites[i],
			line_of(sites[i].name, sites[i].offset),
		};
	qsort(places, n, sizeof(*places), compare_lines);
	for (size_t i = 0; i < n; i++)
		if (kept && !compare_lines(&places[kept - 1], &places[i]))
			stat_add(&places[kept - 1].total, &places[i].total);
		else
			places[kept++] = places[i];
	qsort(places, kept, sizeof(*places), compare_places);
	*nr = kept;
	return places;
}

/* Fill columns with the function of an instruction; else with its program, or its address. */
static void add_place(struct row *row, const struct line_sum *place)
{
	const struct stat_site *site = place->site;
	const struct line *line = &place->line;

	if (report_json || line->function)
		row_add(row, "%.*s", report_room(26), line->function ? line->function : "");
	else if (*site->name)
		row_add(row, "%.*s+0x%llx", report_room(18), row_short_name(site->name),
			site->offset);
	else if (site->offset)
		row_add(row, "0x%llx", site->offset);
	else
		row_add(row, "(no user code)");
	if (line->file)
		row_add(row, "%.*s:%d", report_room(40), line->file, line->number);
	else if (report_json)
		row_add(row, "%s", "");
	else
		row_add(row, "%.*s", report_room(30),
			line->function ? row_short_name(site->name) : "");
}

static const struct report_column place_columns[] = {
	{ "faults", true, 0, NULL }, { "pages", true, 0, NULL },
	{ "ms", true, 0, "ns" }, { "class", false, 0, NULL },
	{ "function", false, 0, NULL }, { "line", false, 0, NULL },
	{ "program", false, 0, NULL },
};

static const struct report_column site_columns[] = {
	{ "faults", true, 0, NULL }, { "pages", true, 0, NULL },
	{ "ms", true, 0, "ns" }, { "class", false, 0, NULL },
	{ "function", false, 0, NULL }, { "line", false, 0, NULL },
	{ "offset", false, 0, NULL }, { "program", false, 0, NULL },
};

static void add_place_row(struct report_table *table, const struct line_sum *place, bool offset)
{
	struct row row = { 0 };

	row_add_total(&row, &place->total);
	row_add(&row, "%s", class_name(place->class));
	add_place(&row, place);
	if (offset)
		row_add(&row, "0x%llx", place->site->offset);
	if (report_json)
		row_add(&row, "%s", place->site->name);
	row_end(table, &row);
}

/* Add a row for the faults whose place found no room. */
static void add_missed(struct report_table *table)
{
	struct row row = { 0 };

	if (!stat_missed())
		return;
	row_add(&row, "%llu", stat_missed());
	for (int i = 0; i < 4; i++)
		row_add(&row, "%s", "");
	row_add(&row, "%s", "(not known where)");
	if (report_json)
		row_add(&row, "%s", "");
	row_end(table, &row);
}

/**
 * report_places - print faults by line of the program
 */
void report_places(void)
{
	struct report_table *table = report_table(place_columns,
						  ARRAY_SIZE(place_columns) - !report_json, true);
	struct line_sum *places;
	__u64 faults = 0;
	size_t n;

	places = gather_places(&n);
	for (size_t i = 0; i < n; i++)
		if (report_json || i < tables_most())
			add_place_row(table, &places[i], false);
		else
			faults += places[i].total.count;
	add_missed(table);
	report_table_print(table, "lines");
	if (faults)
		report_line("and %zu more with %llu faults (--json shows all)", n - tables_most(),
			    faults);
	free(places);
}

static int compare_sites(const void *a, const void *b)
{
	const struct stat_site *x = a, *y = b;
	int order = compare_totals(&x->total, &y->total);

	if (order)
		return order;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/**
 * report_json_sites - print faults by instruction, as JSON
 */
void report_json_sites(void)
{
	struct report_table *table = report_table(site_columns, ARRAY_SIZE(site_columns), true);
	size_t n;
	struct stat_site *sites = stat_sites(&n);

	qsort(sites, n, sizeof(*sites), compare_sites);
	for (size_t i = 0; i < n; i++) {
		struct line_sum place = {
			sites[i].total, sites[i].class, &sites[i],
			line_of(sites[i].name, sites[i].offset),
		};

		add_place_row(table, &place, true);
	}
	report_table_print(table, "sites");
}
