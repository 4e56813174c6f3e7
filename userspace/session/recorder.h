/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SESSION_RECORDER_H
#define MMSCOPE_SESSION_RECORDER_H

#include "session/session.h"

/**
 * struct recorded_file - a file that was written of what is kept, while that went on
 * @path: its name
 * @records: that are in it
 * @bytes: of it
 * @ns: how long a time it has
 * @by: the record that satisfied the condition; its time is 0 where somebody asked for the file
 */
struct recorded_file {
	char *path;
	__u64 records;
	__u64 bytes;
	__u64 ns;
	struct mmscope_event by;
};

/**
 * struct recorded - what became of a recording
 * @error: errno of what could not be written, 0 for nothing
 * @records: that are in the file, or are kept
 * @bytes: of the file
 * @ns: until when it is whole, from its beginning; of what is kept, how long that is
 * @beyond: records that found no room in it
 * @dumps: files that were written of what is kept
 * @failed: files that could not be written
 * @cut: files that have less than was asked for, as there was no room for more
 * @files: those of @dumps that were written meanwhile; they stay
 * @nr_files: how many
 * @met: records that satisfied the condition
 */
struct recorded {
	int error;
	__u64 records;
	__u64 bytes;
	__u64 ns;
	__u64 beyond;
	__u64 dumps;
	__u64 failed;
	__u64 cut;
	const struct recorded_file *files;
	size_t nr_files;
	__u64 met;
};

/**
 * struct recorder_plan - how much is recorded, if not all
 * @most: bytes that a file may have, 0 for any number
 * @keep_ns: only the last part, of so long a time, is kept, and in memory; 0 for all
 * @condition: a record that satisfies it has what is kept written; as typed, or NULL
 * @holds: does a record satisfy it?
 * @look: this can be said of a fault only when it was looked at further
 */
struct recorder_plan {
	__u64 most;
	__u64 keep_ns;
	const char *condition;
	bool (*holds)(const struct mmscope_event *e);
	bool look;
};

void recorder_limit(const struct recorder_plan *plan);
int recorder_open(struct session *session, const char *path, char **argv, bool stacks);
void recorder_drop(void);
void recorder_note(const struct mmscope_event *e);
struct recorded recorder_now(void);
struct recorded recorder_end(struct session *session);

#endif
