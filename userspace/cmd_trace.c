// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope trace: one line for each thing that happens to a process's memory, while it happens.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "about.h"
#include "event.h"
#include "probe.h"
#include "report.h"
#include "verify.h"
#include "watch.h"

/**
 * struct trace - what one trace remembers
 * @watch: the log
 * @all: show may_split questions that are followed by their split
 * @started: time of the first record
 * @shown: lines so far
 * @asked: a may_split question that waits for its split
 * @waiting: there is one
 */
struct trace {
	struct watch watch;
	bool all;
	__u64 started;
	unsigned long shown;
	struct mmscope_event asked;
	bool waiting;
};

static void show(struct trace *trace, const struct mmscope_event *e)
{
	if (!trace->started)
		trace->started = e->time_ns;
	trace->shown++;
	report_event(e, trace->started, about(e));
}

static void settle(struct trace *trace, const struct mmscope_event *next)
{
	bool answered = next && next->type == MMSCOPE_SPLIT && next->mm == trace->asked.mm &&
			next->aux == trace->asked.aux;

	if (trace->waiting && (!answered || trace->all))
		show(trace, &trace->asked);
	trace->waiting = false;
}

static void each(const struct mmscope_event *e, void *arg)
{
	struct trace *trace = arg;

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
	struct mmscope_info info;
	__u64 lost;

	settle(trace, NULL);
	lost = trace->watch.probe ? probe_lost() : 0;
	if (trace->watch.scope.fd >= 0) {
		if (scope_info(trace->watch.scope.fd, &info))
			return EXIT_ENVIRONMENT;
		lost += info.lost + info.dropped;
	}
	if (report_json) {
		struct json_object *line = report_object();

		json_object_object_add(line, "event", json_object_new_string("summary"));
		json_object_object_add(line, "events", json_object_new_int64(trace->shown));
		json_object_object_add(line, "lost", json_object_new_int64(lost));
		report_object_print(line);
	} else {
		report_line("%lu events, %llu lost", trace->shown, lost);
	}
	return lost ? EXIT_LOST : EXIT_HELD;
}

static int begin(struct trace *trace, const struct verb *verb, const char *pid, char **argv)
{
	char *end;
	long number;

	if (!pid == !*argv)
		return verb_usage(verb, "trace", pid ? "a PID or a command, not both" :
				  "whom to watch?");
	if (!pid)
		return watch_command(&trace->watch, argv);
	number = strtol(pid, &end, 10);
	if (*end || number <= 0)
		return verb_usage(verb, pid, "no process id");
	return watch_pid(&trace->watch, number);
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
	const char *pid = NULL;
	bool verify = false;
	int c, code;

	while ((c = verb_option(verb, argc, argv)) != -1) {
		if (c == '?')
			return EXIT_USAGE;
		else if (c == 'a')
			trace.all = true;
		else if (c == 'V')
			verify = true;
		else
			pid = optarg;
	}
	trace.watch.arg = &trace;
	if (verify && pid)
		return verb_usage(verb, "--verify", "a command is needed");
	if (verify) {
		trace.watch.sources = WATCH_PROBE;
		trace.watch.before = verify_begin;
	}
	code = begin(&trace, verb, pid, argv + optind);
	if (code)
		return code;
	if (verify)
		return verify_run();
	if (!report_json)
		report_line("%-10s %7s %-11s %-21s %s", "   time", "tid", "event",
			    "range or address", "what");
	watch_run(&trace.watch);
	code = finish(&trace);
	if (!pid)
		watch_verdict(&trace.watch, argv[optind]);
	return code;
}
