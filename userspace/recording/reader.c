// SPDX-License-Identifier: GPL-2.0
/*
 * Reads a recording of this version or an earlier one, also if it was cut or damaged: each part has
 * a checksum. If a part is damaged, the reader looks for the next whole part, and hands out records
 * again from the next keyframe on.
 */
#include <errno.h>
#include <string.h>
#include "recording/checksum.h"
#include "recording/reader.h"

#define HEAD		sizeof(struct recording_part)
#define LOOK_FOR	(1U << 20)	/* bytes of a file to look for a part in */
#define PART_MOST	(128U << 20)	/* most bytes of a part of ours */
#define TRIES		256	/* how many bytes that look like a part's head are tried */

static void damage(struct recording_reader *reader, const char *what)
{
	if (!reader->damaged++) {
		reader->damage = what;
		reader->damage_at = reader->input.offset;
		reader->damage_ns = reader->last_ns;
	}
}

static struct recording_part head_of(const struct recording_reader *reader)
{
	struct recording_part part;

	memcpy(&part, input_at(&reader->input), sizeof(part));
	return part;
}

static bool plausible(const struct recording_part *part)
{
	return part->magic == RECORDING_SKIPPABLE && part->size >= HEAD - 8 &&
	       part->size <= PART_MOST;
}

/* Is there a whole part at this place, and does its checksum fit? */
static bool whole(struct recording_reader *reader, struct recording_part *part)
{
	const __u8 *data;
	__u32 crc;

	if (!input_need(&reader->input, HEAD))
		return false;
	*part = head_of(reader);
	if (!plausible(part) || !input_need(&reader->input, (size_t)part->size + 8))
		return false;
	data = input_at(&reader->input);
	crc = checksum(0, &part->tag, sizeof(part->tag));
	crc = checksum(crc, data + HEAD, part->size + 8 - HEAD);
	return crc == part->crc;
}

/* Continue at the next whole part within @most bytes. Return: false where there is none. */
static bool look_for_part(struct recording_reader *reader, __u64 most)
{
	const __u32 magic = RECORDING_SKIPPABLE;
	struct input *input = &reader->input;
	struct recording_part part;
	unsigned int tries = 0;
	const __u8 *found;

	for (__u64 from = input->offset; input->offset - from < most && tries < TRIES;) {
		if (!input_need(input, sizeof(magic)))
			return false;
		found = memmem(input_at(input), input_have(input), &magic, sizeof(magic));
		if (!found) {
			input_done(input, input_have(input) - sizeof(magic) + 1);
			continue;
		}
		input_done(input, found - input_at(input));
		if (whole(reader, &part))
			return true;
		tries += plausible(&part);
		input_done(input, 1);
	}
	return false;
}

/* Does the file begin with the magic number of a part, as far as it has bytes? */
static bool is_beginning(struct input *input)
{
	const __u32 magic = RECORDING_SKIPPABLE;
	size_t size = input_have(input);

	return !memcmp(input_at(input), &magic, size < sizeof(magic) ? size : sizeof(magic));
}

static int read_header(struct recording_reader *reader)
{
	struct recording_header header = { 0 };
	struct recording_part part = { 0 };
	struct input *input = &reader->input;
	bool fine, ours;

	if (!input_need(input, 1))
		return input->error ? -input->error : RECORDING_EMPTY;
	fine = whole(reader, &part);
	if (!fine || part.tag != RECORDING_HEADER || part.size + 8 < HEAD + sizeof(header)) {
		ours = is_beginning(input);
		/* The recording has lost its beginning, or the file is something else. */
		if (!look_for_part(reader, LOOK_FOR))
			return ours ? RECORDING_CUT : RECORDING_FOREIGN;
		damage(reader, "its header is damaged, or missing");
		return 0;
	}
	memcpy(&header, input_at(input) + HEAD, sizeof(header));
	if (header.version > RECORDING_VERSION)
		return RECORDING_NEWER;
	if (header.size >= sizeof(header) && header.size <= part.size + 8 - HEAD)
		bytes_add(&reader->facts, input_at(input) + HEAD + header.size,
			  part.size + 8 - HEAD - header.size);
	input_done(input, part.size + 8);
	return 0;
}

/**
 * recording_open - open a recording and read its header
 * @reader: to be filled; closed by recording_close()
 * @path: name of the file, "-" for standard input
 *
 * Return: 0, -errno, or RECORDING_EMPTY, _FOREIGN, _NEWER or _CUT; then nothing needs to be closed
 */
int recording_open(struct recording_reader *reader, const char *path)
{
	size_t size;
	int error;

	memset(reader, 0, sizeof(*reader));
	error = input_open(&reader->input, path);
	if (error)
		return error;
	reader->zstd = ZSTD_createDCtx();
	error = reader->zstd ? read_header(reader) : -ENOMEM;
	if (error) {
		recording_close(reader);
		return error;
	}
	reader->lost = recording_find_fact(reader, RECORDING_BEFORE, 0, &size);
	reader->wanted = reader->lost;
	return 0;
}

/**
 * recording_close - close the file and free the reader's memory
 * @reader: the reader of recording_open()
 */
void recording_close(struct recording_reader *reader)
{
	ZSTD_freeDCtx(reader->zstd);
	input_close(&reader->input);
	bytes_free(&reader->facts);
	bytes_free(&reader->block.bytes);
	bytes_free(&reader->key);
}

/**
 * recording_trouble - why a recording cannot be read, for the user
 * @error: what recording_open() returned
 * @todo: is set to what the user can do about it, or to NULL
 */
const char *recording_trouble(int error, const char **todo)
{
	*todo = NULL;
	switch (error) {
	case RECORDING_EMPTY:
		*todo = "whoever recorded it had no time to begin, or no space";
		return "the file is empty";
	case RECORDING_FOREIGN:
		*todo = "mmscope record makes one";
		return "the file is no recording of mmscope";
	case RECORDING_CUT:
		*todo = "nothing was recorded";
		return "the file is cut within its header";
	case RECORDING_NEWER:
		*todo = "read it with the mmscope that recorded it, or a later one";
		return "the recording is of a later mmscope";
	}
	return strerror(-error);
}

/**
 * recording_find_fact - find a fact of the header
 * @reader: the recording
 * @key: enum recording_key_of_fact
 * @nth: which of the facts with this key, from 0
 * @size: is set to the fact's bytes, if there is one
 *
 * Return: the fact, at no particular alignment, valid until recording_close(); NULL for none
 */
const void *recording_find_fact(const struct recording_reader *reader, __u32 key,
				size_t nth, size_t *size)
{
	const __u8 *at = reader->facts.data, *end = at + reader->facts.size;
	struct recording_fact fact;

	while ((size_t)(end - at) >= sizeof(fact)) {
		memcpy(&fact, at, sizeof(fact));
		at += sizeof(fact);
		if (fact.size > (size_t)(end - at))
			break;
		*size = fact.size;
		if (fact.key == key && !nth--)
			return at;
		at += fact.size;
	}
	return NULL;
}

/**
 * recording_number_of - the value of a fact of the header that is a number
 * @reader: the recording
 * @key: enum recording_key_of_fact
 *
 * Return: 0 where the header has no such fact
 */
__u64 recording_number_of(const struct recording_reader *reader, __u32 key)
{
	__u64 value = 0;
	size_t size = 0;
	const void *fact = recording_find_fact(reader, key, 0, &size);

	if (fact && size <= sizeof(value))
		memcpy(&value, fact, size);
	return value;
}

/* Note that records are missing or damaged: those that follow make no sense without a keyframe. */
static void lose(struct recording_reader *reader, const char *what)
{
	damage(reader, what);
	reader->lost = true;
}

/* Begin to hand out a block; skip it if records before it are missing, or it is damaged. */
static void take_block(struct recording_reader *reader, const struct recording_part *part)
{
	struct input *input = &reader->input;
	struct recording_block head;

	if (part->size + 8 < HEAD + sizeof(head)) {
		lose(reader, "the head of a block");
		input_done(input, part->size + 8);
		return;
	}
	memcpy(&head, input_at(input) + HEAD, sizeof(head));
	if (head.number != reader->number && !reader->lost)
		lose(reader, "blocks are missing");
	if (head.packed > ZSTD_compressBound(RECORDING_BLOCK_MOST)) {
		lose(reader, "the head of a block");
		input_done(input, part->size + 8);
		return;
	}
	reader->number = head.number + 1;
	if (reader->lost) {
		reader->missing += reader->wanted ? 0 : head.records;
		input_done(input, part->size + 8);
		input_skip(input, head.packed);
		return;
	}
	if (!input_need(input, (size_t)part->size + 8 + head.packed)) {
		lose(reader, "it is cut: the last block is not whole");
		reader->missing += head.records;
		input_done(input, input_have(input));
		return;
	}
	if (block_unpack(&reader->block, reader->zstd, input_at(input) + part->size + 8, &head)) {
		reader->record = head.record + head.records;
		reader->last_ns = head.last_ns;
	} else {
		lose(reader, "a block is damaged");
		reader->missing += head.records;
		reader->block.nr_faults = 0;
		reader->block.nr_others = 0;
	}
	input_done(input, (size_t)part->size + 8 + head.packed);
}

/*
 * Unpack a keyframe into @item if records before it are missing; else it says nothing new.
 * Return: was it unpacked?
 */
static bool take_key(struct recording_reader *reader, const struct recording_part *part,
		     struct recording_item *item)
{
	size_t size = part->size + 8 - HEAD, got;
	const __u8 *data = input_at(&reader->input) + HEAD;
	struct recording_key key;
	__u8 *to;

	if (size < sizeof(key))
		return false;
	memcpy(&key, data, sizeof(key));
	if (key.block != reader->number && !reader->lost)
		lose(reader, "blocks are missing");
	if (!reader->lost || key.unpacked > RECORDING_KEY_MOST)
		return false;
	reader->key.size = 0;
	to = bytes_room(&reader->key, key.unpacked);
	got = ZSTD_decompressDCtx(reader->zstd, to, key.unpacked, data + sizeof(key),
				  size - sizeof(key));
	if (ZSTD_isError(got) || got != key.unpacked) {
		damage(reader, "a keyframe makes no sense");
		return false;
	}
	*item = (struct recording_item){
		.data = to,
		.size = got,
		.time_ns = key.time_ns,
	};
	if (!reader->wanted && key.record > reader->record)
		item->missing = key.record - reader->record;
	reader->record = key.record;
	reader->number = key.block;
	reader->last_ns = key.time_ns;
	reader->lost = false;
	reader->wanted = false;
	return true;
}

/* Read the next part. Return: false where there is no further part. */
static bool next_part(struct recording_reader *reader, struct recording_item *item, bool *key)
{
	struct input *input = &reader->input;
	struct recording_part part = { 0 };

	if (!input_need(input, 1))
		return false;
	if (!whole(reader, &part)) {
		damage(reader, input->ended ? "it is cut, or a part of it is damaged" :
		       "a part of it is damaged");
		input_done(input, 1);
		return look_for_part(reader, ~0ULL);
	}
	if (part.tag == RECORDING_BLOCK) {
		take_block(reader, &part);
		return true;
	}
	*key = part.tag == RECORDING_KEY && take_key(reader, &part, item);
	input_done(input, (size_t)part.size + 8);
	return true;
}

/* Find the next record of a type that is known here. Return: false where the block has none. */
static bool next_record(struct recording_reader *reader, struct recording_item *item)
{
	while (block_left(&reader->block)) {
		if (!block_next(&reader->block, &item->type, &item->data, &item->size)) {
			lose(reader, "a block makes no sense");
			return false;
		}
		reader->ended |= item->type == RECORDING_TOTALS;
		if (item->type < RECORDING_TYPES)
			return true;
		reader->skipped++;
	}
	return false;
}

/**
 * recording_next - find the next record, or a keyframe where the records before it are missing
 * @reader: the recording
 * @item: is set to the record or keyframe
 *
 * Return: what was found; damage is skipped, and counted in @reader
 */
enum recording_what recording_next(struct recording_reader *reader, struct recording_item *item)
{
	bool key = false;

	for (;;) {
		if (next_record(reader, item))
			return RECORDING_RECORD;
		if (!next_part(reader, item, &key))
			return RECORDING_OVER;
		if (key)
			return RECORDING_KEYFRAME;
	}
}
