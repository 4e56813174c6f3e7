/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SESSION_INSTANT_H
#define MMSCOPE_SESSION_INSTANT_H

#include <stdbool.h>
#include <linux/mmscope.h>

struct session;

/**
 * enum instant_kind - by what an instant is given
 * @INSTANT_END: the end of the process, or of the recording
 * @INSTANT_TIME: a time after the first record
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
 * struct instant - an instant of a recording
 * @kind: by what it is given
 * @ns: time since the first record, for INSTANT_TIME
 * @type: name of a type of records, as the column event of mmscope trace has it
 * @n: number of the record among those of this type, from 1, for INSTANT_NTH
 * @addr: address that the record is about, for INSTANT_AT
 * @seen: number of records of this type so far
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
