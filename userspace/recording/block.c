// SPDX-License-Identifier: GPL-2.0
/*
 * Hands out the records of a block that has been unpacked. The bytes come from a file and may be
 * anything, so each number is checked before it is used.
 */
#include <string.h>
#include "recording/block.h"
#include "recording/number.h"

/**
 * block_unpack - unpack a block, to hand out its records with block_next()
 * @block: the block; the records of the block before are forgotten
 * @zstd: context that unpacks
 * @packed: the block's zstd frame, of @head->packed bytes
 * @head: the struct recording_block before the frame
 *
 * Return: false when the block is damaged
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
 * block_left - does the block have records that block_next() has not handed out?
 * @block: the block of block_unpack()
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
 * block_next - hand out the next record
 * @block: a block for which block_left() is true
 * @type: is set to the record's type
 * @data: is set to the record, which is valid until the next call
 * @size: is set to the record's bytes
 *
 * Return: false when the block's numbers contradict each other; its remaining records are dropped
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
