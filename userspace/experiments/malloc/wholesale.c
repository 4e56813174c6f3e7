// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel sells pages, a program wants bytes: who is between them, and what does he earn?
 */
#include <malloc.h>
#include <unistd.h>
#include "experiments/lib/chunk.h"
#include "experiments/lib/ptmalloc.h"
#include "lab/experiment.h"

#define MAPPED	100
#define CACHED	7	/* of a size, by the tcache */

static struct ptmalloc p;
static size_t number, size, first;

static void retail(void)
{
	size_t grown = 0, calls = 0, request = param("size");
	bool counting = !access("/sys/kernel/tracing/events/syscalls/sys_enter_brk/id", R_OK);

	for (size_t i = 0; i < number; i++) {
		calls += ptmalloc_malloc(&p, request) == PTMALLOC_BRK;
		grown += p.brk_change;
	}
	sbrk(0);
	STEP("malloc(%zu), %zu times", request, number) {
		if (counting)
			expect("brk calls %zu, mmap calls 0", calls);
		expect("brk +%zu KiB, uordblks +%zu..%zu bytes", grown >> 10, number * size,
		       number * size + KIB(2));
		note("One system call for %zu of malloc().", number / calls);
		if (counting)
			COUNT_CALLS("brk", "mmap");
		first = chunk_get(request);
		for (size_t i = 1; i < number; i++)
			chunk_get(request);
		if (counting)
			count_calls_end();
	}
	if (!counting)
		leave_out("the count of system calls: be root, with tracefs mounted");
}

static void giving_back(void)
{
	STEP("free() all of them, from the last to the first") {
		expect("brk +0 KiB, heap rss +0 KiB");
		note("Kept for the next customer. The last %d went to the tcache, and lie "
		     "between the others and the top.", CACHED);
		for (size_t i = number; i--; )
			chunk_put(first + i * size);
	}
	STEP("malloc_trim(0)") {
		size_t back = (p.top - 33) / len(1) * len(1), left = CACHED * size / len(1) + 4;

		expect("brk -%zu KiB, result 1", back >> 10);
		expect("heap rss 1..%zu", left);
		note("What is free at the top goes by brk(2), whole pages in the middle by "
		     "madvise(2): their addresses stay.");
		ACT(malloc_trim(0));
	}
}

static void wholesale(void)
{
	STEP("mmap(%lu bytes), %d times", param("size"), MAPPED) {
		expect("process size +%zu KiB, minor %d", len(MAPPED) >> 10, MAPPED);
		note("Bought from the kernel each is a page: %zu times as much.",
		     len(1) / param("size"));
		for (int i = 0; i < MAPPED; i++) {
			char *page = ACT(mmap(NULL, param("size"), PROT_READ | PROT_WRITE,
					      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

			write_at(page, 1);
		}
	}
}

static void run(void)
{
	p = ptmalloc_today();
	number = param("pages");
	size = ptmalloc_chunk(param("size"));
	retail();
	giving_back();
	wholesale();
}

const struct experiment exp_wholesale = {
	.name = "wholesale",
	.question = "The kernel sells pages, who sells bytes?",
	.textbook =
		"The kernel gives memory by pages, malloc() cuts them up: wholesale and\n"
		"retail.",
	.kernel =
		"So it is, and both margins are large. brk(2) and mmap(2) know whole pages; each\n"
		"costs a system call, work on the VMA tree, and later a fault per page. glibc\n"
		"buys 128 KiB at a time (sysmalloc() in malloc/malloc.c) and sells chunks in\n"
		"steps of 16 bytes, with 8 bytes of its own in each.\n"
		"\n"
		"What is freed goes back to the shop, not to the kernel: small chunks stay in\n"
		"tcache and fastbins, the pages stay present (heap rss), until malloc_trim(3)\n"
		"is called or a large block is freed next to the top.",
	.look = "brk calls beside the number of mallocs; heap rss, which free() does not change.",
	.next = "--size 16, --size 900, --pages 50000 (the number of blocks).",
	.see = "top-chunk, malloc-path, lazy",
	.rules = { &rule_tcache_large },
	.words = "brk: end of the heap; uordblks: bytes in use; heap rss: what is present of it",
	.params = {
		{ "size", "bytes of a block", 64, 1, 1000 },
		{ "pages", "number of blocks", 10000, 100, 100000 },
	},
	.parts = {
		{ .run = run, .environment = "GLIBC_TUNABLES=glibc.malloc.tcache_count=7" },
	},
};
