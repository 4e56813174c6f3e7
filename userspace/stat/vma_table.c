// SPDX-License-Identifier: GPL-2.0
/*
 * Tables of faults by VMA, with how many of the pages that a VMA promises are present.
 */
#include <stdlib.h>
#include "base/proc.h"
#include "base/tool.h"
#include "stat/fault_stats.h"
#include "stat/report.h"
#include "stat/row.h"
#include "stat/tables.h"
#include "term/print.h"

static int compare_vmas(const void *a, const void *b)
{
	const struct stat_vma *x = a, *y = b;

	if (tables_order() == TABLES_PAGES && x->present != y->present)
		return x->present < y->present ? 1 : -1;
	if (x->faults != y->faults)
		return x->faults < y->faults ? 1 : -1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static int compare_rows(const void *a, const void *b)
{
	const struct stat_row *x = *(struct stat_row *const *)a;
	const struct stat_row *y = *(struct stat_row *const *)b;

	if (tables_order() == TABLES_PAGES && x->present != y->present)
		return x->present < y->present ? 1 : -1;
	if (x->faults != y->faults)
		return x->faults < y->faults ? 1 : -1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/**
 * report_json_vmas - print faults by VMA, as JSON
 */
void report_json_vmas(void)
{
	static const struct report_column columns[] = {
		{ "vma", true, 0, NULL }, { "mm", true, 0, NULL }, { "start", false, 0, NULL },
		{ "promised", true, 0, NULL }, { "present", true, 0, NULL },
		{ "faults", true, 0, NULL }, { "name", false, 0, NULL },
		{ "root", true, 0, NULL },
	};
	struct report_table *table = report_table(columns, ARRAY_SIZE(columns), true);
	size_t n;
	struct stat_vma *vmas = stat_vmas(&n);

	qsort(vmas, n, sizeof(*vmas), compare_vmas);
	for (size_t i = 0; i < n; i++) {
		const struct stat_vma *vma = &vmas[i];
		struct row row = { 0 };

		if (!vma->id)
			continue;
		row_add(&row, "%u", vma->id);
		row_add(&row, "%u", vma->mm);
		row_add(&row, "%012llx", vma->start);
		row_add(&row, "%llu", (vma->end - vma->start) / proc_page_size());
		row_add(&row, "%llu", vma->present);
		row_add(&row, "%llu", vma->faults);
		row_add(&row, "%s", vma->name);
		row_add(&row, "%u", vma->row->id);
		row_end(table, &row);
	}
	report_table_print(table, "vmas");
}

static void add_row_of(struct report_table *table, const struct stat_row *row)
{
	struct row cells = { 0 };

	row_add(&cells, "%u", row->id);
	row_add(&cells, "%llu", row->vmas);
	row_add(&cells, "%012llx", row->start);
	row_add(&cells, "%llu", row->promised);
	row_add(&cells, "%llu", row->present);
	row_add(&cells, "%llu", row->faults);
	if (report_json)
		row_add(&cells, "%s", row->name);
	else
		row_add(&cells, "%.*s", report_room(90),
			*row->name ? row_short_name(row->name) : "anon");
	row_end(table, &cells);
}

/*
 * Add a row for faults that are in no VMA's row: at addresses without one, or it is not known
 * which.
 */
static void add_rest(struct report_table *table, __u64 faults, const char *what)
{
	const char *none = report_json ? "0" : "";
	struct row cells = { 0 };

	if (!faults)
		return;
	row_add(&cells, "%s", none);
	row_add(&cells, "%s", none);
	row_add(&cells, "%s", none);
	row_add(&cells, "%s", none);
	row_add(&cells, "%s", none);
	row_add(&cells, "%llu", faults);
	row_add(&cells, "%s", what);
	row_end(table, &cells);
}

/**
 * report_rows - print VMAs by name or lineage
 */
void report_rows(void)
{
	static const struct report_column columns[] = {
		{ "vma", true, 0, NULL }, { "vmas", true, 0, NULL },
		{ "from", false, 0, "start" }, { "promised", true, 0, NULL },
		{ "present", true, 0, NULL }, { "faults", true, 0, NULL },
		{ "name", false, 0, NULL },
	};
	struct report_table *table = report_table(columns, ARRAY_SIZE(columns), true);
	size_t n, shown = 0, more = 0;
	struct stat_row **rows = stat_rows(&n);
	__u64 faults = 0;

	qsort(rows, n, sizeof(*rows), compare_rows);
	for (size_t i = 0; i < n; i++) {
		if (!report_json && (!rows[i]->faults || shown == tables_most())) {
			more += !!rows[i]->faults;
			faults += rows[i]->faults;
			continue;
		}
		shown++;
		add_row_of(table, rows[i]);
	}
	add_rest(table, stat_no_vma(), "(where nothing is mapped)");
	add_rest(table, stat_unknown(), "(not known where)");
	report_table_print(table, "roots");
	if (more)
		report_line("and %zu more with %llu faults (--json shows all)", more, faults);
	free(rows);
}
