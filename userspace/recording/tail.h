/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RECORDING_TAIL_H
#define MMSCOPE_RECORDING_TAIL_H

#include <stdbool.h>
#include "recording/bytes.h"
#include "recording/format.h"

/**
 * struct tail_segment - parts of a recording, the first of which is a keyframe
 * @next: the next younger segment
 * @bytes: the parts
 * @key: index entry of the keyframe; its offset is set when the segment is written to a file
 * @began_ns: time at which the segment was begun
 */
struct tail_segment {
	struct tail_segment *next;
	struct bytes bytes;
	struct recording_index key;
	__u64 began_ns;
};

/**
 * struct tail - the last part of a recording, in memory; its older segments were dropped
 * @first: the oldest segment
 * @last: the segment to which parts are appended
 * @size: bytes of all segments
 * @gone: how many segments were dropped
 * @needed_ns: until when the wanted segments reach that had to be dropped to make room; 0 if none
 *	had to be dropped
 */
struct tail {
	struct tail_segment *first;
	struct tail_segment *last;
	__u64 size;
	__u64 gone;
	__u64 needed_ns;
};

void tail_cut(struct tail *tail, const struct recording_index *key, __u64 now_ns);
void tail_add(struct tail *tail, const void *data, size_t size);
void tail_trim(struct tail *tail, __u64 before_ns, __u64 most);
void tail_free(struct tail *tail);

#endif
