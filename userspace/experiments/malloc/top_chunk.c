// SPDX-License-Identifier: GPL-2.0
/*
 * Where does a new block come from when no free one fits?
 */
#include <malloc.h>
#include "experiments/lib/chunk.h"
#include "experiments/lib/ptmalloc.h"
#include "lab/experiment.h"

#define REQUEST	2000	/* too large for the tcache */
#define MANY	10

static struct ptmalloc p;
static size_t size, last;

static void cutting(void)
{
	size_t block;

	STEP("the first malloc(%d)", REQUEST) {
		ptmalloc_malloc(&p, REQUEST);
		expect("brk +%zu KiB, keepcost %zu", p.brk_change >> 10, p.top);
		note("keepcost: the top chunk, what is left of the memory brk(2) gave.");
		last = chunk_get(REQUEST);
		ptmalloc_draw();
	}
	STEP("another one") {
		ptmalloc_malloc(&p, REQUEST);
		expect("brk +%zu KiB, keepcost -%zu, away %zu bytes", p.brk_change >> 10, size,
		       size);
		note("Cut from the lower end of the top: it lies right behind the other.");
		block = chunk_get(REQUEST);
		see("away", block - last);
		last = block;
		ptmalloc_draw();
	}
	STEP("%d more", MANY) {
		expect("brk +0 KiB, keepcost -%zu, minor 0..%zu", MANY * size,
		       MANY * size / len(1) + 1);
		for (int i = 0; i < MANY; i++) {
			ptmalloc_malloc(&p, REQUEST);
			last = chunk_get(REQUEST);
		}
		ptmalloc_draw();
	}
}

static void exhausting(void)
{
	size_t fit = 0;

	while (ptmalloc_malloc(&p, REQUEST) == PTMALLOC_TOP)
		fit++;
	STEP("%zu more, until it does not fit", fit + 1) {
		expect("brk +%zu KiB, keepcost %zu, away %zu bytes", p.brk_change >> 10, p.top,
		       size);
		note("sysmalloc(): brk(2) for what is missing and M_TOP_PAD. The memory is a "
		     "continuation of the old top, so nothing of that is lost.");
		for (size_t i = 0; i < fit; i++)
			last = chunk_get(REQUEST);
		fit = chunk_get(REQUEST);
		see("away", fit - last);
		ptmalloc_draw();
	}
}

static void returning(void)
{
	size_t low = chunk_get(REQUEST), high = chunk_get(REQUEST);

	STEP("free() the last but one") {
		expect("keepcost +0, fordblks +%zu", size);
		note("Free, but not of the top: the last one is in between.");
		chunk_put(low);
	}
	STEP("free() the last") {
		expect("keepcost +%zu, fordblks +%zu, brk +0 KiB", 2 * size, size);
		note("It merges with the free one below it and with the top.");
		chunk_put(high);
	}
}

static void run(void)
{
	p = ptmalloc_today();
	size = ptmalloc_chunk(REQUEST);
	cutting();
	exhausting();
	returning();
}

const struct experiment exp_top_chunk = {
	.name = "top-chunk",
	.question = "Where does a new block come from when no free one fits?",
	.textbook =
		"malloc() asks the kernel for memory, by brk(), for each block that no free\n"
		"one fits.",
	.kernel =
		"glibc asks for 128 KiB more than it needs (M_TOP_PAD) and keeps them as one\n"
		"chunk at the end of the heap, the top. It is in no bin; _int_malloc() in\n"
		"malloc/malloc.c comes to it last, and cuts the block from its lower end. Only\n"
		"when it is too small sysmalloc() calls brk(2). The kernel answers that by\n"
		"moving the end of the [heap] VMA (do_brk_flags(), mm/vma.c, before 6.14\n"
		"mm/mmap.c): no page is allocated by it.\n"
		"\n"
		"A block that is freed right below the top becomes part of it; if the top is\n"
		"then larger than M_TRIM_THRESHOLD, brk(2) gives its end back.",
	.look = "keepcost beside brk: one goes down call by call, the other up in large steps.",
	.next =
		"A program of yours with GLIBC_TUNABLES=glibc.malloc.top_pad=0, under strace: a\n"
		"brk(2) for each page that the top lacks.",
	.see = "ptmalloc-story, malloc-path, wholesale",
	.rules = { &rule_tcache_large },
	.words = "keepcost: bytes of the top chunk; fordblks: bytes free, the top included",
	.run = run,
};
