// SPDX-License-Identifier: GPL-2.0
/*
 * Tables of faults by class; of drivers' faults by driver, and of refused faults by reason.
 */
#include <stdlib.h>
#include <string.h>
#include "base/kallsyms.h"
#include "base/tool.h"
#include "record/record.h"
#include "record/refusal.h"
#include "record/text.h"
#include "record/times.h"
#include "stat/fault_stats.h"
#include "stat/report.h"
#include "stat/row.h"
#include "stat/tables.h"
#include "term/print.h"
#include "tracer/tracer.h"

/**
 * struct driver_row - faults of one driver
 * @driver: the driver
 * @total: sums of its faults
 */
struct driver_row {
	struct fault_driver driver;
	struct fault_total total;
};

static int compare_drivers(const void *a, const void *b)
{
	const struct driver_row *x = a, *y = b;

	if (x->total.count != y->total.count)
		return x->total.count < y->total.count ? 1 : -1;
	return memcmp(&x->driver, &y->driver, sizeof(x->driver));
}

/* Fill rows with the drivers, those with most faults first; return their number. */
static size_t gather_drivers(struct driver_row rows[MAX_DRIVERS])
{
	struct fault_driver driver;
	size_t n = 0;

	while (n < MAX_DRIVERS && tracer_driver(&driver, n, &rows[n].total))
		rows[n++].driver = driver;
	qsort(rows, n, sizeof(*rows), compare_drivers);
	return n;
}

/**
 * stat_unnamed - the number of faults of drivers that found no room among the drivers
 */
__u64 stat_unnamed(void)
{
	static struct stat_class classes[RECORD_NR_CLASSES];
	static struct driver_row rows[MAX_DRIVERS];
	size_t n = gather_drivers(rows);
	__u64 named = 0, all;

	stat_classes(classes);
	all = classes[RECORD_CLASS_DRIVER].total.count;
	for (size_t i = 0; i < n; i++)
		named += rows[i].total.count;
	return n == MAX_DRIVERS && all > named ? all - named : 0;
}

/* The kernel's own mappings have names; other drivers are named by their operations. */
static const char *driver_name(const struct fault_driver *driver)
{
	const char *name = *driver->name ? driver->name : kallsyms_name(driver->ops);

	return name ? name : "operations without a name";
}

/* Add rows for the drivers below the row of their class. */
static void add_drivers(struct report_table *table)
{
	static struct driver_row rows[MAX_DRIVERS];
	size_t n = gather_drivers(rows);

	for (size_t i = 0; i < n; i++) {
		struct row row = { 0 };

		row_add(&row, "  %.*s", report_room(36), driver_name(&rows[i].driver));
		row_add_total(&row, &rows[i].total);
		row_add(&row, "%s", "");
		row_add(&row, "%s", "");
		row_end(table, &row);
	}
}

static void report_json_drivers(void)
{
	static const struct report_column columns[] = {
		{ "ops", false, 0, NULL }, { "name", false, 0, NULL },
		{ "faults", true, 0, NULL }, { "pages", true, 0, NULL },
		{ "ms", true, 0, "ns" },
	};
	struct report_table *table = report_table(columns, ARRAY_SIZE(columns), true);
	static struct driver_row rows[MAX_DRIVERS];
	size_t n = gather_drivers(rows);

	for (size_t i = 0; i < n; i++) {
		const char *ops = kallsyms_name(rows[i].driver.ops);
		struct row row = { 0 };

		row_add(&row, "%s", ops ? ops : "");
		row_add(&row, "%s", rows[i].driver.name);
		row_add_total(&row, &rows[i].total);
		row_end(table, &row);
	}
	report_table_print(table, "drivers");
}

/**
 * struct refused_row - faults that were refused for one reason
 * @error: record_error(): how they ended, and why
 * @total: sums of these faults
 */
struct refused_row {
	__u32 error;
	struct fault_total total;
};

static int compare_refused(const void *a, const void *b)
{
	const struct refused_row *x = a, *y = b;

	if (x->total.count != y->total.count)
		return x->total.count < y->total.count ? 1 : -1;
	return x->error < y->error ? -1 : x->error > y->error;
}

/* Fill rows with the refused faults, the most frequent reason first; return their number. */
static size_t gather_refused(struct refused_row rows[MAX_REFUSALS])
{
	__u32 error;
	size_t n = 0;

	while (n < MAX_REFUSALS && tracer_refusal(&error, n, &rows[n].total))
		rows[n++].error = error;
	qsort(rows, n, sizeof(*rows), compare_refused);
	return n;
}

/* Merge rows whose reason has the same word: one reason may end in a signal or in EFAULT. */
static size_t by_word(struct refused_row *rows, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0, j; i < n; i++) {
		for (j = 0; j < kept; j++)
			if (!strcmp(refusal_word(rows[j].error), refusal_word(rows[i].error)))
				break;
		if (j < kept)
			stat_add(&rows[j].total, &rows[i].total);
		else
			rows[kept++] = rows[i];
	}
	qsort(rows, kept, sizeof(*rows), compare_refused);
	return kept;
}

/* Add rows for the reasons below the row of their class. */
static void add_refused(struct report_table *table)
{
	static struct refused_row rows[MAX_REFUSALS];
	size_t n = by_word(rows, gather_refused(rows));

	for (size_t i = 0; i < n; i++) {
		struct row row = { 0 };

		row_add(&row, "  %.*s", report_room(36), refusal_word(rows[i].error));
		row_add_total(&row, &rows[i].total);
		row_add(&row, "%s", "");
		row_add(&row, "%s", "");
		row_end(table, &row);
	}
}

static void report_json_refused(void)
{
	static const struct report_column columns[] = {
		{ "error", false, 0, NULL }, { "reason", false, 0, NULL },
		{ "faults", true, 0, NULL }, { "pages", true, 0, NULL },
		{ "ms", true, 0, "ns" },
	};
	struct report_table *table = report_table(columns, ARRAY_SIZE(columns), true);
	static struct refused_row rows[MAX_REFUSALS];
	size_t n = gather_refused(rows);

	for (size_t i = 0; i < n; i++) {
		struct row row = { 0 };

		row_add(&row, "%s", error_name(REFUSAL_ERROR(rows[i].error)));
		row_add(&row, "%s", refusal_name(rows[i].error));
		row_add_total(&row, &rows[i].total);
		row_end(table, &row);
	}
	report_table_print(table, "refused");
}

/**
 * report_classes - print faults by class, with rows for drivers and for reasons below their classes
 */
void report_classes(void)
{
	static struct stat_class classes[RECORD_NR_CLASSES];
	static const struct report_column columns[] = {
		{ "class", false, 0, NULL }, { "faults", true, 0, NULL },
		{ "pages", true, 0, NULL }, { "ms", true, 0, "ns" },
		{ "p50 us", true, 0, "p50_ns" }, { "p99 us", true, 0, "p99_ns" },
	};
	struct report_table *table = report_table(columns, ARRAY_SIZE(columns), true);

	stat_classes(classes);
	for (size_t i = 0; i < RECORD_NR_CLASSES; i++) {
		struct row row = { 0 };

		if (!classes[i].total.count)
			continue;
		row_add(&row, "%s", report_json ? class_name(i) : class_word(i));
		row_add_total(&row, &classes[i].total);
		row_add_ns(&row, times_below(classes[i].times, 50), 1e3);
		row_add_ns(&row, times_below(classes[i].times, 99), 1e3);
		row_end(table, &row);
		if (i == RECORD_CLASS_DRIVER && !report_json)
			add_drivers(table);
		if (i == RECORD_CLASS_REFUSED && !report_json)
			add_refused(table);
	}
	report_table_print(table, "classes");
	if (!report_json)
		return;
	report_json_drivers();
	report_json_refused();
}
