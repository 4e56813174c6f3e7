// SPDX-License-Identifier: GPL-2.0
/*
 * In which order does malloc() look for a block?
 */
#include <malloc.h>
#include "experiments/lib/chunk.h"
#include "experiments/lib/ptmalloc.h"
#include "lab/experiment.h"

#define CACHED	7
#define SMALL	24	/* of a size for fastbins */
#define MIDDLE	400	/* for small bins */
#define LARGE	2000	/* for large bins */

static size_t small[CACHED + 1], middle[CACHED + 1], large, larger, top;

/* Blocks of one size, none of which can merge. */
static void make(size_t *blocks, size_t request)
{
	for (size_t i = 0; i <= CACHED; i++) {
		blocks[i] = chunk_get(request);
		chunk_get(SMALL);
	}
}

static bool among(size_t block, const size_t *blocks, size_t n)
{
	while (n)
		if (blocks[--n] == block)
			return true;
	return false;
}

/* Where an address is from: what was freed is known, what was not is new. */
static const char *source(size_t block)
{
	if (among(block, small, CACHED) || among(block, middle, CACHED))
		return "the tcache";
	if (block == small[CACHED])
		return "a fastbin";
	if (block == middle[CACHED])
		return "a small bin";
	if (block == large)
		return "the unsorted bin";
	if (block == larger)
		return "a large bin";
	if (chunk_flag(block, CHUNK_MMAPPED))
		return "mmap";
	return block == top ? "the top" : "elsewhere";
}

static void cached(size_t request, const char *then)
{
	STEP("malloc(%zu) %d times", request, CACHED) {
		expect("all from the tcache, brk +0 KiB");
		for (int i = 0; i < CACHED; i++)
			see_text("all from", "%s", source(chunk_get(request)));
	}
	STEP("malloc(%zu) once more", request) {
		expect("from %s, brk +0 KiB", then);
		see_text("from", "%s", source(chunk_get(request)));
	}
}

static void sorted(void)
{
	STEP("malloc(%d), one of that size is unsorted", LARGE) {
		expect("from the unsorted bin, brk +0 KiB");
		see_text("from", "%s", source(chunk_get(LARGE)));
	}
	STEP("malloc(%d), only larger ones are free", LARGE) {
		expect("from a large bin, brk +0 KiB, keepcost +0");
		note("The best fit is cut into two.");
		see_text("from", "%s", source(chunk_get(LARGE)));
	}
}

static void last(void)
{
	size_t left = mallinfo2().keepcost, request = left / 2;

	top = chunk_get(LARGE * 4) + ptmalloc_chunk(LARGE * 4);
	left = mallinfo2().keepcost;
	STEP("malloc(%zu), nothing free is so large", request) {
		expect("from the top, brk +0 KiB, keepcost -%zu", ptmalloc_chunk(request));
		see_text("from", "%s", source(chunk_get(request)));
	}
	left -= ptmalloc_chunk(request);
	request = KIB(120);
	STEP("malloc(120K), the top is too small") {
		top += chunk_size(top);
		expect("from the top, brk +%zu KiB, hblks +0",
		       (ptmalloc_chunk(request) + KIB(128) + 32 - left + len(1) - 1) /
		       len(1) * len(1) >> 10);
		note("sysmalloc(): brk(2) makes it larger, then it is cut.");
		see_text("from", "%s", source(chunk_get(request)));
	}
	STEP("malloc(1M)") {
		expect("from mmap, brk +0 KiB, hblks +1");
		see_text("from", "%s", source(chunk_get(MIB(1))));
	}
}

static void run(void)
{
	make(small, SMALL);
	make(middle, MIDDLE);
	large = chunk_get(LARGE);
	chunk_get(SMALL);
	larger = chunk_get(2 * LARGE);
	chunk_get(SMALL);
	for (int i = 0; i <= CACHED; i++) {
		chunk_put(small[i]);
		chunk_put(middle[i]);
	}
	chunk_put(larger);
	cached(SMALL, "a fastbin");
	cached(MIDDLE, "a small bin");
	chunk_put(large);
	sorted();
	last();
}

const struct experiment exp_malloc_order = {
	.name = "malloc-order",
	.question = "In which order does malloc() look for a block?",
	.textbook =
		"Fastbins, small bins, the unsorted bin, large bins, the top, and only then\n"
		"the kernel.",
	.kernel =
		"True of _int_malloc() in malloc/malloc.c of glibc; since 2.26 the tcache comes\n"
		"before everything, here with 7 blocks a size (the tunable tcache_count is\n"
		"set, because the default differs). The kernel is asked last, by sysmalloc():\n"
		"brk(2) to make the top larger, or mmap(2) for M_MMAP_THRESHOLD and more. It\n"
		"hears of one call in hundreds, and knows nothing of blocks.\n"
		"\n"
		"Not to be seen in addresses: on its way malloc() empties the unsorted bin,\n"
		"and what it finds of the size asked for goes to the tcache first.",
	.look =
		"from: whose block it is that came back. All were freed beforehand, one for\n"
		"each place it could come from.",
	.next = "mmscope run malloc-path: the same as system calls.",
	.see = "bins-fast, bins-small, bins-large, top-chunk",
	.words = "from: where the address was freed to; keepcost: top chunk; hblks: mapped blocks",
	.parts = {
		{ .run = run, .environment = "GLIBC_TUNABLES=glibc.malloc.tcache_count=7" },
	},
};
