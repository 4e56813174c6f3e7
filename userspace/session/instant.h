/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SESSION_INSTANT_H
#define MMSCOPE_SESSION_INSTANT_H

#include <stdbool.h>
#include <linux/mmscope.h>

struct session;

/**
 * enum instant_kind - what says when something is
 * @INSTANT_END: the end of the process, or of the recording
 * @INSTANT_TIME: so long after the first record
 * @INSTANT_NTH: the Nth record of a type
 * @INSTANT_AT: the first record of a type that is about an address
 */
enum instant_kind {
	INSTANT_END,
	INSTANT_TIME,
	INSTANT_NTH,
	INSTANT_AT,
};

/**
 * struct instant - when something is
 * @kind: what says so
 * @ns: since the first record
 * @type: of a record, as the column event of trace names it
 * @n: of those the Nth, from 1
 * @addr: or the first that is about this
 * @seen: of those, how many were there so far
 */
struct instant {
	enum instant_kind kind;
	__u64 ns;
	char type[16];
	__u64 n;
	__u64 addr;
	__u64 seen;
};

const char *instant_time(const char *text, __u64 *ns);
const char *instant_parse(struct instant *instant, const char *text);
bool instant_is(struct instant *instant, const struct mmscope_event *e);
bool instant_reach(struct session *session, struct instant *instant, __u32 *mm);

#endif
