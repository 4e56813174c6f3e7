/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SESSION_RECORDER_H
#define MMSCOPE_SESSION_RECORDER_H

#include "session/session.h"

/**
 * struct recorded - what became of a recording
 * @error: errno of what could not be written, 0 for nothing
 * @records: that are in the file
 * @bytes: of the file
 * @ns: until when it is whole, from its beginning
 */
struct recorded {
	int error;
	__u64 records;
	__u64 bytes;
	__u64 ns;
};

int recorder_open(struct watch *watch, const char *path, char **argv, bool stacks);
void recorder_drop(void);
void recorder_note(const struct mmscope_event *e);
struct recorded recorder_now(void);
struct recorded recorder_end(struct watch *watch);

#endif
