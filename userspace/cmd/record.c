// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope record: writes what mmscope trace would show to a file, for other verbs to read later.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/proc.h"
#include "record/text.h"
#include "cmd/cmd.h"
#include "session/recorder.h"
#include "session/session.h"
#include "term/print.h"
#include "term/progress.h"
#include "term/verb.h"
#include "trace/condition.h"
#include "tracer/shortage.h"
#include "tracer/tracer.h"

#define USUAL	"mmscope.rec"
#define KEPT_MOST	(64ULL << 20)	/* bytes of memory for --keep without --max-size */
#define EACH_NS		500000000ULL	/* how often the progress is shown */
#define LEAST		(64ULL << 10)	/* the least that --max-size may be: less holds nothing */

/**
 * struct record - the command line
 * @path: name of the file
 * @stacks: copy user stacks, too
 * @plan: limits of the recording, and when a part of it is written
 */
struct record {
	const char *path;
	bool stacks;
	struct recorder_plan plan;
};

/**
 * struct progress - the line of progress on the terminal
 * @below: the recorder's own tick function, which tick() replaces and calls
 * @began_ns: time at which the recording began
 * @told_ns: time at which the line was shown last
 */
static struct progress {
	void (*below)(struct session *session);
	__u64 began_ns;
	__u64 told_ns;
} progress;

static void tick(struct session *session)
{
	__u64 now = time_now();
	struct recorded state;

	progress.below(session);
	if (now - progress.told_ns < EACH_NS || report_json || !progress_wanted())
		return;
	progress.told_ns = now;
	state = recorder_now();
	now -= progress.began_ns;
	progress_show("%llu records, %llu KiB, %llu.%llu s, %llu lost", state.records,
		      (state.bytes + 1023) / 1024, now / 1000000000, now / 100000000 % 10,
		      session->tracer ? tracer_lost() : 0);
}

static void add_shortages(const struct session *session, const struct recorded *end)
{
	struct mmscope_info info = { 0 };

	shortage_add("unshown", session->unshown);
	shortage_add("beyond", end->beyond);
	shortage_add("cut", end->cut);
	if (session->tracer) {
		shortage_add("records", tracer_lost());
		shortage_add("faults", tracer_unseen(0));
		shortage_add("skipped", tracer_skipped());
		shortage_add("processes", tracer_refused());
		shortage_add("stacks", tracer_lost_stacks());
	}
	if (session->device.fd >= 0 && !device_info(session->device.fd, &info))
		shortage_add("records", info.lost + info.dropped);
}

static void put(struct json_object *o, const char *name, __u64 value)
{
	json_object_object_add(o, name, json_object_new_uint64(value));
}

/* The files that --keep has written, and for each the record that met --trigger, if one did. */
static struct json_object *files_of(const struct recorded *end)
{
	struct json_object *files = json_object_new_array();

	for (size_t i = 0; i < end->nr_files; i++) {
		const struct recorded_file *file = &end->files[i];
		struct json_object *o = json_object_new_object(), *by = NULL;

		json_object_object_add(o, "file", json_object_new_string(file->path));
		put(o, "records", file->records);
		put(o, "bytes", file->bytes);
		put(o, "ns", file->ns);
		if (file->by.time_ns) {
			by = json_object_new_object();
			put(by, "time_ns", file->by.time_ns);
			put(by, "mm", file->by.mm);
			put(by, "tid", file->by.tid);
			json_object_object_add(by, "event",
					       json_object_new_string(event_name(file->by.type)));
		}
		json_object_object_add(o, "by", by);
		json_object_array_add(files, o);
	}
	return files;
}

static void report_object_of(const struct record *record, const struct recorded *end)
{
	struct json_object *o = report_object();

	json_object_object_add(o, "file", record->plan.keep_ns && end->error ? NULL :
			       json_object_new_string(record->path));
	put(o, "records", end->records);
	put(o, "bytes", end->bytes);
	put(o, "whole_ns", end->ns);
	if (record->plan.keep_ns) {
		put(o, "dumps", end->dumps);
		put(o, "failed", end->failed);
		json_object_object_add(o, "files", files_of(end));
	}
	if (record->plan.condition) {
		json_object_object_add(o, "trigger",
				       json_object_new_string(record->plan.condition));
		put(o, "met", end->met);
	}
	json_object_object_add(o, "error", json_object_new_int(end->error));
	json_object_object_add(o, "short", shortage_json());
	report_object_print(o);
}

static int report(const struct session *session, const struct record *record,
		  const struct recorded *end)
{
	const char *last = record->plan.keep_ns ? "the last " : "";
	__u64 others;
	bool lost;

	add_shortages(session, end);
	lost = shortage_tell("record", false);
	if (report_json)
		report_object_of(record, end);
	else if (record->plan.keep_ns && end->error)
		report_line("%s is not written", record->path);
	else
		report_line("%s: %llu records of %s%llu.%03llu s, %llu KiB", record->path,
			    end->records, last, end->ns / 1000000000, end->ns / 1000000 % 1000,
			    (end->bytes + 1023) / 1024);
	others = end->dumps - !end->error;
	if (record->plan.keep_ns && !report_json && others)
		report_line("%llu other %s", others, others > 1 ? "files" : "file");
	if (record->plan.condition && !report_json && end->met)
		report_line("%s: met by %llu %s", record->plan.condition, end->met,
			    end->met > 1 ? "records" : "record");
	else if (record->plan.condition && !report_json)
		report_line("%s: never met", record->plan.condition);
	return lost || end->error || end->failed ? EXIT_LOST : EXIT_HELD;
}

/* Parse a number of bytes: 64M, 1G. Return: 0 if the text is none. */
static __u64 size_of(const char *text)
{
	static const char units[] = "KMGT";
	char *end;
	__u64 number = strtoull(text, &end, 10);
	const char *unit = *end ? strchr(units, *end) : NULL;

	if (end == text || *text < '0' || *text > '9' || (*end && (!unit || end[1])))
		return 0;
	if (unit && number > ~0ULL >> 10 * (unit - units + 1))
		return 0;
	return unit ? number << 10 * (unit - units + 1) : number;
}

/* Parse a duration: 30s, 500ms, 2m. Return: ns; 0 if the text is none. */
static __u64 time_of(const char *text)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = { { "", 1e9 }, { "s", 1e9 }, { "ms", 1e6 }, { "m", 60e9 }, { "h", 3600e9 } };
	char *end;
	double number = strtod(text, &end);

	if (end == text || !(number > 0 && number < 1e6))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (!strcmp(end, units[i].name))
			return number * units[i].ns;
	return 0;
}

static struct condition condition;

static bool holds(const struct mmscope_event *e)
{
	return condition_holds(&condition, e);
}

static int take_condition(struct record *record)
{
	record->plan.condition = optarg;
	record->plan.holds = holds;
	return condition_parse(&condition, optarg);
}

static int take_limit(struct record *record, const struct verb *verb, int c)
{
	switch (c) {
	case 'm':
		record->plan.most = size_of(optarg);
		return record->plan.most >= LEAST ? 0 :
		       verb_usage(verb, optarg, "no number of bytes from 64K on: 100M");
	default:
		record->plan.keep_ns = time_of(optarg);
		return record->plan.keep_ns >= 100000000 ? 0 :
		       verb_usage(verb, optarg, "no time from 100ms on: 30s");
	}
}

/* Take one option. Return: 0, or an exit code after a message. */
static int take_option(struct record *record, struct session *session,
		       const struct verb *verb, int c)
{
	if (strchr(WHOM_LETTERS, c))
		return whom_option(&session->whom, verb, c, optarg);
	switch (c) {
	case 'o':
		record->path = optarg;
		return 0;
	case 's':
		if (optarg && strcmp(optarg, "dwarf"))
			return verb_usage(verb, optarg, "stacks are recorded for dwarf alone");
		record->stacks = true;
		return 0;
	case 'm':
	case 'k':
		return take_limit(record, verb, c);
	case 't':
		return take_condition(record);
	case 'b':
		return !tracer_buffer(optarg) ? 0 :
		       verb_usage(verb, optarg, "no size in KiB from 16 to 1048576");
	default:
		return EXIT_USAGE;
	}
}

/* Tell the recorder its limits. */
static void limit(const struct record *record)
{
	struct recorder_plan plan = record->plan;

	if (plan.keep_ns && !plan.most)
		plan.most = KEPT_MOST;
	recorder_limit(&plan);
}

static int start(struct session *session, const struct verb *verb, struct record *record,
		 char **argv)
{
	int code;

	if (!whom_any(&session->whom) == !*argv)
		return verb_usage(verb, verb->name, *argv ? "processes or a command, not both" :
				  "whom to record?");
	if (record->plan.condition && !record->plan.keep_ns)
		return verb_usage(verb, "--trigger", "it writes what --keep keeps");
	if (record->plan.condition)
		record->plan.look = condition_needs(&condition);
	limit(record);
	if (record->stacks) {
		tracer_faults(FAULTS_TIMED);
		tracer_again();
		tracer_stacks(STACKS_DWARF);
	}
	code = recorder_open(session, record->path, argv, record->stacks);
	if (code)
		return code;
	progress.below = session->tick;
	progress.began_ns = time_now();
	session->tick = tick;
	code = session_begin(session, verb, NULL, argv);
	if (code)
		recorder_drop();
	return code;
}

/**
 * cmd_record - run the verb record
 * @verb: row of the verb in the table of cmd/main.c
 * @argc: number of words
 * @argv: the words of the command line, the verb itself first
 *
 * Return: an exit code
 */
int cmd_record(const struct verb *verb, int argc, char **argv)
{
	struct record record = { .path = USUAL };
	static struct session session;
	struct recorded end;
	int c, code = 0;

	while (!code && (c = verb_option(verb, argc, argv)) != -1)
		code = take_option(&record, &session, verb, c);
	if (!code)
		code = start(&session, verb, &record, argv + optind);
	if (code)
		return code;
	session_run(&session);
	progress_clear();
	end = recorder_end(&session);
	code = report(&session, &record, &end);
	condition_free(&condition);
	if (!whom_any(&session.whom))
		session_verdict(&session, argv[optind]);
	return code;
}
