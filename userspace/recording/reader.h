/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RECORDING_READER_H
#define MMSCOPE_RECORDING_READER_H

#include <stdbool.h>
#include "recording/block.h"
#include "recording/input.h"

/* Why recording_open() failed, beside -errno */
#define RECORDING_EMPTY		(-2001)
#define RECORDING_FOREIGN	(-2002)
#define RECORDING_NEWER		(-2003)
#define RECORDING_CUT		(-2004)

/**
 * enum recording_what - what recording_next() found
 * @RECORDING_RECORD: a record
 * @RECORDING_KEYFRAME: all VMAs, where records before it are missing or were not wanted
 * @RECORDING_OVER: nothing more
 */
enum recording_what {
	RECORDING_RECORD,
	RECORDING_KEYFRAME,
	RECORDING_OVER,
};

/**
 * struct recording_item - what recording_next() found; valid until its next call
 * @type: of a record: enum recording_type, or below 256 what its struct mmscope_event has
 * @data: the record, at no particular alignment
 * @size: its bytes
 * @missing: of a keyframe: records that are missing before it
 * @time_ns: and when the last before it was
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
 * @zstd: unpacks
 * @facts: of the header
 * @block: of which records are handed out
 * @key: a keyframe, unpacked
 * @number: of the next block
 * @record: of the next record
 * @last_ns: time of the last record of the blocks so far
 * @lost: what follows makes no sense without a keyframe
 * @wanted: and that it is so was asked for
 * @ended: the recording has its end
 * @damaged: places that are
 * @damage: what is, of the first of them; and where
 * @damage_at: offset in the file
 * @damage_ns: time of the last record before it
 * @missing: records that could not be read, as far as is known
 * @skipped: records of types that are not known here
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
