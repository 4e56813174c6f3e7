// SPDX-License-Identifier: GPL-2.0
/*
 * One check after the other, until the kernel complains or one cannot be ended, and what each said.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "base/proc.h"
#include "check/before.h"
#include "check/check.h"
#include "check/kernel_log.h"
#include "check/memory.h"
#include "check/run.h"
#include "term/print.h"

static enum paint paint_of(enum check_verdict verdict)
{
	static const enum paint paints[CHECK_VERDICTS] = {
		[CHECK_OK] = PAINT_GOOD, [CHECK_SKIP] = PAINT_DIM, [CHECK_NOTE] = PAINT_PLAIN,
		[CHECK_WARN] = PAINT_WARN, [CHECK_FAIL] = PAINT_BAD, [CHECK_HANG] = PAINT_BAD,
		[CHECK_KERNEL] = PAINT_BAD,
	};

	return paints[verdict];
}

static void put(struct json_object *o, const char *name, const char *value)
{
	json_object_object_add(o, name, json_object_new_string(value));
}

static void put_number(struct json_object *o, const char *name, unsigned long long value)
{
	json_object_object_add(o, name, json_object_new_uint64(value));
}

static void put_bool(struct json_object *o, const char *name, bool value)
{
	json_object_object_add(o, name, json_object_new_boolean(value));
}

static void tell_json(const char *id, const char *title, const struct check_report *report,
		      __u64 ns)
{
	struct json_object *o = report_object();

	put(o, "event", "check");
	put(o, "check", id);
	put(o, "title", title);
	put(o, "verdict", check_word(report->verdict));
	put(o, "why", report->why);
	put_bool(o, "lacking", report->lacking);
	put_number(o, "ms", ns / 1000000);
	report_object_print(o);
}

static void tell_result(const char *id, const char *title, const struct check_report *report,
			__u64 ns)
{
	if (report_json) {
		tell_json(id, title, report, ns);
	} else {
		report_painted(paint_of(report->verdict), "%-4s %-6s %s", id,
			       check_word(report->verdict), title);
		if (*report->why)
			report_paragraph(PAINT_PLAIN, 12, report->why);
	}
	report_flush();
}

/* What the kernel said outweighs what the check saw. */
static bool kernel_complained(struct check_report *report)
{
	char line[600];

	if (!kernel_log_complains(line, sizeof(line)))
		return false;
	report->verdict = CHECK_KERNEL;
	snprintf(report->why, sizeof(report->why), "the kernel's log: %s", line);
	return true;
}

static void conclude(struct check_run *run, const struct check *check, struct check_report *report)
{
	before_now(check->id, report->verdict);
	run->counts[report->verdict]++;
	run->lacking |= report->lacking;
	if (report->verdict == CHECK_KERNEL)
		run->stopped = "the kernel complained: boot anew before anything else is tried";
	else if (report->stuck)
		run->stopped = "a process cannot be ended: boot anew before anything else is tried";
}

static void skip(const struct check *check, struct check_run *run, const char *why)
{
	struct check_report report = { .verdict = CHECK_SKIP };

	snprintf(report.why, sizeof(report.why), "%s", why);
	tell_result(check->id, check->title, &report, 0);
	run->counts[CHECK_SKIP]++;
	before_now(check->id, CHECK_SKIP);
}

static unsigned int seconds(const struct check_run *run, const struct check *check)
{
	return run->seconds ? run->seconds : check->seconds;
}

static void run_one(struct check_run *run, const struct check *check, struct check_report *report)
{
	__u64 began = time_now();

	check_child(report, seconds(run, check), check->run, run->target);
	kernel_complained(report);
	tell_result(check->id, check->title, report, time_now() - began);
	conclude(run, check, report);
}

/* The last failure of a family in which others would tell the same. */
static void run_each(struct check_run *run, struct check_report *report)
{
	const struct check *failed = NULL;
	char why[120];

	for (size_t i = 1; i < check_count && !run->stopped; i++) {
		const struct check *check = &check_list[i];

		if (!run->wanted[i])
			continue;
		if (check->writes && !run->target->kind.writes) {
			skip(check, run, "its memory is not to be written");
			continue;
		}
		if (failed && check->chained && *failed->id == *check->id && !run->named[i]) {
			snprintf(why, sizeof(why),
				 "%s failed, and its mistake would be seen here, too (-c %s)",
				 failed->id, check->id);
			skip(check, run, why);
			continue;
		}
		run_one(run, check, report);
		if (check->chained && report->verdict >= CHECK_FAIL)
			failed = check;
	}
}

static void tell_target_json(const struct check_run *run)
{
	const struct target_kind *kind = &run->target->kind;
	struct json_object *o = report_object();

	put(o, "event", "target");
	put(o, "target", run->target->name);
	put_number(o, "length", run->target->length);
	put_number(o, "offset", run->target->offset);
	put_number(o, "extent", run->target->extent);
	put_number(o, "pages", kind->pages);
	put(o, "flags", kind->flags);
	put_bool(o, "shared", kind->how == MAP_SHARED);
	put_bool(o, "writable", kind->prot & PROT_WRITE);
	put_bool(o, "written", kind->writes);
	put_bool(o, "steady", kind->steady);
	put_bool(o, "distinct", kind->distinct);
	put_bool(o, "refaults", kind->refaults);
	report_object_print(o);
}

static void tell_limits(const struct target *target)
{
	const struct target_kind *kind = &target->kind;

	if (kind->pages * page_bytes() < target->length)
		report_fill(0, "Only its first 256 pages are looked at.");
	if (!kind->steady)
		report_fill(0, "It changes by itself: only whether pages are there is compared.");
	else if (!kind->distinct)
		report_fill(0, "Pages that read alike: which page it is cannot always be told.");
	if (kind->prot & PROT_WRITE && kind->how == MAP_SHARED && !kind->writes)
		report_fill(0, "VM_IO: it is only read; --write writes to it, too.");
	if (kind->zap_error)
		report_line("MADV_DONTNEED gives %s: no page is faulted in twice.",
			    strerrorname_np(kind->zap_error));
	else if (!kind->refaults)
		report_fill(0, "What MADV_DONTNEED takes does not come back: no page is faulted in "
			    "twice.");
	else if (!kind->keeps)
		report_fill(0, "What was written is lost with MADV_DONTNEED: no page is looked at "
			    "again then.");
}

static void tell_target(const struct check_run *run)
{
	const struct target *target = run->target;

	if (report_json) {
		tell_target_json(run);
		return;
	}
	report_painted(PAINT_STRONG, "%s", target->name);
	report_line("%zu bytes at offset %#llx, %s, %s; VMA flags: %s", target->length,
		    (unsigned long long)target->offset,
		    target->kind.how == MAP_SHARED ? "shared" : "private",
		    target->kind.prot & PROT_WRITE ? "writable" : "only to be read",
		    target->kind.flags);
	tell_limits(target);
	report_line("%s", "");
}

static void tell_summary_json(const struct check_run *run)
{
	struct json_object *o = report_object(), *counts = json_object_new_object();

	put(o, "event", "summary");
	put(o, "target", run->target->name);
	for (size_t i = 0; i < CHECK_VERDICTS; i++)
		put_number(counts, check_word(i), run->counts[i]);
	json_object_object_add(o, "verdicts", counts);
	put_bool(o, "kernel_log", run->log);
	put_number(o, "kernel_log_lost", kernel_log_lost());
	put_bool(o, "destructive", run->destructive);
	json_object_object_add(o, "stopped",
			       run->stopped ? json_object_new_string(run->stopped) : NULL);
	report_object_print(o);
}

static void tell_summary(const struct check_run *run)
{
	char text[200] = "";
	size_t n = 0;

	if (report_json) {
		tell_summary_json(run);
		return;
	}
	for (size_t i = 0; i < CHECK_VERDICTS; i++)
		if (run->counts[i])
			n += snprintf(text + n, sizeof(text) - n, "%s%u %s", n ? ", " : "",
				      run->counts[i], check_word(i));
	report_line("%s", "");
	report_line("%s", text);
	if (run->stopped)
		report_painted(PAINT_BAD, "%s", run->stopped);
	if (!run->log)
		report_fill(0, "The kernel's log could not be read (root): what it complained of "
			    "is not known.");
	if (kernel_log_lost())
		report_fill(0, "Parts of the kernel's log were overwritten before they were read.");
	if (!run->destructive)
		report_fill(0, "M4, B, R and X, which may cost the machine: --destructive --yes.");
}

static int exit_code(const struct check_run *run)
{
	if (run->counts[CHECK_FAIL] || run->counts[CHECK_HANG] || run->counts[CHECK_KERNEL])
		return EXIT_BROKEN;
	if (run->lacking || !run->log || kernel_log_lost())
		return EXIT_SKIPPED;
	return EXIT_HELD;
}

/* Return: can it be mapped at all? */
static bool probe(struct check_run *run, struct check_report *report)
{
	const struct check *first = check_list;
	__u64 began = time_now();

	check_child(report, seconds(run, first), first->run, run->target);
	if (!kernel_complained(report) && report->lacking)
		return false;
	if (run->target->kind.pages)
		tell_target(run);
	tell_result(first->id, first->title, report, time_now() - began);
	conclude(run, first, report);
	return report->verdict < CHECK_FAIL;
}

/**
 * run_checks - run those that are wanted
 * @run: which, on what
 *
 * Return: the exit code
 */
int run_checks(struct check_run *run)
{
	struct check_report *report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE,
					   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int code;

	if (report == MAP_FAILED)
		abort();
	run->log = kernel_log_start();
	if (probe(run, report))
		run_each(run, report);
	else if (report->lacking)
		return report_fail(EXIT_ENVIRONMENT, run->target->name, "cannot be checked",
				   report->why);
	else if (!run->stopped)
		run->stopped = "memory that cannot be touched is not checked any further";
	tell_summary(run);
	code = exit_code(run);
	munmap(report, sizeof(*report));
	return code;
}
