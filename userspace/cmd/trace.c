// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope trace: one line for each thing that happens to a process's memory, while it happens.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/name_list.h"
#include "base/suggest.h"
#include "cmd/cmd.h"
#include "record/record.h"
#include "record/text.h"
#include "session/kept.h"
#include "session/recorder.h"
#include "session/session.h"
#include "term/print.h"
#include "term/verb.h"
#include "trace/balance.h"
#include "trace/columns.h"
#include "trace/context.h"
#include "trace/filter.h"
#include "trace/fold.h"
#include "trace/json.h"
#include "trace/verify.h"
#include "tracer/again.h"
#include "tracer/shortage.h"
#include "tracer/tracer.h"
#include "tracer/vm_ops_target.h"

/**
 * struct trace - what one trace remembers
 * @watch: the log
 * @filter: what is to be shown
 * @questions: show may_split questions that are followed by their split
 * @verify: compare, and show nothing
 * @fold: have faults that are alike in one line
 * @chosen: an option says which records are shown, or how
 * @record: file to record in, too, or NULL
 * @total: records so far
 * @shown: and those that were wanted
 * @asked: a may_split question that waits for its split
 * @waiting: there is one
 */
struct trace {
	struct watch watch;
	struct filter filter;
	bool questions;
	bool verify;
	bool fold;
	bool chosen;
	const char *record;
	unsigned long total;
	unsigned long shown;
	struct mmscope_event asked;
	bool waiting;
};

/* Times are those of the whole recording, whatever is shown of it. */
static bool sliced(struct trace *trace, const struct mmscope_event *e)
{
	if (!trace->watch.first)
		columns_since(e->time_ns);
	return watch_skips(&trace->watch, e);
}

static void show(struct trace *trace, const struct mmscope_event *e)
{
	const struct event_about *known;

	about_note(e);
	if (watch_slices(&trace->watch) && sliced(trace, e))
		return;
	trace->total++;
	if (!filter_wants(&trace->filter, e))
		return;
	trace->shown++;
	known = about(e);
	if (report_json)
		trace_json(e, known);
	else if (trace->fold)
		fold_event(e, known);
	else
		columns_event(e, known);
}

static void settle(struct trace *trace, const struct mmscope_event *next)
{
	bool answered = next && next->type == MMSCOPE_SPLIT && next->mm == trace->asked.mm &&
			next->aux == trace->asked.aux;

	if (trace->waiting && (!answered || trace->questions))
		show(trace, &trace->asked);
	trace->waiting = false;
}

static void each(const struct mmscope_event *record, void *arg)
{
	struct mmscope_event copy = *record, *e = &copy;
	struct trace *trace = arg;

	if (trace->record)
		recorder_note(record);
	/* A copy of a stack, which a recording may have, is no record of what happened. */
	if (!driver_shows(e) || e->type >= RECORD_TYPES)
		return;
	if (event_structural(e))
		settle(trace, e);
	if (e->type == MMSCOPE_MAY_SPLIT && !(e->flags & MMSCOPE_F_ERROR)) {
		trace->asked = *e;
		trace->waiting = true;
		return;
	}
	show(trace, e);
}

static int finish(struct trace *trace)
{
	struct mmscope_info info = { .size = 0 };
	__u64 lost;

	settle(trace, NULL);
	fold_flush();
	lost = trace->watch.probe ? probe_lost() : 0;
	if (trace->watch.probe) {
		trace->total += probe_passed_over();
		shortage_add("faults", probe_unseen(0));
		shortage_add("skipped", probe_skipped());
		shortage_add("processes", probe_refused());
		shortage_add("calls", probe_lost_calls());
	}
	if (trace->watch.input)
		kept_close();
	shortage_add("again", again_missed());
	shortage_add("unshown", trace->watch.unshown);
	if (watch_device(&trace->watch)) {
		if (watch_info(&trace->watch, &info))
			return EXIT_ENVIRONMENT;
		lost += info.lost + info.dropped;
	}
	if (info.withheld)
		report_message("%llu records are of processes that you may not see",
			       (unsigned long long)info.withheld);
	shortage_add("records", lost);
	if (report_json) {
		struct json_object *line = report_object();

		json_object_object_add(line, "event", json_object_new_string("summary"));
		json_object_object_add(line, "events", json_object_new_int64(trace->total));
		json_object_object_add(line, "shown", json_object_new_int64(trace->shown));
		json_object_object_add(line, "lost", json_object_new_int64(lost));
		json_object_object_add(line, "withheld", json_object_new_int64(info.withheld));
		json_object_object_add(line, "again_missed",
				       json_object_new_int64(again_missed()));
		json_object_object_add(line, "short", shortage_json());
		balance_json(line);
		report_object_print(line);
	} else if (trace->shown == trace->total) {
		report_line("%lu events, %llu lost", trace->total, lost);
	} else {
		report_line("%lu of %lu events, %llu lost", trace->shown, trace->total, lost);
	}
	if (!report_json)
		balance_print(trace->watch.probe ? lost + probe_lost_calls() : lost);
	return shortage_tell("trace", true) || info.withheld ? EXIT_LOST : EXIT_HELD;
}

static int bad_word(const struct verb *verb, const char *word, const char *why)
{
	char text[200];

	snprintf(text, sizeof(text), "'%s'", word);
	return verb_usage(verb, text, why);
}

#define LIST_OPEN	"leave out the blank behind the comma, or quote the list"

/**
 * struct name_option - an option that takes a list of names
 * @letter: of the option
 * @why: what a word is that is none of them
 * @todo: what then to do
 * @list: prints them
 */
static const struct name_option {
	char letter;
	const char *why;
	const char *todo;
	void (*list)(void);
} name_options[] = {
	{ 'e', "no event is called so", "--events help lists them", filter_list_types },
	{ 'c', "no class of faults is called so", "--class help lists them", filter_list_classes },
	{ 'o', "no column is called so", "--output help lists them", columns_list },
};

static const char *choose(struct trace *trace, char letter, const char *list,
			  struct suggestion *near)
{
	if (letter == 'e')
		return filter_types(&trace->filter, list, near);
	if (letter == 'c')
		return filter_classes(&trace->filter, list, near);
	return columns_choose(list, near);
}

static int take_names(struct trace *trace, const struct verb *verb,
		      const struct name_option *option)
{
	struct suggestion near;
	const char *word;

	if (!strcmp(optarg, "help")) {
		option->list();
		exit(report_end(EXIT_HELD));
	}
	if (name_list_open(optarg))
		return bad_word(verb, optarg, LIST_OPEN);
	word = choose(trace, option->letter, optarg, &near);
	if (!word)
		return 0;
	if (!*word)
		return bad_word(verb, optarg, "a list of names, and there is none");
	return verb_unknown(word, option->why, &near, option->todo);
}

/* One option: 0, or an exit code after a complaint. */
static int take_option(struct trace *trace, const struct verb *verb, int c)
{
	const char *word = NULL, *why = NULL;

	trace->chosen |= !!strchr("qeclrvofn", c);
	for (size_t i = 0; i < ARRAY_SIZE(name_options); i++)
		if (name_options[i].letter == c)
			return take_names(trace, verb, &name_options[i]);
	if (strchr(WHOM_LETTERS, c))
		return whom_option(&trace->watch.whom, verb, c, optarg);
	switch (c) {
	case 'q':
		trace->questions = true;
		break;
	case 'V':
		trace->verify = true;
		break;
	case 'f':
		trace->fold = true;
		break;
	case 'n':
		trace->filter.no_there = true;
		break;
	case 'H':
		return driver_choose(optarg);
	case 'i':
		trace->watch.input = optarg;
		break;
	case 'F':
	case 'T':
		word = watch_slice(&trace->watch, c == 'T', optarg);
		why = "no time in seconds: 1.5";
		break;
	case 'R':
		trace->record = optarg;
		break;
	case 'v':
		trace->filter.vma = optarg;
		break;
	case 'l':
		word = filter_latency(&trace->filter, optarg);
		why = "no number of microseconds";
		break;
	case 'r':
		trace->filter.again = true;
		break;
	case 'b':
		word = probe_buffer(optarg);
		why = "no size in KiB from 16 to 1048576";
		break;
	default:
		return EXIT_USAGE;
	}
	return word ? bad_word(verb, word, why) : 0;
}

/* What the options say together: 0, or an exit code after a complaint. */
static int check(const struct trace *trace, const struct verb *verb)
{
	if (trace->record && (trace->watch.input || trace->verify || driver_chosen()))
		return verb_usage(verb, "--record",
				  "not together with --input, --verify or --hooks");
	if (trace->fold && report_json)
		return verb_usage(verb, "--fold", "it is for lines: as JSON each record is told");
	if (watch_slices(&trace->watch) && !trace->watch.input)
		return verb_usage(verb, "--from", "it is for a recording: --input");
	if (trace->watch.input && columns_have("cgroup"))
		return verb_usage(verb, "cgroup", "no recording has it: only of who lives");
	if (trace->watch.input && (trace->verify || driver_chosen()))
		return verb_usage(verb, "--input", "not together with --verify or --hooks");
	if (trace->verify && whom_any(&trace->watch.whom))
		return verb_usage(verb, "--verify", "a command is needed");
	if (trace->verify && trace->chosen)
		return verb_usage(verb, "--verify", "shows no records: nothing is to be chosen");
	if (trace->verify && driver_chosen())
		return verb_usage(verb, "--verify", "not together with --hooks");
	return 0;
}

/* Have what is wanted told, and nothing else. */
static int begin(struct trace *trace, const struct verb *verb, char **argv)
{
	int code = trace->record ? recorder_open(&trace->watch, trace->record, argv, false) : 0;

	if (code)
		return code;
	trace->watch.arg = trace;
	if (filter_asks_for(&trace->filter, RECORD_FAILED))
		probe_failures();
	/* Its hooks tell faults in the driver's memory; what it is not asked about, we do. */
	if (driver_chosen())
		probe_faults(FAULTS_IGNORED);
	else if (!trace->verify && !trace->record)
		filter_needs(&trace->filter);
	if (trace->verify || driver_chosen())
		trace->watch.sources = WATCH_PROBE;
	if (trace->verify)
		trace->watch.before = verify_begin;
	else
		filter_pass_over(&trace->filter);
	code = watch_begin(&trace->watch, verb, NULL, argv);
	if (code && trace->record)
		recorder_drop();
	return code;
}

/* Nobody is to wait for a line because nothing more happens. */
static void (*tick_below)(struct watch *watch);

static void tick(struct watch *watch)
{
	if (tick_below)
		tick_below(watch);
	fold_tick();
}

static int run(struct trace *trace)
{
	bool recorded = true;
	int code;

	if (trace->watch.probe && watch_device(&trace->watch))
		about_both();
	if (!report_json)
		columns_heading();
	if (trace->fold && !trace->watch.input) {
		tick_below = trace->watch.tick;
		trace->watch.tick = tick;
	}
	watch_run(&trace->watch);
	if (trace->record)
		recorded = !recorder_end(&trace->watch).error;
	code = finish(trace);
	return recorded ? code : EXIT_LOST;
}

/**
 * cmd_trace - the verb
 * @verb: its row
 * @argc: words
 * @argv: words
 */
int cmd_trace(const struct verb *verb, int argc, char **argv)
{
	struct trace trace = { .watch.each = each };
	int c, code = 0;

	while (!code && (c = verb_option(verb, argc, argv)) != -1)
		code = take_option(&trace, verb, c);
	columns_choose_usual();
	if (!code)
		code = check(&trace, verb);
	if (!code)
		code = begin(&trace, verb, argv + optind);
	if (code)
		return code;
	if (trace.verify)
		return verify_run();
	code = run(&trace);
	driver_verdict();
	if (!whom_any(&trace.watch.whom))
		watch_verdict(&trace.watch, argv[optind]);
	return code;
}
