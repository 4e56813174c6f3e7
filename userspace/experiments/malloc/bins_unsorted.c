// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of a block right after free()?
 */
#include "experiments/lib/chunk.h"
#include "experiments/lib/ptmalloc.h"
#include "lab/experiment.h"

#define REQUEST	2000	/* too large for the tcache */
#define SMALL	100

static size_t block, size;

static void returning(void)
{
	STEP("free() one of %d", REQUEST) {
		expect("bin 1, fordblks +%zu, brk +0 KiB", size);
		note("The unsorted bin: free() does not look for the right one.");
		chunk_put(block);
		see("bin", chunk_bin(block));
	}
	STEP("malloc(%d)", REQUEST) {
		expect("same address 1, fordblks -%zu", size);
		note("An exact fit is taken as soon as the search meets it.");
		see("same address", chunk_get(REQUEST) == block);
	}
}

static void splitting(void)
{
	size_t part = ptmalloc_chunk(SMALL), first, second;

	STEP("free() it, then malloc(%d)", SMALL) {
		expect("same address 1, rest %zu, bin of the rest 1", size - part);
		note("Its beginning is used; what is left waits where it was, and is "
		     "remembered (last_remainder).");
		chunk_put(block);
		first = chunk_get(SMALL);
		see("same address", first == block);
		see("rest", chunk_size(block + part));
		see("bin of the rest", chunk_bin(block + part));
	}
	STEP("malloc(%d) once more", SMALL) {
		expect("away %zu bytes, rest %zu", part, size - 2 * part);
		note("From the remainder again: what is asked for in a row lies in a row.");
		second = chunk_get(SMALL);
		see("away", second - block);
		see("rest", chunk_size(block + 2 * part));
	}
	STEP("malloc(100K), which does not fit") {
		size_t index = chunk_bin_index(size - 2 * part);

		expect("bin of the rest %zu", index);
		note("Whoever cannot use a chunk of the unsorted bin puts it into its own: free() "
		     "is quick, malloc() sorts.");
		chunk_sort();
		see("bin of the rest", chunk_bin(block + 2 * part));
	}
}

static void merging(void)
{
	size_t a = chunk_get(REQUEST), b = chunk_get(REQUEST), guard = chunk_get(REQUEST);

	STEP("free() two neighbours of %d", REQUEST) {
		expect("bin 1, size %zu, next one's: below free, fordblks +%zu", 2 * size,
		       2 * size);
		note("The second finds the first free, by the flag in its own size, and the two "
		     "become one.");
		chunk_put(a);
		chunk_put(b);
		see("bin", chunk_bin(a));
		see("size", chunk_size(a));
		see_text("next one's:", "below %s",
			 chunk_flag(guard, CHUNK_PREV_INUSE) ? "in use" : "free");
	}
}

static void run(void)
{
	chunk_bins_find();
	size = ptmalloc_chunk(REQUEST);
	block = chunk_get(REQUEST);
	chunk_get(24);
	returning();
	splitting();
	merging();
}

const struct experiment exp_bins_unsorted = {
	.name = "bins-unsorted",
	.question = "What becomes of a block right after free()?",
	.textbook =
		"free() puts a block into the unsorted bin, a cache: if the next request is\n"
		"for the same size, it gets this block.",
	.kernel =
		"True for chunks that neither the tcache nor a fastbin takes, since glibc 2.41\n"
		"only for those of 1024 bytes and more. The kernel hears nothing of it, and\n"
		"the pages stay: _int_free() merges the chunk with free neighbours and links\n"
		"it; _int_malloc() (both malloc/malloc.c) goes through the list once, the\n"
		"oldest first, takes what fits exactly, and sorts the others into their bins.\n"
		"A small request splits what the last small one left over, if that is all\n"
		"there is: so that blocks that are born together lie together.",
	.look = "bin: 1 is the unsorted one. Between free() and malloc() nothing moved.",
	.next = "mmscope run malloc-order: what comes before, and what after.",
	.see = "chunks, bins-small, bins-large",
	.words = "bin: number of the list that a free chunk's links point to; rest: bytes",
	.run = run,
};
