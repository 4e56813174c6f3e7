// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope record: what trace would show goes to a file, and is asked for later.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cmd/cmd.h"
#include "session/recorder.h"
#include "session/session.h"
#include "term/print.h"
#include "term/verb.h"
#include "tracer/shortage.h"
#include "tracer/tracer.h"

#define USUAL	"mmscope.rec"

/**
 * struct record - the command line
 * @path: of the file
 * @stacks: copy them
 */
struct record {
	const char *path;
	bool stacks;
};

static void add_shortages(const struct watch *watch)
{
	struct mmscope_info info = { 0 };

	shortage_add("unshown", watch->unshown);
	if (watch->probe) {
		shortage_add("records", probe_lost());
		shortage_add("faults", probe_unseen(0));
		shortage_add("skipped", probe_skipped());
		shortage_add("processes", probe_refused());
		shortage_add("stacks", probe_lost_stacks());
	}
	if (watch->scope.fd >= 0 && !scope_info(watch->scope.fd, &info))
		shortage_add("records", info.lost + info.dropped);
}

static int report(const struct watch *watch, const struct record *record,
		  const struct recorded *end)
{
	struct json_object *o;
	bool lost;

	add_shortages(watch);
	lost = shortage_tell("record", false);
	if (report_json) {
		o = report_object();
		json_object_object_add(o, "file", json_object_new_string(record->path));
		json_object_object_add(o, "records", json_object_new_uint64(end->records));
		json_object_object_add(o, "bytes", json_object_new_uint64(end->bytes));
		json_object_object_add(o, "whole_ns", json_object_new_uint64(end->ns));
		json_object_object_add(o, "error", json_object_new_int(end->error));
		json_object_object_add(o, "short", shortage_json());
		report_object_print(o);
	} else {
		report_line("%s: %llu records of %llu.%03llu s, %llu KiB", record->path,
			    end->records, end->ns / 1000000000, end->ns / 1000000 % 1000,
			    (end->bytes + 1023) / 1024);
	}
	return lost || end->error ? EXIT_LOST : EXIT_HELD;
}

/* 0, or an exit code after a complaint. */
static int take_option(struct record *record, struct watch *watch, const struct verb *verb, int c)
{
	if (strchr(WHOM_LETTERS, c))
		return whom_option(&watch->whom, verb, c, optarg);
	switch (c) {
	case 'o':
		record->path = optarg;
		return 0;
	case 's':
		if (optarg && strcmp(optarg, "dwarf"))
			return verb_usage(verb, optarg, "stacks are recorded for dwarf alone");
		record->stacks = true;
		return 0;
	case 'b':
		return !probe_buffer(optarg) ? 0 :
		       verb_usage(verb, optarg, "no size in KiB from 16 to 1048576");
	default:
		return EXIT_USAGE;
	}
}

static int start(struct watch *watch, const struct verb *verb, const struct record *record,
		 char **argv)
{
	int code;

	if (!whom_any(&watch->whom) == !*argv)
		return verb_usage(verb, verb->name, *argv ? "processes or a command, not both" :
				  "whom to record?");
	if (record->stacks) {
		probe_faults(FAULTS_TIMED);
		probe_again();
		probe_stacks(STACKS_DWARF);
	}
	code = recorder_open(watch, record->path, argv, record->stacks);
	if (code)
		return code;
	code = watch_begin(watch, verb, NULL, argv);
	if (code)
		recorder_drop();
	return code;
}

/**
 * cmd_record - the verb
 * @verb: its row
 * @argc: words
 * @argv: words
 */
int cmd_record(const struct verb *verb, int argc, char **argv)
{
	struct record record = { .path = USUAL };
	static struct watch watch;
	struct recorded end;
	int c, code = 0;

	while (!code && (c = verb_option(verb, argc, argv)) != -1)
		code = take_option(&record, &watch, verb, c);
	if (!code)
		code = start(&watch, verb, &record, argv + optind);
	if (code)
		return code;
	watch_run(&watch);
	end = recorder_end(&watch);
	code = report(&watch, &record, &end);
	if (!whom_any(&watch.whom))
		watch_verdict(&watch, argv[optind]);
	return code;
}
