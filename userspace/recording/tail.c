// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps the last part of a recording in memory, in the form that a file has. It is cut into
 * segments, each of which begins with a keyframe, so that any of them can be the first of a file.
 */
#include <stdlib.h>
#include "recording/tail.h"

/**
 * tail_cut - begin a segment
 * @tail: the parts that are added from now on belong to the new segment
 * @key: the keyframe that the caller adds next; all zeros at the beginning of the recording, which
 *	needs no keyframe
 * @now_ns: the present time
 */
void tail_cut(struct tail *tail, const struct recording_index *key, __u64 now_ns)
{
	struct tail_segment *segment = calloc(1, sizeof(*segment));

	if (!segment)
		abort();
	segment->key = *key;
	segment->began_ns = now_ns;
	if (tail->last)
		tail->last->next = segment;
	else
		tail->first = segment;
	tail->last = segment;
}

/**
 * tail_add - append a whole part to the last segment
 * @tail: the tail; tail_cut() has begun a segment
 * @data: the part
 * @size: bytes of the part
 */
void tail_add(struct tail *tail, const void *data, size_t size)
{
	bytes_add(&tail->last->bytes, data, size);
	tail->size += size;
}

static void drop_first(struct tail *tail)
{
	struct tail_segment *segment = tail->first;

	tail->first = segment->next;
	tail->size -= segment->bytes.size;
	bytes_free(&segment->bytes);
	free(segment);
}

/**
 * tail_trim - drop the oldest segments that are not wanted or have no room
 * @tail: the tail; its last segment stays in any case
 * @before_ns: a segment is still wanted if the next one began after this time
 * @most: bytes that all segments may have together
 */
void tail_trim(struct tail *tail, __u64 before_ns, __u64 most)
{
	while (tail->first != tail->last) {
		if (tail->first->next->began_ns > before_ns) {
			if (tail->size <= most)
				return;
			tail->needed_ns = tail->first->next->began_ns;
		}
		drop_first(tail);
		tail->gone++;
	}
}

/**
 * tail_free - free all segments
 * @tail: the tail
 */
void tail_free(struct tail *tail)
{
	while (tail->first)
		drop_first(tail);
	tail->last = NULL;
}
