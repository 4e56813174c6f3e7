// SPDX-License-Identifier: GPL-2.0
/*
 * Where does malloc() look for a block of some hundred bytes?
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "experiments/lib/chunk.h"
#include "experiments/lib/ptmalloc.h"
#include "lab/experiment.h"

#define SAME	3

static const struct rule rule_direct = {
	.glibc = GLIBC(2, 41),
	.now = "free() puts a small chunk into its bin",
	.before = "free() puts any chunk into the unsorted bin",
	.where = "_int_free_create_chunk(), malloc/malloc.c of glibc",
};

SEE_ALL("chunks of ");

/* A block that has no free neighbour, so that it stays what it is when it is freed. */
static size_t lonely(size_t request)
{
	size_t block = chunk_get(request);

	chunk_get(24);
	return block;
}

static void one_each(void)
{
	static const size_t sizes[] = { 144, 160, 512, 1008 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t block = lonely(sizes[i] - sizeof(size_t)), index = chunk_bin_index(sizes[i]);
		char now[32];

		STEP("free() a chunk of %zu", sizes[i]) {
			snprintf(now, sizeof(now), "bin at once %zu", index);
			expect_since(&rule_direct, now, "bin at once 1");
			expect("bin when sorted %zu", index);
			note("%zu / 16 is %zu.", sizes[i], index);
			chunk_put(block);
			see("bin at once", chunk_bin(block));
			chunk_sort();
			see("bin when sorted", chunk_bin(block));
		}
		if (chunk_get(sizes[i] - sizeof(size_t)) != block)
			skip("this malloc() does not give back what fits exactly");
	}
}

static void in_order(void)
{
	size_t blocks[SAME], got;
	char order[64] = "";

	for (int i = 0; i < SAME; i++)
		blocks[i] = lonely(200);
	STEP("free() %d of 200, malloc(200) %d times", SAME, SAME) {
		expect("order 1 2 3");
		note("First in, first out: other than in the tcache and in fastbins.");
		for (int i = 0; i < SAME; i++)
			chunk_put(blocks[i]);
		chunk_sort();
		for (int n = 0; n < SAME; n++) {
			got = chunk_get(200);
			for (int i = 0; i < SAME; i++)
				if (got == blocks[i])
					snprintf(order + 2 * n, sizeof(order) - 2 * n, "%d ",
						 i + 1);
		}
		order[2 * SAME - 1] = '\0';
		see_text("order", "%s", order);
	}
}

static void next_larger(void)
{
	size_t block = lonely(504), rest;

	STEP("free() one of 504, malloc(200)") {
		rest = ptmalloc_chunk(504) - ptmalloc_chunk(200);
		expect("same address 1, size %zu, rest %zu, bin of the rest 1",
		       ptmalloc_chunk(200), rest);
		note("No chunk of this size: a bitmap of the bins in use (binmap) leads to the "
		     "next larger one. What is left of it goes to the unsorted bin.");
		chunk_put(block);
		chunk_sort();
		see("same address", chunk_get(200) == block);
		see("size", chunk_size(block));
		see("rest", chunk_size(block + ptmalloc_chunk(200)));
		see("bin of the rest", chunk_bin(block + ptmalloc_chunk(200)));
	}
}

/*
 * How many free chunks of a size malloc_info(3) tells of, in what it wrote: of 225, where it adds
 * the flags of the size to 224.
 */
static long counted(const char *xml, size_t size)
{
	const char *at = NULL;
	char wanted[64];

	for (size_t flag = 0; !at && flag <= CHUNK_PREV_INUSE; flag++) {
		snprintf(wanted, sizeof(wanted), "from=\"%zu\" to=\"%zu\"", size + flag,
			 size + flag);
		at = strstr(xml, wanted);
	}
	at = at ? strstr(at, "count=\"") : NULL;
	return at ? atol(at + strlen("count=\"")) : 0;
}

static const struct {
	size_t size;
	int blocks;
} many[] = { { 224, 4 }, { 240, 1 }, { 400, 6 }, { 1008, 2 } };

static void draw_bins(const char *xml)
{
	for (size_t i = 0; i < ARRAY_SIZE(many); i++) {
		char row[40] = "";

		for (long n = counted(xml, many[i].size); n > 0 && strlen(row) < 32; n--)
			strcat(row, "[]->");
		draw("  bin %2zu, %4zu bytes: head->%shead", chunk_bin_index(many[i].size),
		     many[i].size, row);
	}
}

static void histogram(void)
{
	static char xml[16384], buffer[4096];
	size_t blocks[ARRAY_SIZE(many)][8];
	FILE *f = fmemopen(xml, sizeof(xml), "w");

	if (!f)
		skip("no stream in memory: %s", strerror(errno));
	setvbuf(f, buffer, _IOFBF, sizeof(buffer));
	STEP("free() some of each, malloc_info(3)") {
		for (size_t i = 0; i < ARRAY_SIZE(many); i++)
			expect("chunks of %zu %d", many[i].size, many[i].blocks);
		note("Each list is a ring: the head is the neighbour of the first and the last.");
		for (size_t i = 0; i < ARRAY_SIZE(many); i++)
			for (int n = 0; n < many[i].blocks; n++)
				blocks[i][n] = lonely(many[i].size - sizeof(size_t));
		for (size_t i = 0; i < ARRAY_SIZE(many); i++)
			for (int n = 0; n < many[i].blocks; n++)
				chunk_put(blocks[i][n]);
		chunk_sort();
		malloc_info(0, f);
		fclose(f);
		for (size_t i = 0; i < ARRAY_SIZE(many); i++) {
			char name[32];

			snprintf(name, sizeof(name), "chunks of %zu", many[i].size);
			see(name, counted(xml, many[i].size));
		}
		draw_bins(xml);
	}
}

static void run(void)
{
	chunk_bins_find();
	one_each();
	in_order();
	next_larger();
	histogram();
}

const struct experiment exp_bins_small = {
	.name = "bins-small",
	.question = "Where does malloc() look for some hundred bytes?",
	.textbook =
		"There are 62 small bins, lists of free chunks of one size each, from 32 to\n"
		"1008 bytes in steps of 16.",
	.kernel =
		"So it is in glibc (smallbin_index() in malloc/malloc.c): bin 1 is the unsorted\n"
		"one, bins 2 to 63 hold chunks of 16 times their number. Such a list is taken\n"
		"from at the end it was not filled at: the oldest first. Until glibc 2.40 a\n"
		"chunk that is freed goes to the unsorted bin, and to its own only when a\n"
		"later malloc() comes across it; since 2.41 a small one goes there at once.\n"
		"\n"
		"In real programs all this comes after the tcache and the fastbins, which are\n"
		"off or too small here: of each size they take only the first few.",
	.look =
		"The bin is not computed from the size: it is where the chunk's links point\n"
		"to. The heads of all lists are an array in main_arena. The last step draws\n"
		"some of them, by malloc_info(3): who cannot look into main_arena can ask it.",
	.next = "mmscope run bins-large: the same where a bin holds several sizes.",
	.see = "bins-unsorted, bins-large, malloc-order",
	.rules = { &rule_direct },
	.words = "bin: number of the list that a free chunk's links point to; rest: bytes",
	.parts = {
		{ .run = run, .environment = WITHOUT_TCACHE },
	},
};
