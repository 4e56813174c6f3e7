/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SESSION_RECORDER_H
#define MMSCOPE_SESSION_RECORDER_H

#include "session/session.h"

/**
 * struct recorded_file - a file that was written of what is kept, while the recording went on
 * @path: name of the file
 * @records: number of records in it
 * @bytes: size of the file
 * @ns: time from its first to its last record
 * @by: record that satisfied the condition; its time is 0 where somebody asked for the file
 */
struct recorded_file {
	char *path;
	__u64 records;
	__u64 bytes;
	__u64 ns;
	struct mmscope_event by;
};

/**
 * struct recorded - what has become of a recording
 * @error: errno of writing, 0 for success
 * @records: number of records that are in the file, or are kept
 * @bytes: size of the file, or of what is kept
 * @ns: time from the beginning up to which the recording is whole; or the time that is kept
 * @beyond: number of records that found no room in the file
 * @dumps: number of files that were written of what is kept
 * @failed: number of files that could not be written
 * @cut: number of files with less than was asked for, since there was no room for more
 * @files: files with numbers that were written; valid until the tool ends
 * @nr_files: number of elements of @files
 * @met: number of records that satisfied the condition
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
 * struct recorder_plan - how much is recorded
 * @most: bytes that the file may have, or that may be kept; 0 for any number
 * @keep_ns: time of the last part that is kept in memory; 0 if all is recorded
 * @condition: condition on a record that has what is kept written, as typed; or NULL
 * @holds: says whether a record satisfies the condition; NULL if there is none
 * @look: the condition can be decided for a fault only after the fault was decoded
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
