// SPDX-License-Identifier: GPL-2.0
/*
 * A recording of which only the last part is kept, in memory, until somebody asks for it: then that
 * goes to a file, and the recording goes on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/proc.h"
#include "record/record.h"
#include "record/text.h"
#include "session/flight.h"
#include "session/totals.h"
#include "term/print.h"
#include "tracer/queue.h"

#define SHARES		8	/* segments of what is kept, of equal time or size */
#define BETWEEN_NS	1000000000ULL	/* two dumps; what asks for one meanwhile gets it then */
#define SUFFIX		".rec"
#define MET_MOST	100	/* files that the condition has written: a disk has an end */

/**
 * struct flight - what is kept, and what became of it
 * @writer: the recording, NULL where all of it goes to a file
 * @path: of the last file of all
 * @plan: how much is kept
 * @tail: it
 * @asked: somebody asks for it
 * @met: records that satisfied the condition
 * @by: the first of those that no file has; its time is 0 where there is none
 * @words: it, as trace would show it
 * @met_files: files that were written for that
 * @began_ns: when all of it began
 * @now_ns: the time; when it has ended, that of the end: what comes after that is not of interest
 * @dumped_ns: when it was written last
 * @files: that were begun with a number
 * @dumps: files that were written
 * @failed: files that could not be written
 * @cut: files that have less than was asked for, as there was no room for more
 * @written: those that have numbers
 * @nr_written: how many
 */
static struct flight {
	struct recording_writer *writer;
	const char *path;
	struct recorder_plan plan;
	struct tail tail;
	bool asked;
	__u64 met;
	struct mmscope_event by;
	char words[300];
	unsigned int met_files;
	__u64 began_ns;
	__u64 now_ns;
	__u64 dumped_ns;
	unsigned int files;
	unsigned int dumps;
	__u64 failed;
	__u64 cut;
	struct recorded_file *written;
	size_t nr_written;
} flight;

/**
 * flight_begin - keep the last part of a recording
 * @writer: it; nothing was added yet
 * @plan: how much
 * @path: of the file that it goes to in the end; others have numbers beside
 */
void flight_begin(struct recording_writer *writer, const struct recorder_plan *plan,
		  const char *path)
{
	const struct recording_index beginning = { 0 };

	flight.writer = writer;
	flight.plan = *plan;
	flight.path = path;
	writer->tail = &flight.tail;
	flight.now_ns = time_now();
	flight.began_ns = flight.now_ns;
	tail_cut(&flight.tail, &beginning, flight.now_ns);
}

/**
 * flight_runs - is only the last part kept?
 */
bool flight_runs(void)
{
	return flight.writer;
}

/* How long it is since something was begun, at this moment or, by the machine's clock, behind it */
static __u64 age(const struct tail_segment *segment)
{
	return flight.now_ns > segment->began_ns ? flight.now_ns - segment->began_ns : 0;
}

/**
 * flight_key_due - is a segment to begin?
 * @since: bytes since the last one did, without its keyframe
 */
bool flight_key_due(__u64 since)
{
	if (!since)
		return false;
	return since >= flight.plan.most / SHARES ||
	       age(flight.tail.last) >= flight.plan.keep_ns / SHARES;
}

static __u64 wanted_from(void)
{
	return flight.now_ns - flight.plan.keep_ns;
}

/* Let go what is too old, or too much. */
static void trim(void)
{
	tail_trim(&flight.tail, wanted_from(), flight.plan.most);
}

/**
 * flight_ask - have what is kept written, soon
 */
void flight_ask(void)
{
	flight.asked = true;
}

/* What it tells beside itself is known now. */
static void keep_words(const struct mmscope_event *e)
{
	bool whole = e->flags & RECORD_F_WHOLE && e->type != MMSCOPE_FAULT;
	const struct event_about about = { .extra = whole ? queue_extra_last() : NULL };
	struct event_text text;

	event_text(e, &about, &text);
	snprintf(flight.words, sizeof(flight.words), "%.20s %s%s%.200s", text.event, text.where,
		 *text.where ? " " : "", text.what);
}

/**
 * flight_look - have what is kept written if a record satisfies the condition
 * @e: the record, as it is read; a fault may lack what only looking at it further tells
 */
void flight_look(const struct mmscope_event *e)
{
	if (!flight.plan.holds || !flight.plan.holds(e))
		return;
	flight.met++;
	if (flight.by.time_ns)
		return;
	flight.by = *e;
	keep_words(e);
}

/* What the next file is called: file.1.rec, file.2.rec */
static void next_name(char *buf, size_t size)
{
	size_t n = strlen(flight.path), suffix = strlen(SUFFIX);
	bool has = n > suffix && !strcmp(flight.path + n - suffix, SUFFIX);

	snprintf(buf, size, "%.*s.%u%s", (int)(has ? n - suffix : n), flight.path,
		 flight.files + 1, has ? SUFFIX : "");
}

/* Which record it was */
static void tell_condition(void)
{
	const struct mmscope_event *e = &flight.by;
	__u64 ns = e->time_ns > flight.began_ns ? e->time_ns - flight.began_ns : 0;

	report_message("%s: met %llu.%06llu s after the beginning, by thread %u: %s",
		       flight.plan.condition, ns / 1000000000, ns / 1000 % 1000000, e->tid,
		       flight.words);
}

/* A file that has a number. */
static void note_file(const struct recording_writer *to, const char *path)
{
	struct recorded_file file = {
		.path = strdup(path),
		.records = flight.writer->record - flight.tail.first->key.record,
		.bytes = to->whole,
		.ns = age(flight.tail.first),
		.by = flight.by,
	};

	flight.written = realloc(flight.written, (flight.nr_written + 1) * sizeof(file));
	if (!flight.written || !file.path)
		abort();
	flight.written[flight.nr_written++] = file;
	report_message("%s: %llu records of the last %llu.%03llu s, %llu KiB", path, file.records,
		       file.ns / 1000000000, file.ns / 1000000 % 1000, (file.bytes + 1023) / 1024);
}

/**
 * flight_dump - put what is kept into a file
 * @session: whose it is
 * @path: of the file
 *
 * Return: 0, or -errno after a complaint
 */
int flight_dump(const struct session *session, const char *path)
{
	struct recording_writer to;
	int error;

	trim();
	flight.dumped_ns = time_now();
	error = recording_dump(&to, flight.writer, path);
	if (!error) {
		totals_add(&to, session, 0, !flight.tail.gone);
		error = recording_end(&to);
	}
	if (!error && flight.tail.needed_ns > wanted_from())
		flight.cut++;
	if (error) {
		flight.failed++;
		report_message("%s: %s: nothing is kept in it", path, strerror(-error));
	} else {
		flight.dumps++;
	}
	if (flight.by.time_ns)
		tell_condition();
	if (!error && path != flight.path)
		note_file(&to, path);
	flight.asked = false;
	flight.by.time_ns = 0;
	return error;
}

/*
 * Who asks gets a file within a second. What the condition has written has been kept since the file
 * before, so that each record that satisfies it is in one file, and files are as few as can be.
 */
static bool is_due(const struct session *session)
{
	__u64 since = time_now() - flight.dumped_ns;

	if (flight.asked)
		return since >= BETWEEN_NS;
	/* At the end there is a file anyway. */
	if (!flight.by.time_ns || session->ended || flight.met_files > MET_MOST)
		return false;
	if (flight.dumped_ns && since < flight.plan.keep_ns)
		return false;
	if (flight.met_files++ < MET_MOST)
		return true;
	report_message("%s: %u files are written for it: no more are", flight.plan.condition,
		       MET_MOST);
	return false;
}

/**
 * flight_tick - let go what is old, and write a file if somebody asked for it
 * @session: whose it is
 */
void flight_tick(const struct session *session)
{
	char path[4096];

	if (!session->ended)
		flight.now_ns = time_now();
	trim();
	if (!is_due(session))
		return;
	next_name(path, sizeof(path));
	flight.files++;
	flight_dump(session, path);
}

/**
 * flight_count - what became of it
 * @end: its members about files become it; and what is kept at the moment
 */
void flight_count(struct recorded *end)
{
	if (!flight.writer)
		return;
	end->dumps = flight.dumps;
	end->failed = flight.failed;
	end->cut = flight.cut;
	end->files = flight.written;
	end->nr_files = flight.nr_written;
	end->met = flight.met;
	end->bytes = flight.tail.size;
	end->records -= flight.tail.first->key.record;
	end->ns = age(flight.tail.first);
}

/**
 * flight_end - nothing more is kept
 */
void flight_end(void)
{
	tail_free(&flight.tail);
	flight.writer = NULL;
}
