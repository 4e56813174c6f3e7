/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RECORDING_TAIL_H
#define MMSCOPE_RECORDING_TAIL_H

#include <stdbool.h>
#include "recording/bytes.h"
#include "recording/format.h"

/**
 * struct tail_segment - parts of a recording, the first of which is a keyframe
 * @next: the younger one
 * @bytes: the parts
 * @key: the keyframe; its offset is unknown until it is in a file
 * @began_ns: when it was begun
 */
struct tail_segment {
	struct tail_segment *next;
	struct bytes bytes;
	struct recording_index key;
	__u64 began_ns;
};

/**
 * struct tail - the last part of a recording, in memory; its older segments are let go
 * @first: the oldest that is there
 * @last: the one that grows
 * @size: bytes of all of them
 * @gone: how many were let go
 * @needed_ns: when the last was begun that had to go for want of room, 0 for none
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
