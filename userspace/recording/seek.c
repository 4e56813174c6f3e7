// SPDX-License-Identifier: GPL-2.0
/*
 * Finds the last keyframe before an instant: by the index at the end of the file, or, if the
 * recording was not ended in order, by stepping from part to part.
 */
#include <string.h>
#include "recording/checksum.h"
#include "recording/reader.h"

#define HEAD		sizeof(struct recording_part)
#define INDEX_MOST	(64U << 20)

/* Read @size bytes at an offset of the file. Return: NULL where the file ends before. */
static const __u8 *look(struct recording_reader *reader, __u64 offset, size_t size)
{
	if (!input_seek(&reader->input, offset) || !input_need(&reader->input, size))
		return NULL;
	return input_at(&reader->input);
}

/*
 * Find in the index the last keyframe that is not later than an instant; @offset is 0 for none.
 * Return: false where the file has no index that is whole.
 */
static bool by_index(struct recording_reader *reader, __u64 time_ns, __u64 *offset)
{
	__u64 size = input_size(&reader->input);
	struct recording_index entry;
	struct recording_part part;
	struct recording_end end;
	const __u8 *at;
	__u32 crc;

	if (size < sizeof(end))
		return false;
	at = look(reader, size - sizeof(end), sizeof(end));
	if (!at)
		return false;
	memcpy(&end, at, sizeof(end));
	if (end.tag != RECORDING_INDEX || end.size > size || end.size > INDEX_MOST ||
	    end.size < HEAD + sizeof(end))
		return false;
	at = look(reader, size - end.size, end.size);
	if (!at)
		return false;
	memcpy(&part, at, sizeof(part));
	crc = checksum(0, &part.tag, sizeof(part.tag));
	if (part.magic != RECORDING_SKIPPABLE || part.tag != RECORDING_INDEX ||
	    part.size + 8ULL != end.size || checksum(crc, at + HEAD, end.size - HEAD) != part.crc)
		return false;
	*offset = 0;
	for (size_t i = HEAD; i + sizeof(entry) + sizeof(end) <= end.size; i += sizeof(entry)) {
		memcpy(&entry, at + i, sizeof(entry));
		if (entry.time_ns > time_ns)
			break;
		*offset = entry.offset;
	}
	return true;
}

/* Find that keyframe by stepping over parts, as long as each part says where the next one is. */
static void by_parts(struct recording_reader *reader, __u64 time_ns, __u64 *offset)
{
	struct recording_block block;
	struct recording_part part;
	struct recording_key key;
	__u64 at = 0, next;
	const __u8 *data;

	*offset = 0;
	while ((data = look(reader, at, HEAD))) {
		memcpy(&part, data, sizeof(part));
		next = at + 8 + part.size;
		if (part.magic != RECORDING_SKIPPABLE || part.size < HEAD - 8)
			return;
		if (part.tag == RECORDING_KEY && input_need(&reader->input, HEAD + sizeof(key))) {
			memcpy(&key, input_at(&reader->input) + HEAD, sizeof(key));
			if (key.time_ns > time_ns)
				return;
			*offset = at;
		}
		if (part.tag == RECORDING_BLOCK &&
		    input_need(&reader->input, HEAD + sizeof(block))) {
			memcpy(&block, input_at(&reader->input) + HEAD, sizeof(block));
			next += block.packed;
		}
		at = next;
	}
}

/**
 * recording_seek - continue at the last keyframe that is not later than an instant
 * @reader: the recording
 * @time_ns: the instant, by the recording's clock
 *
 * Return: false if that keyframe is not ahead of the place that was read; the reader stays there
 */
bool recording_seek(struct recording_reader *reader, __u64 time_ns)
{
	__u64 began = reader->input.offset, offset;

	if (!input_size(&reader->input))
		return false;
	if (!by_index(reader, time_ns, &offset))
		by_parts(reader, time_ns, &offset);
	if (offset <= began) {
		input_seek(&reader->input, began);
		return false;
	}
	input_seek(&reader->input, offset);
	reader->block.nr_faults = 0;
	reader->block.nr_others = 0;
	reader->lost = true;
	reader->wanted = true;
	return true;
}
