// SPDX-License-Identifier: GPL-2.0
/*
 * What is a block of malloc(), in memory?
 */
#include <malloc.h>
#include <string.h>
#include "base/proc.h"
#include "experiments/lib/chunk.h"
#include "experiments/lib/ptmalloc.h"
#include "lab/experiment.h"

static void draw_chunk(size_t block)
{
	size_t size = chunk_size(block);

	draw("  block-16  previous size   %#18zx  used if that below is free",
	     chunk_word(block, -2));
	draw("  block-8   size and flags  %#18zx  %zu, %s", chunk_word(block, -1), size,
	     chunk_flag(block, CHUNK_MMAPPED) ? "mapped" :
	     chunk_flag(block, CHUNK_PREV_INUSE) ? "below in use" : "below free");
	draw("  block+0   yours           %#18zx  or the link of a free one",
	     chunk_word(block, 0));
}

static void ask(size_t request)
{
	size_t size = ptmalloc_chunk(request), block;

	STEP("malloc(%zu)", request) {
		expect("chunk %zu bytes, usable %zu bytes", size, size - sizeof(size_t));
		expect("aligned to 16, below in use, mapped 0");
		block = chunk_get(request);
		see("chunk", chunk_size(block));
		see("usable", malloc_usable_size((void *)block));
		see_text("aligned", "%s", block % 16 ? "to less" : "to 16");
		see_text("below", "%s", chunk_flag(block, CHUNK_PREV_INUSE) ? "in use" : "free");
		see("mapped", chunk_flag(block, CHUNK_MMAPPED));
		draw_chunk(block);
	}
}

/* The largest request that is not mapped, and the next one, with an empty heap. */
static void large(void)
{
	size_t most = KIB(128) - 24, page = len(1), block;

	STEP("malloc(%zu), the heap has room", most) {
		expect("mapped 0, hblks +0");
		block = chunk_get(most);
		see("mapped", chunk_flag(block, CHUNK_MMAPPED));
	}
	STEP("malloc(%zu), it has not", most + 1) {
		expect("mapped 1, hblks +1");
		expect("chunk %zu bytes, in its page 16", (KIB(128) + 8 + page - 1) / page * page);
		note("With its header it is 128 KiB, M_MMAP_THRESHOLD: a mapping of its own, "
		     "whole pages, and 16 bytes at its start for malloc.");
		block = chunk_get(most + 1);
		see("mapped", chunk_flag(block, CHUNK_MMAPPED));
		see("chunk", chunk_size(block));
		see("in its page", block % page);
		draw_chunk(block);
	}
}

static void named(const struct proc_map *map, void *arg)
{
	size_t address = *(size_t *)arg;

	if (address >= map->start && address < map->end)
		see_text("fd points into", "%s", strrchr(map->path, '/') ?
			 strrchr(map->path, '/') + 1 : map->path);
}

static void freed(void)
{
	size_t block = chunk_get(2000), next = chunk_get(2000), size = ptmalloc_chunk(2000), fd;

	STEP("free() one of 2000") {
		expect("chunk %zu bytes, fd points into libc.so.6, bk the same", size);
		expect("next one's: below free, previous size %zu", size);
		note("The block's first two words are now links of a list, whose head is in "
		     "main_arena, in libc. The neighbour was told that it may merge.");
		chunk_put(block);
		fd = chunk_word(block, 0);
		see("chunk", chunk_size(block));
		proc_maps(0, named, &fd);
		see_text("bk", "%s", chunk_word(block, 1) == fd ? "the same" : "another");
		see_text("next one's:", "below %s",
			 chunk_flag(next, CHUNK_PREV_INUSE) ? "in use" : "free");
		see("previous size", chunk_word(next, -2));
		draw_chunk(block);
	}
}

static void small(void)
{
	static const size_t requests[] = { 1, 24, 25, 40, 1000 };

	for (size_t i = 0; i < ARRAY_SIZE(requests); i++)
		ask(requests[i]);
	freed();
}

const struct experiment exp_chunks = {
	.name = "chunks",
	.question = "What is a block of malloc(), in memory?",
	.textbook =
		"malloc(n) gives n bytes. In front of them is a header with their size, and\n"
		"free blocks are in lists.",
	.kernel =
		"The kernel knows no blocks, only the pages they lie in. To glibc a block is a\n"
		"chunk (struct malloc_chunk, malloc/malloc.c): a word in front of it holds the\n"
		"chunk's size, a multiple of 16 and at least 32, whose lowest bits are flags:\n"
		"the chunk below is in use (1), this one is a mapping of its own (2), it\n"
		"belongs to an arena that is not the main one (4).\n"
		"\n"
		"The word in front of that (prev_size) is the last of the block below as long\n"
		"as that is in use: so 24 bytes fit into a chunk of 32. Only when it is free\n"
		"it says how far down it begins, so that free() can merge the two. A free\n"
		"chunk needs no memory for its list: the links fd and bk lie in the block.\n"
		"Who writes behind his block writes into the size of the next.",
	.look = "The step from 24 to 25, from which on 16 bytes more are taken; and the last two.",
	.next = "malloc_usable_size(3) of blocks of yours; then write one byte too many and free.",
	.see = "top-chunk, bins-unsorted, dangling",
	.words = "chunk: bytes by the word in front of the block; usable: malloc_usable_size()",
	.parts = {
		{ .title = "small blocks", .run = small },
		{ .title = "an empty heap, and a large one", .run = large },
	},
};
