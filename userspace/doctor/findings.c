// SPDX-License-Identifier: GPL-2.0
/*
 * What mmscope doctor finds, as text or as JSON.
 */
#include <stdarg.h>
#include <stdio.h>
#include "base/tool.h"
#include "doctor/doctor.h"
#include "term/print.h"

static const char *const findings[] = { "ok", "warn", "fail" };
static const enum paint paints[] = { PAINT_GOOD, PAINT_WARN, PAINT_BAD };

static const struct report_column columns[] = {
	{ "finding", false, 0, NULL }, { "what", false, 0, NULL }, { "todo", false, 0, NULL },
};

static struct report_table *table;
static bool failed;

/**
 * doctor_find - tell one thing
 * @finding: what to think of it
 * @todo: what to do, or why; or NULL
 * @fmt: what it is
 */
void doctor_find(enum finding finding, const char *todo, const char *fmt, ...)
{
	char what[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	failed |= finding == FOUND_BAD;
	if (report_json) {
		if (!table)
			table = report_table(columns, ARRAY_SIZE(columns), false);
		report_row(table, (const char *[]){ findings[finding], what, todo }, NULL);
		return;
	}
	report_painted(paints[finding], "%-4s  %s", findings[finding], what);
	if (todo)
		report_fill(6, todo);
}

/**
 * doctor_end - print what was found
 *
 * Return: the exit code that says the same
 */
int doctor_end(void)
{
	if (table)
		report_table_print(table, "findings");
	return failed ? EXIT_ENVIRONMENT : EXIT_HELD;
}
