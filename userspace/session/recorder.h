/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SESSION_RECORDER_H
#define MMSCOPE_SESSION_RECORDER_H

#include "session/session.h"

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
};

/**
 * struct recorder_plan - how much is recorded, if not all
 * @most: bytes that a file may have, 0 for any number
 * @keep_ns: only the last part, of so long a time, is kept, and in memory; 0 for all
 */
struct recorder_plan {
	__u64 most;
	__u64 keep_ns;
};

void recorder_limit(const struct recorder_plan *plan);
int recorder_open(struct session *session, const char *path, char **argv, bool stacks);
void recorder_drop(void);
void recorder_note(const struct mmscope_event *e);
struct recorded recorder_now(void);
struct recorded recorder_end(struct session *session);

#endif
