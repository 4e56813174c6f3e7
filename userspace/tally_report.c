// SPDX-License-Identifier: GPL-2.0
/*
 * What stat shows of the faults that were summed up: classes, VMAs, and the places in the program.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "event.h"
#include "kallsyms.h"
#include "lines.h"
#include "mmscope.h"
#include "probe.h"
#include "proc.h"
#include "report.h"
#include "tally.h"
#include "tally_report.h"

#define MOST_ROWS	12	/* of a table on the screen */
#define MAX_COLUMNS	8

/**
 * struct row - texts of a row
 * @n: how many
 * @text: one for each column
 */
struct row {
	size_t n;
	char text[MAX_COLUMNS][96];
};

static void __printf(2, 3) add(struct row *row, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(row->text[row->n++], sizeof(row->text[0]), fmt, args);
	va_end(args);
}

static void end_row(struct report_table *table, const struct row *row)
{
	const char *cells[MAX_COLUMNS];

	for (size_t i = 0; i < row->n; i++)
		cells[i] = row->text[i];
	report_row(table, cells, NULL);
}

/* For people in units, for programs in ns. */
static void add_ns(struct row *row, __u64 ns, double unit)
{
	if (report_json)
		add(row, "%llu", ns);
	else if (ns)
		add(row, "%.1f", ns / unit);
	else
		add(row, "%s", "-");
}

/**
 * struct driver_row - faults of one driver
 * @driver: whose
 * @total: they
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

/* The most frequent first. */
static size_t gather_drivers(struct driver_row rows[MAX_DRIVERS])
{
	struct fault_driver driver;
	size_t n = 0;

	while (n < MAX_DRIVERS && probe_driver(&driver, n, &rows[n].total))
		rows[n++].driver = driver;
	qsort(rows, n, sizeof(*rows), compare_drivers);
	return n;
}

/* What the kernel maps itself has a name, others are known by their operations. */
static const char *driver_name(const struct fault_driver *driver)
{
	const char *name = *driver->name ? driver->name : kallsyms_name(driver->ops);

	return name ? name : "operations without a name";
}

static void add_total(struct row *row, const struct fault_total *total)
{
	add(row, "%llu", total->count);
	add(row, "%llu", total->pages);
	add_ns(row, total->ns, 1e6);
}

/* On the screen, below their class. */
static void add_drivers(struct report_table *table)
{
	static struct driver_row rows[MAX_DRIVERS];
	size_t n = gather_drivers(rows);

	for (size_t i = 0; i < n; i++) {
		struct row row = { 0 };

		add(&row, "  %.36s", driver_name(&rows[i].driver));
		add_total(&row, &rows[i].total);
		add(&row, "%s", "");
		add(&row, "%s", "");
		end_row(table, &row);
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

		add(&row, "%s", ops ? ops : "");
		add(&row, "%.23s", rows[i].driver.name);
		add_total(&row, &rows[i].total);
		end_row(table, &row);
	}
	report_table_print(table, "drivers");
}

static void report_classes(const struct tally_class *classes)
{
	static const struct report_column columns[] = {
		{ "class", false, 0, NULL }, { "faults", true, 0, NULL },
		{ "pages", true, 0, NULL }, { "ms", true, 0, "ns" },
		{ "p50 us", true, 0, "p50_ns" }, { "p99 us", true, 0, "p99_ns" },
	};
	struct report_table *table = report_table(columns, ARRAY_SIZE(columns), true);

	for (size_t i = 0; i < MMSCOPE_NR_CLASSES; i++) {
		struct row row = { 0 };

		if (!classes[i].total.count)
			continue;
		add(&row, "%s", report_json ? class_name(i) : class_word(i));
		add_total(&row, &classes[i].total);
		add_ns(&row, tally_time(&classes[i], 50), 1e3);
		add_ns(&row, tally_time(&classes[i], 99), 1e3);
		end_row(table, &row);
		if (i == MMSCOPE_CLASS_DRIVER && !report_json)
			add_drivers(table);
	}
	report_table_print(table, "classes");
	if (report_json)
		report_json_drivers();
}

static int compare_vmas(const void *a, const void *b)
{
	const struct tally_vma *x = a, *y = b;

	if (x->faults != y->faults)
		return x->faults < y->faults ? 1 : -1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static const char *short_name(const char *name)
{
	return name[0] == '/' ? strrchr(name, '/') + 1 : name;
}

static void report_vmas(void)
{
	static const struct report_column columns[] = {
		{ "vma", true, 0, NULL }, { "mm", true, 0, NULL }, { "from", false, 0, "start" },
		{ "promised", true, 0, NULL }, { "present", true, 0, NULL },
		{ "faults", true, 0, NULL }, { "name", false, 0, NULL },
	};
	struct report_table *table = report_table(columns, ARRAY_SIZE(columns), true);
	size_t n, shown = 0, more = 0;
	struct tally_vma *vmas = tally_vmas(&n);

	qsort(vmas, n, sizeof(*vmas), compare_vmas);
	for (size_t i = 0; i < n; i++) {
		const struct tally_vma *vma = &vmas[i];
		struct row row = { 0 };

		if (!vma->id || (!report_json && !vma->faults))
			continue;
		if (!report_json && shown == MOST_ROWS) {
			more++;
			continue;
		}
		shown++;
		add(&row, "%u", vma->id);
		add(&row, "%u", vma->mm);
		add(&row, "%012llx", vma->start);
		add(&row, "%llu", (vma->end - vma->start) / proc_page_size());
		add(&row, "%llu", vma->present);
		add(&row, "%llu", vma->faults);
		add(&row, "%.30s", report_json ? vma->name : short_name(vma->name));
		end_row(table, &row);
	}
	report_table_print(table, "vmas");
	if (more)
		report_line("and %zu more (--json shows all)", more);
}

static int compare_sites(const void *a, const void *b)
{
	const struct tally_site *x = a, *y = b;

	if (x->total.count != y->total.count)
		return x->total.count < y->total.count ? 1 : -1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static void add_place(struct row *row, const struct tally_site *site)
{
	struct line line = line_of(site->name, site->offset);
	char where[64] = "";

	if (line.file)
		snprintf(where, sizeof(where), "%.40s:%d", line.file, line.number);
	if (report_json || line.function)
		add(row, "%.26s", line.function ? line.function : "");
	else if (*site->name)
		add(row, "%.18s+0x%llx", short_name(site->name), site->offset);
	else
		add(row, "0x%llx", site->offset);
	if (report_json || line.file)
		add(row, "%.90s", where);
	else
		add(row, "%.30s", line.function ? short_name(site->name) : "");
}

static void report_sites(void)
{
	static const struct report_column columns[] = {
		{ "faults", true, 0, NULL }, { "pages", true, 0, NULL },
		{ "ms", true, 0, "ns" }, { "class", false, 0, NULL },
		{ "function", false, 0, NULL }, { "line", false, 0, NULL },
		{ "offset", false, 0, NULL }, { "program", false, 0, NULL },
	};
	size_t n, shown = report_json ? ARRAY_SIZE(columns) : 6;
	struct report_table *table = report_table(columns, shown, true);
	struct tally_site *sites = tally_sites(&n);

	qsort(sites, n, sizeof(*sites), compare_sites);
	for (size_t i = 0; i < n && (report_json || i < MOST_ROWS); i++) {
		const struct tally_site *site = &sites[i];
		struct row row = { 0 };

		add_total(&row, &site->total);
		add(&row, "%s", class_name(site->class));
		add_place(&row, site);
		if (report_json) {
			add(&row, "0x%llx", site->offset);
			add(&row, "%.90s", site->name);
		}
		end_row(table, &row);
	}
	report_table_print(table, "sites");
	if (!report_json && n > MOST_ROWS)
		report_line("and %zu more (--json shows all)", n - MOST_ROWS);
}

static void report_again_text(const struct tally_again *rows, size_t n)
{
	__u64 all = 0;

	for (size_t i = 0; i < n; i++)
		all += rows[i].faults;
	report_line("%llu of them again, in pages that were given back%s", all, n ? " by" : "");
	for (size_t i = 0; i < n; i++)
		report_line("%10llu  %s", rows[i].faults, rows[i].by);
}

/* Faults in pages that were given back, by what took them */
static void report_again(void)
{
	static const struct report_column columns[] = {
		{ "by", false, 0, NULL }, { "faults", true, 0, NULL },
	};
	struct report_table *table;
	size_t n;
	const struct tally_again *rows = tally_agains(&n);

	if (!report_json) {
		report_again_text(rows, n);
		return;
	}
	table = report_table(columns, ARRAY_SIZE(columns), true);
	for (size_t i = 0; i < n; i++) {
		struct row row = { 0 };

		add(&row, "%s", rows[i].by);
		add(&row, "%llu", rows[i].faults);
		end_row(table, &row);
	}
	report_table_print(table, "again");
}

/**
 * tally_report - show faults by class, VMA and place
 */
void tally_report(void)
{
	static struct tally_class classes[MMSCOPE_NR_CLASSES];
	__u64 count = 0;

	tally_classes(classes);
	for (size_t i = 0; i < MMSCOPE_NR_CLASSES; i++)
		count += classes[i].total.count;
	if (!report_json)
		report_line("%llu faults%s", count, count ? "" : ": nothing was touched");
	if (probe_tells_again())
		report_again();
	if (!report_json)
		report_line("%s", "");
	report_classes(classes);
	if (!report_json)
		report_line("%s", "");
	report_vmas();
	if (!report_json)
		report_line("%s", "");
	report_sites();
	if (tally_missed())
		report_message("%llu faults are in no line but their class's: too many places",
			       tally_missed());
}
