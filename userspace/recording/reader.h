/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RECORDING_READER_H
#define MMSCOPE_RECORDING_READER_H

#include <stdbool.h>
#include "recording/block.h"
#include "recording/input.h"

/* Reasons why recording_open() failed, beside -errno. */
#define RECORDING_EMPTY		(-2001)
#define RECORDING_FOREIGN	(-2002)
#define RECORDING_NEWER		(-2003)
#define RECORDING_CUT		(-2004)

/**
 * enum recording_what - what recording_next() found
 * @RECORDING_RECORD: a record
 * @RECORDING_KEYFRAME: a keyframe with all VMAs; records before it are missing or were skipped by
 *	recording_seek()
 * @RECORDING_OVER: the end of the recording
 */
enum recording_what {
	RECORDING_RECORD,
	RECORDING_KEYFRAME,
	RECORDING_OVER,
};

/**
 * struct recording_item - what recording_next() found; valid until its next call
 * @type: type of a record: enum recording_type, or below 256 the type of its struct mmscope_event
 * @data: the record, at no particular alignment, or the content of the keyframe
 * @size: bytes of @data
 * @missing: for a keyframe: how many records before it are missing
 * @time_ns: for a keyframe: time of the last record before it
 */
struct recording_item {
	__u64 type;
	const void *data;
	size_t size;
	__u64 missing;
	__u64 time_ns;
};

/**
 * struct recording_reader - a recording that is being read
 * @input: the file
 * @zstd: context that unpacks
 * @facts: the header's facts
 * @block: the block whose records are being handed out
 * @key: content of the keyframe that was unpacked last
 * @number: number that the next block must have
 * @record: number of the next record
 * @last_ns: time of the last record of the blocks and keyframes read so far
 * @lost: records are missing; what follows makes no sense before the next keyframe
 * @wanted: that is no damage: recording_seek() or RECORDING_BEFORE left them out
 * @ended: RECORDING_TOTALS was read, so the recording was ended in order
 * @damaged: how many times the recording was found damaged
 * @damage: what was damaged first, for the user
 * @damage_at: where in the file that was
 * @damage_ns: time of the last record before it
 * @missing: how many records could not be read, as far as is known
 * @skipped: how many records had a type that is not known here
 */
struct recording_reader {
	struct input input;
	ZSTD_DCtx *zstd;
	struct bytes facts;
	struct block block;
	struct bytes key;
	__u64 number;
	__u64 record;
	__u64 last_ns;
	bool lost;
	bool wanted;
	bool ended;
	unsigned int damaged;
	const char *damage;
	__u64 damage_at;
	__u64 damage_ns;
	__u64 missing;
	__u64 skipped;
};

int recording_open(struct recording_reader *reader, const char *path);
const char *recording_trouble(int error, const char **todo);
const void *recording_find_fact(const struct recording_reader *reader, __u32 key,
				size_t nth, size_t *size);
__u64 recording_number_of(const struct recording_reader *reader, __u32 key);
enum recording_what recording_next(struct recording_reader *reader, struct recording_item *item);
void recording_close(struct recording_reader *reader);

/* recording/seek.c */
bool recording_seek(struct recording_reader *reader, __u64 time_ns);

#endif
