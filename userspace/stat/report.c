// SPDX-License-Identifier: GPL-2.0
/*
 * The report of mmscope stat about faults that were summed up: classes, VMAs, and places in
 * programs.
 */
#include <stdlib.h>
#include <json-c/json.h>
#include "base/tool.h"
#include "stat/fault_stats.h"
#include "stat/report.h"
#include "stat/row.h"
#include "stat/tables.h"
#include "term/print.h"
#include "tracer/tracer.h"
#include "tracer/usage.h"

/**
 * stat_usage_json - an object with what getrusage(2) counts, and what it counts otherwise
 *
 * tracer_usage() must not be NULL.
 *
 * Return: the object, which the caller frees
 */
struct json_object *stat_usage_json(void)
{
	struct json_object *o = json_object_new_object();
	const struct usage *usage = tracer_usage();

	json_object_object_add(o, "faults", json_object_new_int64(usage->faults));
	json_object_object_add(o, "by_others", json_object_new_int64(usage->outside));
	json_object_object_add(o, "in_others", json_object_new_int64(usage->elsewhere));
	return o;
}

/* Print what getrusage(2) counts, if that is another figure. */
static void report_usage(void)
{
	const struct usage *usage = tracer_usage();

	if (!usage || (!usage->outside && !usage->elsewhere))
		return;
	report_line("%llu by getrusage(2): it has %llu in memory of others, and not %llu by others",
		    usage->faults, usage->elsewhere, usage->outside);
}

static void report_again_text(const struct stat_again *rows, size_t n)
{
	__u64 all = 0;

	for (size_t i = 0; i < n; i++)
		all += rows[i].faults;
	report_line("%llu of them again, in pages that were given back%s", all, n ? " by" : "");
	for (size_t i = 0; i < n; i++)
		report_line("%10llu  %s", rows[i].faults, rows[i].by);
}

/* Print faults in pages that were given back, by what gave them back. */
static void report_again(void)
{
	static const struct report_column columns[] = {
		{ "by", false, 0, NULL }, { "faults", true, 0, NULL },
	};
	struct report_table *table;
	size_t n;
	const struct stat_again *rows = stat_agains(&n);

	if (!report_json) {
		report_again_text(rows, n);
		return;
	}
	table = report_table(columns, ARRAY_SIZE(columns), true);
	for (size_t i = 0; i < n; i++) {
		struct row row = { 0 };

		row_add(&row, "%s", rows[i].by);
		row_add(&row, "%llu", rows[i].faults);
		row_end(table, &row);
	}
	report_table_print(table, "again");
}

/**
 * stat_report - print faults by class, VMA and place
 */
void stat_report(void)
{
	__u64 count = stat_count();

	if (!report_json)
		report_line("%llu faults%s", count, count ? "" : ": nothing was touched");
	if (!report_json)
		report_usage();
	if (tracer_tells_again())
		report_again();
	report_gap();
	report_classes();
	if (report_json)
		report_json_vmas();
	report_gap();
	report_rows();
	if (report_json)
		report_json_sites();
	report_gap();
	report_places();
}
