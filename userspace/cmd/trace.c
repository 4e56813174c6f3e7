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
#include "trace/summary.h"
#include "trace/verify.h"
#include "tracer/again.h"
#include "tracer/shortage.h"
#include "tracer/tracer.h"
#include "tracer/vm_ops_target.h"

/**
 * struct trace - state of a trace
 * @session: the session that reads the records
 * @filter: which records are shown
 * @questions: show may_split questions also if their split follows
 * @verify: compare the records with /proc/PID/maps, and show none
 * @fold: show faults that are alike in one line
 * @chosen: an option says which records are shown, or how
 * @record: name of the file to record in as well, or NULL
 * @total: how many records there were so far
 * @shown: how many of them were shown
 * @asked: a may_split question that is not shown yet, because its split may follow
 * @waiting: @asked holds such a question
 */
struct trace {
	struct session session;
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

/* Is a record outside --from and --to? Times count from the first record of the whole recording. */
static bool sliced(struct trace *trace, const struct mmscope_event *e)
{
	if (!trace->session.first)
		columns_since(e->time_ns);
	return session_skips(&trace->session, e);
}

static void show(struct trace *trace, const struct mmscope_event *e)
{
	const struct event_about *known;

	event_context_note(e);
	if (session_slices(&trace->session) && sliced(trace, e))
		return;
	trace->total++;
	if (!filter_wants(&trace->filter, e))
		return;
	trace->shown++;
	summary_note(e);
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
	/* Records of other types, such as a copied stack, do not tell of anything that happened. */
	if (!vm_ops_target_shows(e) || e->type >= RECORD_TYPES)
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
	lost = trace->session.tracer ? tracer_lost() : 0;
	if (trace->session.tracer) {
		trace->total += tracer_passed_over();
		shortage_add("faults", tracer_unseen(0));
		shortage_add("skipped", tracer_skipped());
		shortage_add("processes", tracer_refused());
		shortage_add("calls", tracer_lost_calls());
	}
	if (trace->session.input)
		kept_close();
	shortage_add("again", again_missed());
	shortage_add("unshown", trace->session.unshown);
	if (session_device(&trace->session)) {
		if (session_info(&trace->session, &info))
			return EXIT_ENVIRONMENT;
		lost += info.lost + info.dropped;
	}
	if (info.withheld)
		report_message("%llu records are of processes that you may not see",
			       (unsigned long long)info.withheld);
	shortage_add("records", lost);
	if (!report_json && !vm_ops_target_chosen())
		summary_print();
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
		summary_json(line);
		balance_json(line);
		report_object_print(line);
	} else if (trace->shown == trace->total) {
		report_line("%lu events, %llu lost", trace->total, lost);
	} else {
		report_line("%lu of %lu events, %llu lost", trace->shown, trace->total, lost);
	}
	if (!report_json)
		balance_print(trace->session.tracer ? lost + tracer_lost_calls() : lost);
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
 * @letter: the option's letter
 * @why: message for a word that is none of the names
 * @todo: what the user can do then
 * @list: prints all names
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

/* Take one option. Return: 0, or an exit code after a message. */
static int take_option(struct trace *trace, const struct verb *verb, int c)
{
	const char *word = NULL, *why = NULL;

	trace->chosen |= !!strchr("qeclrvofn", c);
	for (size_t i = 0; i < ARRAY_SIZE(name_options); i++)
		if (name_options[i].letter == c)
			return take_names(trace, verb, &name_options[i]);
	if (strchr(WHOM_LETTERS, c))
		return whom_option(&trace->session.whom, verb, c, optarg);
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
		return vm_ops_target_choose(optarg);
	case 'i':
		trace->session.input = optarg;
		break;
	case 'F':
	case 'T':
		word = session_slice(&trace->session, c == 'T', optarg);
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
		word = tracer_buffer(optarg);
		why = "no size in KiB from 16 to 1048576";
		break;
	default:
		return EXIT_USAGE;
	}
	return word ? bad_word(verb, word, why) : 0;
}

/* Check whether the options fit together. Return: 0, or an exit code after a message. */
static int check(const struct trace *trace, const struct verb *verb)
{
	if (trace->record && (trace->session.input || trace->verify || vm_ops_target_chosen()))
		return verb_usage(verb, "--record",
				  "not together with --input, --verify or --hooks");
	if (trace->fold && report_json)
		return verb_usage(verb, "--fold", "it is for lines: as JSON each record is told");
	if (session_slices(&trace->session) && !trace->session.input)
		return verb_usage(verb, "--from", "it is for a recording: --input");
	if (trace->session.input && columns_have("cgroup"))
		return verb_usage(verb, "cgroup", "no recording has it: only of who lives");
	if (trace->session.input && (trace->verify || vm_ops_target_chosen()))
		return verb_usage(verb, "--input", "not together with --verify or --hooks");
	if (trace->verify && whom_any(&trace->session.whom))
		return verb_usage(verb, "--verify", "a command is needed");
	if (trace->verify && trace->chosen)
		return verb_usage(verb, "--verify", "shows no records: nothing is to be chosen");
	if (trace->verify && vm_ops_target_chosen())
		return verb_usage(verb, "--verify", "not together with --hooks");
	return 0;
}

/* Ask the sources only for the records that are wanted, and begin the session. */
static int begin(struct trace *trace, const struct verb *verb, char **argv)
{
	int code = trace->record ? recorder_open(&trace->session, trace->record, argv, false) : 0;

	if (code)
		return code;
	trace->session.arg = trace;
	if (filter_asks_for(&trace->filter, RECORD_FAILED))
		tracer_failures();
	/* Its hooks tell faults in the driver's memory; what it is not asked about, we do. */
	if (vm_ops_target_chosen())
		tracer_faults(FAULTS_IGNORED);
	else if (!trace->verify && !trace->record)
		filter_needs(&trace->filter);
	if (trace->verify || vm_ops_target_chosen())
		trace->session.sources = SESSION_TRACER;
	if (trace->verify)
		trace->session.before = verify_begin;
	else
		filter_pass_over(&trace->filter);
	code = session_begin(&trace->session, verb, NULL, argv);
	if (code && trace->record)
		recorder_drop();
	return code;
}

/* The recorder's tick function, which tick() replaces and calls. */
static void (*tick_below)(struct session *session);

static void tick(struct session *session)
{
	if (tick_below)
		tick_below(session);
	fold_tick();
}

static int run(struct trace *trace)
{
	bool recorded = true;
	int code;

	if (trace->session.tracer && session_device(&trace->session))
		event_context_both();
	if (!report_json)
		columns_heading();
	if (trace->fold && !trace->session.input) {
		tick_below = trace->session.tick;
		trace->session.tick = tick;
	}
	session_run(&trace->session);
	if (trace->record)
		recorded = !recorder_end(&trace->session).error;
	code = finish(trace);
	return recorded ? code : EXIT_LOST;
}

/**
 * cmd_trace - run the verb trace
 * @verb: row of the verb in the table of cmd/main.c
 * @argc: number of words
 * @argv: the words of the command line, the verb itself first
 *
 * Return: an exit code
 */
int cmd_trace(const struct verb *verb, int argc, char **argv)
{
	struct trace trace = { .session.each = each };
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
	vm_ops_target_verdict();
	if (!whom_any(&trace.session.whom))
		session_verdict(&trace.session, argv[optind]);
	return code;
}
