// SPDX-License-Identifier: GPL-2.0
/*
 * A recording that is kept in memory, put into a file: as if it had been written there, but for
 * what was let go before its first keyframe.
 */
#include "recording/writer.h"

/* The header says that records are missing at the beginning, and how many. */
static void copy_facts(struct recording_writer *to, const struct recording_writer *from)
{
	const struct tail_segment *first = from->tail->first;

	to->facts.size = 0;
	bytes_add(&to->facts, from->facts.data, from->facts.size);
	if (from->tail->gone)
		recording_fact(to, RECORDING_BEFORE, &first->key.record, sizeof(first->key.record));
}

/* A segment, and in the index where its keyframe is. */
static int copy_segment(struct recording_writer *to, const struct tail_segment *segment)
{
	struct recording_index index = segment->key;

	index.offset = to->whole;
	if (index.record)
		bytes_add(&to->keys, &index, sizeof(index));
	return recording_write(to, segment->bytes.data, segment->bytes.size);
}

/**
 * recording_dump - put what is in memory into a file; totals and recording_end() follow
 * @to: becomes the recording in the file
 * @from: that in memory, which goes on
 * @path: of the file, which is written anew
 *
 * Return: 0 or -errno; then there is no file, unless there was one before
 */
int recording_dump(struct recording_writer *to, struct recording_writer *from, const char *path)
{
	int error = recording_flush(from);

	if (!error)
		error = recording_create(to, path);
	if (error)
		return error;
	copy_facts(to, from);
	error = recording_begin(to);
	for (const struct tail_segment *at = from->tail->first; at && !error; at = at->next)
		error = copy_segment(to, at);
	to->number = from->number;
	to->record = from->record;
	to->last_ns = from->last_ns;
	to->now_ns = from->now_ns;
	if (!error)
		return 0;
	/* Its end is what was asked for, and that is not in it. */
	to->whole = 0;
	recording_drop(to, path);
	return error;
}
