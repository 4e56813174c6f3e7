// SPDX-License-Identifier: GPL-2.0
/*
 * How does malloc() find a large free block that fits?
 */
#include "experiments/lib/chunk.h"
#include "experiments/lib/ptmalloc.h"
#include "lab/experiment.h"

#define SAME	3

/* No block is mapped, and nothing goes back to the kernel: GLIBC_TUNABLES. */
#define SETTINGS	WITHOUT_TCACHE ":glibc.malloc.mmap_threshold=16777216" \
			":glibc.malloc.trim_threshold=268435456"

static size_t lonely(size_t request)
{
	size_t block = chunk_get(request);

	chunk_get(24);
	return block;
}

static void one_each(void)
{
	static const size_t sizes[] = { 1024, 1088, 3136, 12288, 65536, 524288, 1048576 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t block = lonely(sizes[i] - sizeof(size_t));

		STEP("free() a chunk of %zu", sizes[i]) {
			expect("bin at once 1, bin when sorted %zu", chunk_bin_index(sizes[i]));
			chunk_put(block);
			see("bin at once", chunk_bin(block));
			chunk_get(sizes[i] + KIB(16));
			see("bin when sorted", chunk_bin(block));
		}
		if (chunk_get(sizes[i] - sizeof(size_t)) != block)
			skip("this malloc() does not give back what fits exactly");
	}
}

static void best_fit(void)
{
	static const size_t sizes[SAME] = { 4064, 3648, 3856 };
	size_t blocks[SAME], want = 3700, got;

	for (int i = 0; i < SAME; i++)
		blocks[i] = lonely(sizes[i] - sizeof(size_t));
	STEP("free() %zu, %zu and %zu", sizes[0], sizes[1], sizes[2]) {
		expect("next %zu, last %zu, bin %zu", sizes[2], sizes[1],
		       chunk_bin_index(sizes[0]));
		note("One bin holds sizes from 3584 to 4095. They are sorted when malloc() "
		     "comes across them: the largest first.");
		for (int i = 0; i < SAME; i++)
			chunk_put(blocks[i]);
		chunk_sort();
		got = chunk_word(blocks[0], 0) + 2 * sizeof(size_t);
		see("next", chunk_size(got));
		got = chunk_word(got, 0) + 2 * sizeof(size_t);
		see("last", chunk_size(got));
		see("bin", chunk_bin(got));
	}
	STEP("malloc(%zu)", want) {
		expect("address of %zu", sizes[2]);
		expect("size %zu, rest %zu", ptmalloc_chunk(want),
		       sizes[2] - ptmalloc_chunk(want));
		note("The smallest that is large enough, though another was freed later and "
		     "one lies lower in memory.");
		got = chunk_get(want);
		for (int i = 0; i < SAME; i++)
			if (got == blocks[i])
				see("address of", sizes[i]);
		see("size", chunk_size(got));
		see("rest", chunk_size(got + chunk_size(got)));
	}
}

static void run(void)
{
	chunk_bins_find();
	one_each();
	best_fit();
}

const struct experiment exp_bins_large = {
	.name = "bins-large",
	.question = "How does malloc() find a large free block that fits?",
	.textbook =
		"From 1024 bytes on a bin holds a range of sizes, sorted; the smallest that\n"
		"fits is taken.",
	.kernel =
		"It is so: largebin_index_64() in malloc/malloc.c of glibc makes 63 bins, the\n"
		"first 33 of them 64 bytes wide, the next 512, 4096, 32768 and 262144, the\n"
		"last takes the rest. A chunk that is freed waits in the unsorted bin (1); the\n"
		"first malloc() that comes by and cannot use it puts it in its place, by a\n"
		"second list that skips chunks of the same size (fd_nextsize).\n"
		"\n"
		"The search is best fit within the first bin that has one; the rest of the\n"
		"chunk, if it is 32 bytes or more, becomes free again. No system call in all\n"
		"that; and from 128 KiB (M_MMAP_THRESHOLD, raised for this experiment) on most\n"
		"blocks never get here, because they are mapped.",
	.look =
		"The bin is not computed from the size: it is where the chunk's links point\n"
		"to. The prediction is computed, by glibc's rule.",
	.next = "mmscope run partial-munmap: what of a large free block could go back.",
	.see = "bins-small, bins-unsorted, ptmalloc-story",
	.words =
		"bin: number of the list that a free chunk's links point to; next, last: sizes of "
		"those behind it there; rest: bytes",
	.parts = {
		{ .run = run, .environment = SETTINGS },
	},
};
