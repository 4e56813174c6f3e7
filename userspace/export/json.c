// SPDX-License-Identifier: GPL-2.0
/*
 * Lines of JSON, as mmscope trace --json has them, and stacks; the manual says what they are.
 */
#include "base/proc.h"
#include "bpf/tracer_abi.h"
#include "export/callers.h"
#include "export/code.h"
#include "export/export.h"
#include "export/json_line.h"
#include "record/record.h"
#include "session/kept.h"
#include "term/print.h"
#include "trace/context.h"
#include "tracer/again.h"
#include "tracer/shortage.h"

/**
 * struct lines - what is written
 * @out: where to
 * @events: so far
 * @stacks: there are copies of some
 */
struct lines {
	FILE *out;
	__u64 events;
	bool stacks;
};

static void each(const struct mmscope_event *e, void *arg)
{
	struct lines *lines = arg;
	__u32 callers = 0;
	const char *text;
	size_t n;

	event_context_note(e);
	/* A copy of a stack is no record of what happened. */
	if (e->type >= RAW_MM)
		return;
	lines->events++;
	if (lines->stacks && e->type == MMSCOPE_FAULT && e->flags & RECORD_F_WHOLE)
		callers = callers_told(e);
	text = json_line(e, about(e), callers, &n);
	fwrite_unlocked(text, 1, n, lines->out);
	fputc_unlocked('\n', lines->out);
}

static void add(struct json_object *o, const char *name, __u64 value)
{
	json_object_object_add(o, name, json_object_new_uint64(value));
}

static void write_summary(const struct session *session, const struct lines *lines)
{
	struct json_object *o = report_object();

	json_object_object_add(o, "event", json_object_new_string("summary"));
	json_object_object_add(o, "command", json_object_new_string(kept_command()));
	add(o, "page_size", proc_page_size());
	add(o, "events", lines->events);
	add(o, "lost", export_lost());
	add(o, "withheld", session->info.withheld);
	add(o, "again_missed", again_missed());
	json_object_object_add(o, "short", shortage_json());
	fprintf(lines->out, "%s\n", json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
}

/**
 * export_json - write records as lines of JSON
 * @session: the recording
 * @out: where to
 */
int export_json(struct session *session, FILE *out)
{
	struct lines lines = { .out = out, .stacks = kept_stacks() };

	if (lines.stacks)
		callers_begin();
	export_read(session, each, &lines);
	if (lines.stacks)
		code_look_up();
	write_summary(session, &lines);
	return EXIT_HELD;
}
