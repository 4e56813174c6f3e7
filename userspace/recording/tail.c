// SPDX-License-Identifier: GPL-2.0
/*
 * The last part of a recording, in memory, as it would be in a file. It is cut into segments, each
 * of which begins with a keyframe, so that any of them can be the first of a file.
 */
#include <stdlib.h>
#include "recording/tail.h"

/**
 * tail_cut - begin a segment
 * @tail: what is added goes there from now on
 * @key: the keyframe that is added next; zeros for the beginning of the recording, which needs none
 * @now_ns: the time
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
 * tail_add - add a part
 * @tail: after tail_cut()
 * @data: the part
 * @size: its bytes
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
 * tail_trim - let go what is no longer wanted, and what there is no room for
 * @tail: of this; the segment that grows stays in any case
 * @before_ns: a segment is wanted unless the one behind it was begun before this time
 * @most: bytes that there is room for
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
 * tail_free - let go all of it
 * @tail: of this
 */
void tail_free(struct tail *tail)
{
	while (tail->first)
		drop_first(tail);
	tail->last = NULL;
}
