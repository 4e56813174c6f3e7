// SPDX-License-Identifier: GPL-2.0
/*
 * A block of records, once it has been unpacked. What is in it may be anything: each number is
 * looked at before it is believed.
 */
#include <string.h>
#include "recording/block.h"
#include "recording/number.h"

/**
 * block_unpack - begin with a block
 * @block: that is; what was in it is forgotten
 * @zstd: unpacks
 * @packed: its frame
 * @head: what stands before that
 *
 * Return: false when it is damaged
 */
bool block_unpack(struct block *block, ZSTD_DCtx *zstd, const void *packed,
		  const struct recording_block *head)
{
	__u8 *data;
	size_t size;

	block->nr_faults = 0;
	block->nr_others = 0;
	block->known = false;
	if (head->unpacked > RECORDING_BLOCK_MOST)
		return false;
	block->bytes.size = 0;
	data = bytes_room(&block->bytes, head->unpacked);
	size = ZSTD_decompressDCtx(zstd, data, head->unpacked, packed, head->packed);
	if (ZSTD_isError(size) || size != head->unpacked)
		return false;
	block->at = data;
	block->end = data + size;
	return number_get(&block->at, block->end, &block->nr_faults) &&
	       number_get(&block->at, block->end, &block->nr_others) &&
	       block->nr_faults <= RECORDING_FAULTS_MOST && block->nr_others <= size &&
	       block->nr_faults + block->nr_others == head->records &&
	       columns_read(&block->faults, &block->at, block->end);
}

/**
 * block_left - are there records to come?
 * @block: from block_unpack()
 */
bool block_left(const struct block *block)
{
	return block->nr_faults || block->nr_others;
}

static bool next_fault(struct block *block, __u64 *type, const void **data, size_t *size)
{
	*data = columns_get(&block->faults);
	*type = MMSCOPE_FAULT;
	*size = sizeof(struct mmscope_event);
	block->nr_faults--;
	block->before--;
	return *data;
}

/**
 * block_next - the next record
 * @block: of which; there is one
 * @type: becomes its number
 * @data: becomes it, valid until the next call
 * @size: becomes its bytes
 *
 * Return: false when the block makes no sense; then nothing more is left of it
 */
bool block_next(struct block *block, __u64 *type, const void **data, size_t *size)
{
	__u64 bytes;

	if (block->nr_others && !block->known) {
		if (!number_get(&block->at, block->end, &block->before) ||
		    block->before > block->nr_faults)
			goto nonsense;
		block->known = true;
	}
	if (!block->nr_others)
		block->before = block->nr_faults;
	if (block->before) {
		if (next_fault(block, type, data, size))
			return true;
		goto nonsense;
	}
	block->known = false;
	block->nr_others--;
	if (!number_get(&block->at, block->end, type) ||
	    !number_get(&block->at, block->end, &bytes) ||
	    bytes > (__u64)(block->end - block->at))
		goto nonsense;
	*data = block->at;
	*size = bytes;
	block->at += bytes;
	return true;
nonsense:
	block->nr_faults = 0;
	block->nr_others = 0;
	return false;
}
