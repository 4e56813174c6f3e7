// SPDX-License-Identifier: GPL-2.0
/*
 * What a check says: its process writes it to memory that the tool shares.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "check/check.h"

static struct check_report *to;

/**
 * check_reports_to - where the next check reports
 * @report: in memory that all of its processes share
 */
void check_reports_to(struct check_report *report)
{
	to = report;
}

static void tell(enum check_verdict verdict, const char *fmt, va_list args)
{
	char said[sizeof(to->why)];
	size_t n;

	/* What is worse takes the place of what is only to be noted. */
	if (verdict > to->verdict || !to->told) {
		if (verdict > CHECK_NOTE && to->verdict <= CHECK_NOTE)
			to->why[0] = 0;
		to->verdict = verdict > to->verdict ? verdict : to->verdict;
	} else if (verdict < to->verdict && to->verdict > CHECK_NOTE) {
		return;
	}
	to->told = true;
	vsnprintf(said, sizeof(said), fmt, args);
	/* What is so of each page is said once. */
	if (strstr(to->why, said))
		return;
	n = strlen(to->why);
	if ((size_t)snprintf(to->why + n, sizeof(to->why) - n, "%s%s", n ? "; " : "", said) >=
	    sizeof(to->why) - n)
		strcpy(to->why + sizeof(to->why) - 4, "...");
}

/**
 * check_tell - what a check found
 * @verdict: how bad it is
 * @fmt: a sentence, as printf()
 */
void check_tell(enum check_verdict verdict, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell(verdict, fmt, args);
	va_end(args);
}

/**
 * check_lacks - a check cannot be tried on this machine
 * @fmt: a sentence, as printf()
 */
void check_lacks(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell(CHECK_SKIP, fmt, args);
	va_end(args);
	to->lacking = true;
}

/**
 * check_failed - has the check that runs failed?
 */
bool check_failed(void)
{
	return to->verdict >= CHECK_FAIL;
}

/**
 * check_word - a verdict as it is told
 * @verdict: which
 */
const char *check_word(enum check_verdict verdict)
{
	static const char *const words[CHECK_VERDICTS] = {
		[CHECK_OK] = "ok", [CHECK_SKIP] = "skip", [CHECK_NOTE] = "note",
		[CHECK_WARN] = "warn", [CHECK_FAIL] = "FAIL", [CHECK_HANG] = "HANG",
		[CHECK_KERNEL] = "KERNEL",
	};

	return words[verdict];
}
