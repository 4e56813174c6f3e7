// SPDX-License-Identifier: GPL-2.0
/*
 * Who gets a small block that was freed?
 */
#include <malloc.h>
#include <stdio.h>
#include "experiments/lib/chunk.h"
#include "experiments/lib/ptmalloc.h"
#include "lab/experiment.h"

#define REQUEST	24
#define MOST	64

static size_t blocks[MOST];

static void get_all(size_t n)
{
	for (size_t i = 0; i < n; i++)
		blocks[i] = chunk_get(REQUEST);
}

static void put_all(size_t n)
{
	for (size_t i = 0; i < n; i++)
		chunk_put(blocks[i]);
}

/* In which order n blocks come back: the numbers under which they were known. */
static void see_order(size_t n)
{
	char order[64] = "";

	for (size_t i = 0, used = 0; i < n; i++) {
		size_t block = chunk_get(REQUEST), known = 0;

		while (known < MOST && blocks[known] != block)
			known++;
		used += snprintf(order + used, sizeof(order) - used, "%s%zu", i ? " " : "",
				 known + 1);
	}
	see_text("order", "%s", order);
}

static void fast(void)
{
	size_t size = ptmalloc_chunk(REQUEST);

	if (!chunk_has_fastbins()) {
		leave_out("this malloc() has no fastbins");
		return;
	}
	STEP("malloc(%d) 4 times, free() 3 of them", REQUEST) {
		expect("smblks +3, fsmblks +%zu bytes, below in use", 3 * size);
		note("fsmblks is what malloc() counts in fastbins. The fourth is still told that "
		     "its neighbour is in use: so nothing merges.");
		get_all(4);
		put_all(3);
		see_text("below", "%s", chunk_flag(blocks[3], CHUNK_PREV_INUSE) ? "in use" :
			 "free");
	}
	STEP("malloc(%d) 3 times", REQUEST) {
		expect("order 3 2 1, fsmblks -%zu", 3 * size);
		note("Last in, first out: what was used last is in the cache still.");
		see_order(3);
	}
	STEP("free() the 3, then ask for 2000") {
		expect("smblks 0, fsmblks 0 bytes, below free");
		note("malloc_consolidate(): a large request first merges all of them.");
		put_all(3);
		chunk_get(2000);
		see_text("below", "%s", chunk_flag(blocks[3], CHUNK_PREV_INUSE) ? "in use" :
			 "free");
	}
}

/* How many blocks of a size the tcache takes, tried with blocks of another size. */
static size_t capacity(void)
{
	size_t tried[MOST], before = mallinfo2().smblks;

	for (size_t i = 0; i < MOST; i++)
		tried[i] = chunk_get(88);
	chunk_get(88);
	for (size_t i = 0; i < MOST; i++)
		chunk_put(tried[i]);
	return MOST - (mallinfo2().smblks - before);
}

static void cached(void)
{
	size_t takes = capacity(), size = ptmalloc_chunk(REQUEST);

	if (takes == MOST || takes < 3) {
		leave_out("this malloc() has no tcache, or no fastbins behind it");
		return;
	}
	STEP("the same with a tcache: free() 3") {
		expect("smblks +0, uordblks +%zu bytes", 4 * size);
		note("For mallinfo2() they are in use: the tcache of a thread takes them "
		     "before the arena sees them.");
		get_all(4);
		put_all(3);
	}
	STEP("malloc(%d) 3 times", REQUEST) {
		expect("order 3 2 1, uordblks +0");
		see_order(3);
	}
	STEP("free() %zu: one too many", takes + 1) {
		expect("smblks +1, fsmblks +%zu", size);
		note("tcache_count is %zu a size. The last goes to a fastbin.", takes);
		get_all(takes + 1);
		put_all(takes + 1);
	}
}

const struct experiment exp_bins_fast = {
	.name = "bins-fast",
	.question = "Who gets a small block that was freed?",
	.textbook =
		"Blocks up to 64 (or 80) bytes go to fastbins, lists by size, last in, first\n"
		"out, that are not merged with their neighbours.",
	.kernel =
		"Nothing of it is seen by the kernel. glibc still has fastbins, for chunks up\n"
		"to 128 bytes (M_MXFAST, get_max_fast() in malloc/malloc.c),\n"
		"but since 2.26 the tcache comes first: a few blocks (7, or as the tunable\n"
		"glibc.malloc.tcache_count says) of each size up to 1032 bytes for each\n"
		"thread, without a lock. Only what it does not take goes to a fastbin.\n"
		"\n"
		"A chunk in either keeps the mark \"in use\" in its neighbour. A request of\n"
		"1024 bytes or more empties the fastbins (malloc_consolidate()): neighbours\n"
		"merge. Fastbins are about to be removed from glibc; this experiment tries\n"
		"whether they are there.",
	.look = "The order in which blocks come back, and smblks: how many are in fastbins.",
	.next =
		"mmscope run bins-unsorted: where the blocks go that are too large for a fastbin.",
	.see = "chunks, bins-small, malloc-order",
	.words =
		"smblks, fsmblks: chunks and bytes in fastbins, by mallinfo2(); uordblks: bytes in "
		"use; order: which block comes back first, by the number it had",
	.parts = {
		{ .title = "without a tcache", .run = fast, .environment = WITHOUT_TCACHE },
		{ .title = "with one", .run = cached },
	},
};
