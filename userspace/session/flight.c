// SPDX-License-Identifier: GPL-2.0
/*
 * A recording of which only the last part is kept, in memory. When somebody asks for that part, it
 * is written to a file, and the recording goes on.
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

#define SHARES		8	/* number of segments of equal time or size that are kept */
#define BETWEEN_NS	1000000000ULL	/* time between two files; who asks meanwhile has to wait */
#define SUFFIX		".rec"
#define MET_MOST	100	/* files that the condition may write at most */

/**
 * struct flight - the part that is kept, and the files that were written of it
 * @writer: the recording, NULL where all of it goes to a file
 * @path: name of the file that is written at the end
 * @plan: how much is kept
 * @tail: the part that is kept
 * @asked: somebody has asked for a file
 * @met: number of records that satisfied the condition
 * @by: the first of these records that is in no file yet; its time is 0 where there is none
 * @words: @by in words, as mmscope trace would show it
 * @met_files: number of files that were written because of the condition
 * @began_ns: when the recording began
 * @now_ns: time of the last tick, or of the end: later records are not of interest
 * @dumped_ns: when a file was written last
 * @files: number of files with numbers that were begun
 * @dumps: number of files that were written
 * @failed: number of files that could not be written
 * @cut: number of files with less than was asked for, since there was no room for more
 * @written: files with numbers that were written
 * @nr_written: number of elements of @written
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
 * flight_begin - begin to keep the last part of a recording
 * @writer: the recording, to which nothing was added yet
 * @plan: how much is kept
 * @path: name of the file that is written at the end; others get numbers
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
 * flight_runs - is only the last part of the recording kept?
 */
bool flight_runs(void)
{
	return flight.writer;
}

/* The age of a segment in ns; 0 for one that begins behind the time of the last tick. */
static __u64 age(const struct tail_segment *segment)
{
	return flight.now_ns > segment->began_ns ? flight.now_ns - segment->began_ns : 0;
}

/**
 * flight_key_due - is it time for a new segment, with a keyframe?
 * @since: bytes since the last segment began, without its keyframe
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

/* Free segments that are too old, or that exceed the size. */
static void trim(void)
{
	tail_trim(&flight.tail, wanted_from(), flight.plan.most);
}

/**
 * flight_ask - ask for a file with what is kept; flight_tick() writes it
 */
void flight_ask(void)
{
	flight.asked = true;
}

/* Keep a record in words, while what it tells beside its struct is known. */
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
 * flight_look - ask for a file if a record satisfies the condition
 * @e: the record as it is read; a fault may lack what only decoding tells
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

/* The name of the next file with a number: file.1.rec, file.2.rec */
static void next_name(char *buf, size_t size)
{
	size_t n = strlen(flight.path), suffix = strlen(SUFFIX);
	bool has = n > suffix && !strcmp(flight.path + n - suffix, SUFFIX);

	snprintf(buf, size, "%.*s.%u%s", (int)(has ? n - suffix : n), flight.path,
		 flight.files + 1, has ? SUFFIX : "");
}

/* Print which record satisfied the condition. */
static void tell_condition(void)
{
	const struct mmscope_event *e = &flight.by;
	__u64 ns = e->time_ns > flight.began_ns ? e->time_ns - flight.began_ns : 0;

	report_message("%s: met %llu.%06llu s after the beginning, by thread %u: %s",
		       flight.plan.condition, ns / 1000000000, ns / 1000 % 1000000, e->tid,
		       flight.words);
}

/* Note and print a file with a number that was written. */
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
 * flight_dump - write what is kept to a file
 * @session: session that is recorded
 * @path: name of the file
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
 * Is a file to be written now? Who asks gets it within a second. A file because of the condition is
 * written only when all of what is kept is newer than the file before: so each record that
 * satisfies the condition is in a file, and there are as few files as can be.
 */
static bool is_due(const struct session *session)
{
	__u64 since = time_now() - flight.dumped_ns;

	if (flight.asked)
		return since >= BETWEEN_NS;
	/* At the end of the recording a file is written anyway. */
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
 * flight_tick - free what is too old, and write a file if one is due
 * @session: session that is recorded
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
 * flight_count - say what became of the recording
 * @end: is filled with the numbers of files, and with what is kept at present
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
 * flight_end - free what is kept
 */
void flight_end(void)
{
	tail_free(&flight.tail);
	flight.writer = NULL;
}
