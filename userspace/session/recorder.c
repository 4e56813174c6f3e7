// SPDX-License-Identifier: GPL-2.0
/*
 * Records what the module and the BPF programs tell, as they tell it, in a file. The file is
 * written each second, so that it is there even if the tool is killed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include "base/proc.h"
#include "record/record.h"
#include "recording/keyframe.h"
#include "recording/writer.h"
#include "session/flight.h"
#include "session/recorder.h"
#include "session/totals.h"
#include "symbolize/symbol.h"
#include "term/print.h"
#include "tracer/tap.h"
#include "tracer/tracer.h"

#define EACH_NS		1000000000ULL	/* time between two writes */
#define KEY_BYTES	(128ULL << 10)	/* bytes between two keyframes at least */
#define KEY_SHARE	16	/* and so many times the bytes of a keyframe */

/**
 * struct recorder - the recording that is being made
 * @writer: writes it
 * @path: name of its file
 * @began_ns: when the recording began
 * @wrote_ns: when the file was written last
 * @stacks: copies of stacks are told
 * @told: the user was told that no more is recorded
 * @ops: array of all struct recording_ops that were told
 * @key: the last keyframe
 * @key_at: bytes of the file up to the end of that keyframe
 * @key_size: bytes of that keyframe in the file
 * @plan: how much is recorded
 */
static struct recorder {
	struct recording_writer writer;
	const char *path;
	__u64 began_ns;
	__u64 wrote_ns;
	bool stacks;
	bool told;
	struct bytes ops;
	struct bytes key;
	__u64 key_at;
	__u64 key_size;
	struct recorder_plan plan;
} recorder;

static struct tracer_tap tap;

static void take_fault(const struct mmscope_event *raw)
{
	struct mmscope_event fault;

	recording_add_fault(&recorder.writer, raw);
	if (tap.shown || !recorder.plan.holds)
		return;
	/* tracer/decode.c sets this flag of a fault later. */
	fault = *raw;
	fault.flags |= RECORD_F_WHOLE;
	flight_look(&fault);
}

static void take_raw(const struct mmscope_event *raw, size_t size)
{
	recording_add(&recorder.writer, raw->type, raw, size, raw->time_ns);
}

static void take_ops(__u64 number, const struct raw_ops *hooks, const char *name)
{
	struct recording_ops ops = { .ops = number };

	for (unsigned int hook = 0; hook < RAW_NR_HOOKS; hook++)
		ops.hooks |= (__u64)!!hooks->hooks[hook] << hook;
	snprintf(ops.name, sizeof(ops.name), "%s", name ? name : "");
	bytes_add(&recorder.ops, &ops, sizeof(ops));
	recording_add(&recorder.writer, RECORDING_OPS, &ops, sizeof(ops), recorder.writer.now_ns);
}

static void take_drained(void)
{
	recording_add(&recorder.writer, RECORDING_DRAINED, NULL, 0, recorder.writer.now_ns);
}

/* Write the lines of /proc/meminfo that decide whether memory may be committed. */
static size_t describe_memory(char *buf, size_t size)
{
	static const char *const fields[] = {
		"MemTotal:", "SwapTotal:", "CommitLimit:", "Committed_AS:",
	};
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		n += snprintf(buf + n, size - n, "%s %ld\n", fields[i], proc_memory(fields[i]));
	return n;
}

static void take_commit(void)
{
	char text[256];
	size_t n = describe_memory(text, sizeof(text));

	recording_add(&recorder.writer, RECORDING_HOST_NOW, text, n, recorder.writer.now_ns);
}

static struct tracer_tap tap = {
	.fault = take_fault,
	.raw = take_raw,
	.ops = take_ops,
	.drained = take_drained,
	.commit = take_commit,
};

/* Record where code is: that can be asked only while the process lives. */
static void take_code(const struct symbol_range *range)
{
	struct recording_code code = {
		.mm = range->mm,
		.first = range->first,
		.start = range->start,
		.end = range->end,
		.base = range->base,
	};

	snprintf(code.name, sizeof(code.name), "%s", range->name);
	recording_add(&recorder.writer, RECORDING_CODE, &code, sizeof(code),
		      recorder.writer.now_ns);
}

/**
 * recorder_note - record a record of the module
 * @e: a record that is shown; the tracer's were recorded as raw records before
 */
void recorder_note(const struct mmscope_event *e)
{
	if (e->flags & RECORD_F_WHOLE || e->type >= RAW_MM)
		return;
	if (e->mm)
		totals_note(e->mm);
	symbol_note(e);
	recording_add(&recorder.writer, RECORDING_OF_DEVICE, e, sizeof(*e), e->time_ns);
}

static void each(const struct mmscope_event *e, void *arg)
{
	recorder_note(e);
	flight_look(e);
}

static void add_words(char **argv)
{
	char words[4096];
	size_t n = 0;

	for (; *argv && n + strlen(*argv) < sizeof(words); argv++) {
		memcpy(words + n, *argv, strlen(*argv) + 1);
		n += strlen(*argv) + 1;
	}
	if (n)
		recording_fact(&recorder.writer, RECORDING_COMMAND, words, n);
}

static void add_number(__u32 key, __u64 value)
{
	recording_fact(&recorder.writer, key, &value, sizeof(value));
}

static int complain(const char *path, int error)
{
	return report_fail(EXIT_ENVIRONMENT, path, strerror(error),
			   error == ENOSPC ? "choose a file elsewhere with --output" :
			   "choose another file with --output");
}

/* Write the head of the recording: it is known who tells, and nobody has told anything yet. */
static int begun(struct session *session)
{
	struct timespec real;
	int error;

	clock_gettime(CLOCK_REALTIME, &real);
	recorder.began_ns = time_now();
	recorder.wrote_ns = recorder.began_ns;
	add_number(RECORDING_BEGAN, recorder.began_ns);
	add_number(RECORDING_BEGAN_REAL, real.tv_sec * 1000000000ULL + real.tv_nsec);
	add_number(RECORDING_FEATURES, (session->device.fd >= 0 ? RECORDING_HAS_DEVICE : 0) |
		   (session->tracer ? RECORDING_HAS_PROBE : 0) |
		   (recorder.stacks ? RECORDING_HAS_STACKS : 0));
	error = recording_begin(&recorder.writer);
	return error ? complain(recorder.path, -error) : 0;
}

/*
 * Add a keyframe if one is due, so that a reader can begin there, at an instant or behind damage,
 * without what comes before.
 */
static void add_key(void)
{
	__u64 since = recorder.writer.whole - recorder.key_at;
	const struct recording_ops *ops = (const void *)recorder.ops.data;

	if (flight_runs() ? !flight_key_due(since) :
	    since < KEY_BYTES || since < KEY_SHARE * recorder.key_size)
		return;
	keyframe_make(&recorder.key, tap_hide);
	for (size_t i = 0; i < recorder.ops.size / sizeof(*ops); i++)
		keyframe_add_ops(&recorder.key, &ops[i]);
	recording_flush(&recorder.writer);
	recorder.key_at = recorder.writer.whole;
	recording_key(&recorder.writer, recorder.key.data, recorder.key.size);
	recorder.key_size = recorder.writer.whole - recorder.key_at;
	recorder.key_at = recorder.writer.whole;
}

/* Print that no more is recorded, since writing fails or --max-size is reached. */
static void tell_end(void)
{
	struct recorded now = recorder_now();

	recorder.told = true;
	if (now.error)
		report_message("%s: %s: no more is recorded; whole is what it has of the first "
			       "%llu.%06llu s", recorder.path, strerror(now.error),
			       now.ns / 1000000000, now.ns / 1000 % 1000000);
	else
		report_message("%s: --max-size is reached: no more is recorded; it has the first "
			       "%llu.%06llu s", recorder.path, now.ns / 1000000000,
			       now.ns / 1000 % 1000000);
}

/* Called every now and then: write the file once a second, and keyframes and files that are due. */
static void tick(struct session *session)
{
	recorder.writer.spare = totals_size();
	if (time_now() - recorder.wrote_ns >= EACH_NS) {
		recorder.wrote_ns = time_now();
		recording_flush(&recorder.writer);
	}
	if (session->tracer || flight_runs())
		add_key();
	if (flight_runs())
		flight_tick(session);
	if ((recorder.writer.error || recorder.writer.full) && !recorder.told)
		tell_end();
}

static void asked(struct session *session __unused)
{
	flight_ask();
}

/**
 * recorder_limit - set how much is recorded; is called before recorder_open()
 * @plan: how much
 */
void recorder_limit(const struct recorder_plan *plan)
{
	recorder.plan = *plan;
}

/**
 * recorder_open - begin a recording; is called before session_begin()
 * @session: session that is recorded. If its records are shown, @each is set, which calls
 *	recorder_note()
 * @path: name of the file
 * @argv: the command, whose first word is NULL for none
 * @stacks: copies of stacks are told, too
 *
 * Return: 0, or an exit code after a complaint
 */
int recorder_open(struct session *session, const char *path, char **argv, bool stacks)
{
	int error = recording_create(&recorder.writer, path);
	char memory[256];
	struct utsname uts;

	if (error)
		return complain(path, -error);
	recorder.path = path;
	recorder.stacks = stacks;
	recording_fact(&recorder.writer, RECORDING_TOOL, MMSCOPE_VERSION, strlen(MMSCOPE_VERSION));
	if (!uname(&uts))
		recording_fact(&recorder.writer, RECORDING_KERNEL, uts.release,
			       strlen(uts.release));
	add_number(RECORDING_PAGE_SIZE, proc_page_size());
	add_number(RECORDING_CLOCK, CLOCK_MONOTONIC);
	add_words(argv);
	recording_fact(&recorder.writer, RECORDING_HOST, memory,
		       describe_memory(memory, sizeof(memory)));
	tap.shown = session->each || recorder.plan.look;
	tracer_tap(&tap);
	symbol_on_learn(take_code);
	if (!session->each)
		session->each = each;
	session->begun = begun;
	session->tick = tick;
	if (recorder.plan.keep_ns) {
		flight_begin(&recorder.writer, &recorder.plan, path);
		session->asked = asked;
	} else {
		recorder.writer.most = recorder.plan.most;
	}
	return 0;
}

/**
 * recorder_drop - remove the file, since nothing could be watched
 */
void recorder_drop(void)
{
	recording_drop(&recorder.writer, recorder.path);
}

/**
 * recorder_now - what has become of the recording so far
 */
struct recorded recorder_now(void)
{
	const struct recording_writer *writer = &recorder.writer;
	struct recorded now = {
		.error = writer->error,
		.records = writer->record,
		.bytes = writer->whole,
		.ns = writer->last_ns > recorder.began_ns ? writer->last_ns - recorder.began_ns : 0,
		.beyond = writer->beyond,
	};

	flight_count(&now);
	return now;
}

/* End a recording of which the last part is kept: write that part to the file that was named. */
static struct recorded end_flight(struct session *session)
{
	struct recorded end;
	int error;

	recording_flush(&recorder.writer);
	flight_tick(session);
	error = flight_dump(session, recorder.path);
	end = recorder_now();
	end.error = -error;
	flight_end();
	if (!error)
		recording_end(&recorder.writer);
	else
		recording_drop(&recorder.writer, recorder.path);
	return end;
}

/* Add the last records. Room was left for them even where --max-size is reached. */
static void add_end(struct session *session)
{
	struct recording_writer *writer = &recorder.writer;

	recording_flush(writer);
	if (writer->full)
		writer->most = 0;
	writer->full = false;
	totals_add(writer, session, writer->beyond, true);
	recording_flush(writer);
}

/**
 * recorder_end - end the recording
 * @session: after session_run()
 *
 * Return: what has become of the recording
 */
struct recorded recorder_end(struct session *session)
{
	struct recorded end;
	int error;

	if (flight_runs())
		return end_flight(session);
	tick(session);
	add_end(session);
	if (recorder.writer.error && !recorder.told)
		tell_end();
	end = recorder_now();
	error = recording_end(&recorder.writer);
	end.bytes = recorder.writer.whole;
	end.error = -error;
	return end;
}
