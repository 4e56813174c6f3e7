/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RECORDING_BLOCK_H
#define MMSCOPE_RECORDING_BLOCK_H

#include <stdbool.h>
#include <zstd.h>
#include "recording/bytes.h"
#include "recording/columns.h"
#include "recording/format.h"

/**
 * struct block - records that are being handed out
 * @bytes: the block, unpacked
 * @faults: its faults
 * @nr_faults: that are to come
 * @nr_others: other records that are to come
 * @before: faults before the next of those
 * @known: that is: @before was read
 * @at: the next of them
 * @end: behind all
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
