// SPDX-License-Identifier: GPL-2.0
/*
 * Writes a recording that was kept in memory (recording/tail.c) to a file. The file is as if the
 * recording had been written there at once, except for the segments that were dropped.
 */
#include "recording/writer.h"

/* Copy the header's facts. RECORDING_BEFORE says how many records were dropped before the first. */
static void copy_facts(struct recording_writer *to, const struct recording_writer *from)
{
	const struct tail_segment *first = from->tail->first;

	to->facts.size = 0;
	bytes_add(&to->facts, from->facts.data, from->facts.size);
	if (from->tail->gone)
		recording_fact(to, RECORDING_BEFORE, &first->key.record, sizeof(first->key.record));
}

/* Write a segment, and note in the index where its keyframe is. */
static int copy_segment(struct recording_writer *to, const struct tail_segment *segment)
{
	struct recording_index index = segment->key;

	index.offset = to->whole;
	if (index.record)
		bytes_add(&to->keys, &index, sizeof(index));
	return recording_write(to, segment->bytes.data, segment->bytes.size);
}

/**
 * recording_dump - write what was kept in memory to a file
 * @to: is made the recording in the file; the caller adds the totals and calls recording_end()
 * @from: the recording in memory, which can go on afterwards
 * @path: name of the file, which is overwritten
 *
 * Return: 0 or -errno; a file that was made for this is then removed
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
		/* Without its last records, which were asked for, the file is of no use. */
	to->whole = 0;
	recording_drop(to, path);
	return error;
}
