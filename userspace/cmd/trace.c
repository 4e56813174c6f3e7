// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope trace: one line for each thing that happens to a process's memory, while it happens.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cmd/cmd.h"
#include "record/record.h"
#include "record/text.h"
#include "session/session.h"
#include "term/print.h"
#include "term/verb.h"
#include "trace/columns.h"
#include "trace/context.h"
#include "trace/filter.h"
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
 * @all: show may_split questions that are followed by their split
 * @verify: compare, and show nothing
 * @pid: of a process that is there, or NULL
 * @total: records so far
 * @shown: and those that were wanted
 * @asked: a may_split question that waits for its split
 * @waiting: there is one
 */
struct trace {
	struct watch watch;
	struct filter filter;
	bool all;
	bool verify;
	const char *pid;
	unsigned long total;
	unsigned long shown;
	struct mmscope_event asked;
	bool waiting;
};

static void show(struct trace *trace, const struct mmscope_event *e)
{
	const struct event_about *known;

	trace->total++;
	about_note(e);
	if (!filter_wants(&trace->filter, e))
		return;
	trace->shown++;
	known = about(e);
	if (report_json)
		trace_json(e, known);
	else
		columns_event(e, known);
}

static void settle(struct trace *trace, const struct mmscope_event *next)
{
	bool answered = next && next->type == MMSCOPE_SPLIT && next->mm == trace->asked.mm &&
			next->aux == trace->asked.aux;

	if (trace->waiting && (!answered || trace->all))
		show(trace, &trace->asked);
	trace->waiting = false;
}

static void each(const struct mmscope_event *record, void *arg)
{
	struct mmscope_event copy = *record, *e = &copy;
	struct trace *trace = arg;

	if (!driver_shows(e))
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

/* How many more VMAs the driver knows of than it should, negative for fewer; there is none left. */
static long surplus(const struct driver_balance *balance)
{
	return balance->mapped + balance->there + balance->opened - balance->closed;
}

static void tell_balance(__u64 lost)
{
	struct driver_balance balance;
	char born[80] = "", gone[64] = "";
	long more;

	if (!driver_balance(&balance))
		return;
	if (balance.no_open)
		snprintf(born, sizeof(born), ", %lu by split, fork or mremap that it has no ->open for",
			 balance.born);
	if (balance.no_close)
		snprintf(gone, sizeof(gone), ", %lu gone that it has no ->close for", balance.gone);
	report_line("VMAs: %lu by mmap, %lu there before, %lu opened%s, %lu closed%s", balance.mapped,
		    balance.there, balance.opened, born, balance.closed, gone);
	more = surplus(&balance);
	if (lost)
		report_line("whether opens and closes balance is not known, as records were lost");
	else if (more < 0)
		report_line("%ld too many closed: the driver was not told of as many births", -more);
	else if (more > 0)
		report_line("%ld not closed: still mapped, or the driver was not told that they went",
			    more);
}

static void balance_json(struct json_object *line)
{
	struct driver_balance balance;
	struct json_object *out;

	if (!driver_balance(&balance))
		return;
	out = json_object_new_object();
	json_object_object_add(out, "mapped", json_object_new_int64(balance.mapped));
	json_object_object_add(out, "there", json_object_new_int64(balance.there));
	json_object_object_add(out, "opened", json_object_new_int64(balance.opened));
	json_object_object_add(out, "closed", json_object_new_int64(balance.closed));
	json_object_object_add(out, "born_unasked", json_object_new_int64(balance.born));
	json_object_object_add(out, "gone_unasked", json_object_new_int64(balance.gone));
	json_object_object_add(out, "not_closed", json_object_new_int64(surplus(&balance)));
	json_object_object_add(line, "driver", out);
}

static int finish(struct trace *trace)
{
	struct mmscope_info info = { .size = 0 };
	__u64 lost;

	settle(trace, NULL);
	lost = trace->watch.probe ? probe_lost() : 0;
	if (trace->watch.probe) {
		trace->total += probe_passed_over();
		shortage_add("faults", probe_unseen(0));
		shortage_add("skipped", probe_skipped());
		shortage_add("processes", probe_refused());
		shortage_add("calls", probe_lost_calls());
	}
	shortage_add("again", again_missed());
	shortage_add("unshown", trace->watch.unshown);
	if (trace->watch.scope.fd >= 0) {
		if (scope_info(trace->watch.scope.fd, &info))
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
		tell_balance(lost + probe_lost_calls());
	return shortage_tell("trace", true) || info.withheld ? EXIT_LOST : EXIT_HELD;
}

static int bad_word(const struct verb *verb, const char *word, const char *why)
{
	char text[200];

	snprintf(text, sizeof(text), "'%s'", word);
	return verb_usage(verb, text, why);
}

/* One option: 0, or an exit code after a complaint. */
static int take_option(struct trace *trace, const struct verb *verb, int c)
{
	const char *word = NULL, *why = NULL;

	switch (c) {
	case 'a':
		trace->all = true;
		break;
	case 'V':
		trace->verify = true;
		break;
	case 'H':
		return driver_choose(optarg);
	case 'p':
		trace->pid = optarg;
		break;
	case 'v':
		trace->filter.vma = optarg;
		break;
	case 'e':
		word = filter_types(&trace->filter, optarg);
		why = "no event is called so: the column event names them";
		break;
	case 'c':
		word = filter_classes(&trace->filter, optarg);
		why = "no class of faults is called so: see man mmscope";
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
	case 'o':
		word = columns_choose(optarg);
		why = columns_names();
		break;
	default:
		return EXIT_USAGE;
	}
	return word ? bad_word(verb, word, why) : 0;
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
	int c, code;

	columns_choose("");
	while ((c = verb_option(verb, argc, argv)) != -1) {
		code = take_option(&trace, verb, c);
		if (code)
			return code;
	}
	trace.watch.arg = &trace;
	if (filter_asks_for(&trace.filter, RECORD_FAILED))
		probe_failures();
	if (trace.verify && trace.pid)
		return verb_usage(verb, "--verify", "a command is needed");
	if (trace.verify && driver_chosen())
		return verb_usage(verb, "--verify", "not together with --hooks");
	/* Those of the driver are told by his hooks. */
	if (driver_chosen())
		probe_faults(FAULTS_IGNORED);
	if (trace.verify || driver_chosen())
		trace.watch.sources = WATCH_PROBE;
	if (trace.verify)
		trace.watch.before = verify_begin;
	else
		filter_pass_over(&trace.filter);
	code = watch_begin(&trace.watch, verb, trace.pid, argv + optind);
	if (code)
		return code;
	if (trace.verify)
		return verify_run();
	if (trace.watch.probe && trace.watch.scope.fd >= 0)
		about_both();
	if (!report_json)
		columns_heading();
	watch_run(&trace.watch);
	code = finish(&trace);
	driver_verdict();
	if (!trace.pid)
		watch_verdict(&trace.watch, argv[optind]);
	return code;
}
