/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RECORDING_BLOCK_H
#define MMSCOPE_RECORDING_BLOCK_H

#include <stdbool.h>
#include <zstd.h>
#include "recording/bytes.h"
#include "recording/columns.h"
#include "recording/format.h"

/**
 * struct block - a block whose records are being handed out
 * @bytes: the unpacked block
 * @faults: reads its faults, which are stored by column
 * @nr_faults: faults that were not yet handed out
 * @nr_others: other records that were not yet handed out
 * @before: how many of these faults come before the next other record
 * @known: @before was read for the next other record
 * @at: the next byte of the other records
 * @end: behind the last byte of @bytes
 */
struct block {
	struct bytes bytes;
	struct column_reader faults;
	__u64 nr_faults;
	__u64 nr_others;
	__u64 before;
	bool known;
	const __u8 *at;
	const __u8 *end;
};

bool block_unpack(struct block *block, ZSTD_DCtx *zstd, const void *packed,
		  const struct recording_block *head);
bool block_left(const struct block *block);
bool block_next(struct block *block, __u64 *type, const void **data, size_t *size);

#endif
