// SPDX-License-Identifier: GPL-2.0
/*
 * Which system calls are behind malloc() and free()?
 */
#include <malloc.h>
#include <stdlib.h>
#include "experiments/ptmalloc.h"
#include "exp.h"

static struct ptmalloc p;
static void *volatile sink;	/* or the compiler would leave out the call */

static void expect_calls(int brk, int mmap_calls, int munmap_calls)
{
	expect("brk calls %d, mmap calls %d, munmap calls %d", brk, mmap_calls, munmap_calls);
}

/* One malloc(), what it should call by the rules of ptmalloc.c, and its free(). */
static void one(size_t size, const char *title)
{
	bool first = !p.begun;
	enum ptmalloc_way way = ptmalloc_malloc(&p, size);
	void *chunk = NULL;

	STEP("malloc(%s)", title) {
		expect_calls(way == PTMALLOC_BRK, way == PTMALLOC_MMAP, 0);
		expect("brk +%zu KiB", p.brk_change >> 10);
		if (size == p.mmap_threshold && way == PTMALLOC_TOP)
			note("Not mapped, although as large as M_MMAP_THRESHOLD: the top chunk is "
			     "looked at first, and has room.");
		if (first)
			note("Room for this one and for the next 128 KiB: retail from wholesale.");
		COUNT_CALLS("brk", "mmap", "munmap");
		TRY {
			chunk = malloc(size);
		}
		count_calls_end();
	}
	STEP("free it") {
		expect_calls(0, 0, way == PTMALLOC_MMAP);
		if (way == PTMALLOC_MMAP)
			ptmalloc_free_mapped(&p);
		else
			ptmalloc_free_top(&p, ptmalloc_chunk(size));
		expect("keepcost %zu bytes", p.top);
		COUNT_CALLS("brk", "mmap", "munmap");
		TRY {
			free(chunk);
		}
		count_calls_end();
	}
}

static void many(void)
{
	STEP("10 000 times malloc(64)") {
		size_t calls = 0;

		for (int i = 0; i < 10000; i++)
			calls += ptmalloc_malloc(&p, 64) == PTMALLOC_BRK;
		expect_calls(calls, 0, 0);
		note("80 bytes each, 780 KiB in all.");
		COUNT_CALLS("brk", "mmap", "munmap");
		TRY {
			for (int i = 0; i < 10000; i++)
				sink = malloc(64);
		}
		count_calls_end();
	}
}

static void run(void)
{
	p = ptmalloc_today();
	ptmalloc_set(&p, KIB(128), KIB(128));
	STEP("mallopt(M_TOP_PAD, 128K)") {
		expect("result 1, brk +0 KiB");
		note("What it is anyway; but now M_MMAP_THRESHOLD stays where it is "
		     "(ptmalloc-story tells why).");
		ACT(mallopt(M_TOP_PAD, KIB(128)));
	}
	one(2000, "2000");
	one(KIB(30), "30K");
	one(KIB(120), "120K");
	one(KIB(128) - 25, "128K - 25");
	one(KIB(128), "128K");
	one(MIB(1), "1M");
	many();
}

const struct experiment exp_malloc_path = {
	.name = "malloc-path",
	.question = "Which system calls are behind malloc() and free()?",
	.textbook = "malloc() calls mmap(), free() calls munmap().",
	.kernel =
		"Seldom. glibc takes memory wholesale: brk(2) for the request and M_TOP_PAD,\n"
		"128 KiB (sysmalloc() in malloc/malloc.c), and hands it out without asking\n"
		"again. Only from M_MMAP_THRESHOLD on, 128 KiB at first, a request that no\n"
		"free chunk fits has an mmap() of its own (sysmalloc_mmap()), and its free()\n"
		"an munmap(). free() of the rest calls nothing until M_TRIM_THRESHOLD is free\n"
		"at the top of the heap (systrim()).\n"
		"\n"
		"Other allocators do it otherwise: musl, jemalloc, tcmalloc and Go do not use\n"
		"brk at all, or hardly.",
	.look = "The counts, by perf from the tracepoints of the system calls.",
	.next = "ltrace is not needed: strace -e brk,mmap,munmap ls shows the same.",
	.see = "ptmalloc-story, munmap-malloc",
	.words = "brk: end of the heap; keepcost: bytes in the top chunk",
	.terse = true,
	.run = run,
};
