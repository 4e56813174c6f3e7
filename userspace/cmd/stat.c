// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope stat: sums of the faults of a command or of processes. The BPF programs add them up in
 * the kernel; there is no record of each fault.
 *
 * If the command maps memory of mmscope's module, there is also a row for each address space. The
 * module's log is read only to learn which address spaces there were. The figures are the module's
 * counters, which are complete even if records were lost.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cmd/cmd.h"
#include "cmd/stat_budget.h"
#include "record/record.h"
#include "session/kept.h"
#include "session/session.h"
#include "stat/fault_stacks.h"
#include "stat/fault_stats.h"
#include "stat/report.h"
#include "stat/tables.h"
#include "term/print.h"
#include "term/verb.h"
#include "tracer/again.h"
#include "tracer/shortage.h"
#include "tracer/tracer.h"

static const struct report_column columns[] = {
	{ "mm", true, 0, NULL }, { "from", true, 0, "parent" }, { "pid", true, 0, NULL },
	{ "comm", false, 0, NULL }, { "faults", true, 0, NULL }, { "wr", true, 0, "write" },
	{ "kern", true, 0, "kernel" }, { "rem", true, 0, "remote" },
	{ "again", true, 0, "refault" }, { "mkw", true, 0, "mkwrite" },
	{ "split", true, 0, NULL }, { "unmap", true, 0, NULL }, { "touched", true, 0, NULL },
	{ "back", true, 0, "given_back" }, { "lost", true, 0, "dropped" },
};

/* The types of the tracer's records that are used; those of the module are all read. */
static const __u64 needed[RECORD_SET] = { 1ULL << MMSCOPE_FAULT | 1ULL << MMSCOPE_UNMAP };

/**
 * struct seen - the address spaces that records of the module named
 * @session: the session that reads the records
 * @mm: ids of the address spaces, in the order of their first records
 * @n: how many
 * @room: how many @mm has memory for
 */
struct seen {
	struct session *session;
	unsigned int *mm;
	size_t n;
	size_t room;
};

static void each(const struct mmscope_event *e, void *arg)
{
	struct seen *seen = arg;

	if (session_slices(seen->session)) {
		session_skips(seen->session, e);
		if (seen->session->past)
			return;
	}
	if (e->flags & RECORD_F_WHOLE) {
		stat_event(e);
		return;
	}
	if (!e->mm)
		return;
	for (size_t i = seen->n; i-- > 0;)
		if (seen->mm[i] == e->mm)
			return;
	if (seen->n == seen->room) {
		seen->room = 2 * seen->room + 64;
		seen->mm = realloc(seen->mm, seen->room * sizeof(*seen->mm));
		if (!seen->mm)
			abort();
	}
	seen->mm[seen->n++] = e->mm;
}

static void add_row(struct report_table *table, const struct mmscope_stat *stat)
{
	__u64 values[ARRAY_SIZE(columns)] = {
		stat->mm, stat->parent, stat->tgid, 0,
		stat->events[MMSCOPE_FAULT], stat->write, stat->kernel, stat->remote,
		stat->refault, stat->events[MMSCOPE_MKWRITE] + stat->events[MMSCOPE_PFN_MKWRITE],
		stat->events[MMSCOPE_SPLIT], stat->events[MMSCOPE_UNMAP], stat->touched,
		stat->given_back, stat->dropped,
	};
	const char *cells[ARRAY_SIZE(columns)];
	char texts[ARRAY_SIZE(columns)][24];

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		snprintf(texts[i], sizeof(texts[i]), "%llu", values[i]);
		cells[i] = texts[i];
	}
	snprintf(texts[3], sizeof(texts[3]), "%.16s", stat->comm);
	report_row(table, cells, NULL);
}

static int finish_device(struct session *session, const struct seen *seen)
{
	struct report_table *table;
	struct mmscope_stat stat;
	struct mmscope_info info;

	if (!seen->n && !report_json) {
		if (!session->tracer)
			report_line("nothing in it mapped mmscope memory");
		return EXIT_HELD;
	}
	report_gap();
	table = report_table(columns, ARRAY_SIZE(columns), true);
	for (size_t i = 0; i < seen->n; i++)
		if (!session_stat(session, seen->mm[i], &stat))
			add_row(table, &stat);
	report_table_print(table, "mms");
	if (session_info(session, &info))
		return EXIT_HELD;
	if (info.withheld)
		report_message("stat: %llu records are of processes that you may not see",
			       (unsigned long long)info.withheld);
	if (info.lost)
		report_message("stat: %llu records were lost: an address space may be missing",
			       info.lost);
	return info.lost || info.dropped || info.withheld ? EXIT_LOST : EXIT_HELD;
}

/*
 * Add up what was lost for want of room. Stacks by frame pointers whose ids collide are not told
 * here but with the stacks.
 */
static void add_shortages(const struct session *session)
{
	if (!session->tracer)
		return;
	shortage_add("records", tracer_lost());
	shortage_add("faults", stat_unseen());
	shortage_add("skipped", tracer_skipped());
	shortage_add("processes", tracer_refused());
	shortage_add("vmas", stat_unknown());
	shortage_add("places", stat_missed());
	shortage_add("drivers", stat_unnamed());
	shortage_add("again", again_missed());
	if (tracer_stack_way() == STACKS_DWARF)
		shortage_add("stacks", tracer_lost_stacks());
}

static void report_shortages(void)
{
	struct json_object *o = report_object();

	if (tracer_usage())
		json_object_object_add(o, "usage", stat_usage_json());
	json_object_object_add(o, "short", shortage_json());
	report_object_print(o);
}

static int finish(struct session *session, const struct seen *seen)
{
	int code = EXIT_HELD;

	if (session->tracer) {
		stat_finish();
		stat_report();
		if (tracer_stack_way() != STACKS_NONE)
			stacks_report();
	}
	if (session->input)
		kept_close();
	shortage_add("unshown", session->unshown);
	add_shortages(session);
	if (report_json && session->tracer)
		report_shortages();
	if (session_device(session) && finish_device(session, seen))
		code = EXIT_LOST;
	if (shortage_tell("stat", false))
		code = EXIT_LOST;
	return code;
}

static bool is_way(const char *word)
{
	return word && (!strcmp(word, "fp") || !strcmp(word, "dwarf"));
}

static bool choose_stacks(const char *way)
{
	if (!way || !strcmp(way, "fp"))
		tracer_stacks(STACKS_FP);
	else if (!strcmp(way, "dwarf"))
		tracer_stacks(STACKS_DWARF);
	else
		return false;
	return true;
}

static struct budget_files files;

/*
 * Check whether the options fit to a budget: it needs times, and its figures come from records,
 * which have no stacks. Return: 0, or an exit code after a message.
 */
static int check_budget(const struct verb *verb, bool other)
{
	const char *name = files.judged ? "--budget" : "--write-budget";

	if (files.judged && files.written)
		return verb_usage(verb, "--write-budget", "judge by one budget, or write another");
	if ((files.judged || files.written) && other)
		return verb_usage(verb, name, "not with --count, --stacks or --again");
	return 0;
}

/* Take one option. Return: 0, or an exit code after a message. */
static int take_option(const struct verb *verb, int c, struct session *session)
{
	if (strchr(WHOM_LETTERS, c))
		return whom_option(&session->whom, verb, c, optarg);
	switch (c) {
	case 'B':
		files.judged = optarg;
		return 0;
	case 'W':
		files.written = optarg;
		return 0;
	case 'i':
		session->input = optarg;
		return 0;
	case 'n':
		return !tables_top(optarg) ? 0 :
		       verb_usage(verb, optarg, "no number of rows; 0 for all");
	case 'k':
		return !tables_sort(optarg) ? 0 :
		       verb_usage(verb, optarg, "rows are sorted by faults, time or pages");
	case 'F':
	case 'T':
		return !session_slice(session, c == 'T', optarg) ? 0 :
		       verb_usage(verb, optarg, "no time in seconds: 1.5");
	case 'c':
		tracer_faults(FAULTS_COUNTED);
		return 0;
	case 's':
		return choose_stacks(optarg) ? 0 :
		       verb_usage(verb, optarg, "no way to find stacks: there are fp and dwarf");
	case 'r':
		tracer_again();
		return 0;
	case 'b':
		return !tracer_buffer(optarg) ? 0 :
		       verb_usage(verb, optarg, "no size in KiB from 16 to 1048576");
	default:
		return EXIT_USAGE;
	}
}

/* Stacks of a recording were copied by mmscope record, so they are unwound by DWARF. */
static int choose_kept_stacks(const struct verb *verb)
{
	tracer_stacks(STACKS_DWARF);
	return kept_stacks() ? 0 : verb_usage(verb, "--stacks", "they were not recorded");
}

/**
 * cmd_stat - run the verb stat
 * @verb: row of the verb in the table of cmd/main.c
 * @argc: number of words
 * @argv: the words of the command line, the verb itself first
 *
 * Return: an exit code
 */
int cmd_stat(const struct verb *verb, int argc, char **argv)
{
	static struct session session;
	static struct seen seen = { .session = &session };
	int c, code = 0;
	bool other = false;

	tracer_faults(FAULTS_TIMED);
	tracer_types(needed);
	while (!code && (c = verb_option(verb, argc, argv)) != -1) {
		code = take_option(verb, c, &session);
		other |= c == 'c' || c == 's' || c == 'r';
	}
	if (!code)
		code = check_budget(verb, other);
	if (!code && session_slices(&session) && !session.input)
		code = verb_usage(verb, "--from", "it is for a recording: --input");
	if (code)
		return code;
	if (tracer_stack_way() == STACKS_FP && is_way(argv[optind]) &&
	    strcmp(argv[optind - 1], "--"))
		return verb_usage(verb, argv[optind],
				  "write --stacks=WAY or -sWAY, without a blank");
	if (files.judged || files.written)
		return stat_budget(&session, verb, &files, argv + optind);
	stat_begin();
	session.each = each;
	session.arg = &seen;
	code = session_begin(&session, verb, NULL, argv + optind);
	if (!code && session.input && tracer_stack_way() != STACKS_NONE)
		code = choose_kept_stacks(verb);
	if (code)
		return code;
	session_run(&session);
	code = finish(&session, &seen);
	if (!whom_any(&session.whom))
		session_verdict(&session, argv[optind]);
	return code;
}
