/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RECORDING_WRITER_H
#define MMSCOPE_RECORDING_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <zstd.h>
#include "recording/bytes.h"
#include "recording/columns.h"
#include "recording/format.h"
#include "recording/tail.h"

/**
 * struct recording_writer - a recording that is being written
 * @fd: the file
 * @regular: it is a regular file, so that a part that was not wholly written can be cut off
 * @made: recording_create() made the file
 * @error: errno of the first write that failed, 0 for none; nothing is written after it
 * @tail: keeps the parts in memory instead of the file; or NULL
 * @most: how many bytes the file may have, 0 for any number
 * @spare: how many of these bytes are reserved for the end of the recording
 * @full: a block or keyframe found no room below @most; no more records are taken
 * @beyond: how many records were dropped because of that
 * @whole: how many bytes of whole parts were written
 * @last_ns: time of the last record that was written
 * @facts: struct recording_header and the facts
 * @zstd: context that packs
 * @faults: faults of the block that is being filled
 * @others: other records of that block
 * @nr_others: how many other records
 * @told_faults: how many faults of the block came before the last other record
 * @first_ns: time of the block's first record, 0 for none
 * @now_ns: time of the block's last record
 * @record: how many records were in the blocks before
 * @number: number of that block
 * @keys: index entries of the keyframes
 * @scratch: the block before it is packed
 * @packed: the part that is being put together
 */
struct recording_writer {
	int fd;
	bool regular;
	bool made;
	int error;
	struct tail *tail;
	__u64 most;
	__u64 spare;
	bool full;
	__u64 beyond;
	__u64 whole;
	__u64 last_ns;
	struct bytes facts;
	ZSTD_CCtx *zstd;
	struct columns faults;
	struct bytes others;
	__u32 nr_others;
	__u32 told_faults;
	__u64 first_ns;
	__u64 now_ns;
	__u64 record;
	__u64 number;
	struct bytes keys;
	struct bytes scratch;
	struct bytes packed;
};

int recording_create(struct recording_writer *writer, const char *path);
void recording_drop(struct recording_writer *writer, const char *path);
void recording_fact(struct recording_writer *writer, __u32 key, const void *data, size_t size);
int recording_begin(struct recording_writer *writer);
int recording_write(struct recording_writer *writer, const void *data, size_t size);
void recording_add_fault(struct recording_writer *writer, const struct mmscope_event *e);
void recording_add(struct recording_writer *writer, unsigned int type, const void *data,
		   size_t size, __u64 time_ns);
int recording_flush(struct recording_writer *writer);
int recording_key(struct recording_writer *writer, const void *data, size_t size);
int recording_end(struct recording_writer *writer);

/* recording/dump.c */
int recording_dump(struct recording_writer *to, struct recording_writer *from, const char *path);

#endif
