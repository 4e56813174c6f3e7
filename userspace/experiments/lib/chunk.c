// SPDX-License-Identifier: GPL-2.0
/*
 * Blocks of malloc() as they lie in memory. In front of a block is the size of its chunk with three
 * flags; in a free one the first two words are the links of a list. A list that holds one chunk
 * links it to its own head, and the heads ("bins") are an array in the arena: so that the links of
 * a chunk tell which bin it is in.
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include "experiments/lib/chunk.h"
#include "lab/experiment.h"

#define FLAGS	7UL

static size_t first_bin;

/**
 * chunk_get - malloc(3), as an act
 * @request: bytes
 *
 * Return: the address of the block
 */
size_t chunk_get(size_t request)
{
	return (size_t)ACT(malloc(request));
}

/**
 * chunk_put - free(3), as an act
 * @block: from chunk_get()
 */
void chunk_put(size_t block)
{
	syscall_begin();
	free((void *)block);
	syscall_end(0);
}

/**
 * chunk_word - read a word of a block, allocated or free
 * @block: its address
 * @index: of the word; -1 is the size, -2 the size of a free chunk below
 */
__attribute__((noinline)) size_t chunk_word(size_t block, int index)
{
	size_t word;

	memcpy(&word, (char *)block + index * (long)sizeof(word), sizeof(word));
	return word;
}

/**
 * chunk_size - of the chunk of a block, with malloc's own part
 * @block: its address
 */
size_t chunk_size(size_t block)
{
	return chunk_word(block, -1) & ~FLAGS;
}

/**
 * chunk_flag - is a flag set in its size?
 * @block: its address
 * @flag: CHUNK_*
 */
bool chunk_flag(size_t block, size_t flag)
{
	return chunk_word(block, -1) & flag;
}

/**
 * chunk_bins_find - learn where the heads are, from a chunk too large for tcache and small bins:
 * free, it is in the first of them, the unsorted one
 */
void chunk_bins_find(void)
{
	size_t block = chunk_get(2000);

	chunk_get(2000);
	chunk_put(block);
	first_bin = chunk_word(block, 0);
	if (chunk_get(2000) != block)
		skip("this malloc() has no unsorted bin");
}

/**
 * chunk_bin - the number of its bin
 * @block: a free one
 *
 * Return: 1 for the unsorted bin, as glibc counts; far off if it is not alone
 */
long chunk_bin(size_t block)
{
	return 1 + ((long)chunk_word(block, 0) - (long)first_bin) / (long)(2 * sizeof(size_t));
}

/**
 * chunk_bin_index - glibc's rule, bin_index() in malloc/malloc.c, for 64 bits
 * @size: of the chunk
 */
size_t chunk_bin_index(size_t size)
{
	static const struct {
		int shift;
		size_t most;
		size_t base;
	} rows[] = {
		{ 6, 48, 48 }, { 9, 20, 91 }, { 12, 10, 110 }, { 15, 4, 119 }, { 18, 2, 124 },
	};

	if (size < 1024)
		return size >> 4;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (size >> rows[i].shift <= rows[i].most)
			return rows[i].base + (size >> rows[i].shift);
	return 126;
}

/**
 * chunk_sort - ask for what no free chunk is large enough for: malloc() sorts them into their bins
 * on its way to the top
 */
void chunk_sort(void)
{
	if (!ACT(malloc(KIB(100))))
		skip("out of memory");
}

/**
 * chunk_has_fastbins - does this malloc() have them? To be called without a tcache
 */
bool chunk_has_fastbins(void)
{
	size_t block = chunk_get(100), before = mallinfo2().smblks;

	chunk_get(100);
	chunk_put(block);
	return mallinfo2().smblks > before;
}
