// SPDX-License-Identifier: GPL-2.0
/*
 * Which system calls does malloc() make, and free()?
 */
#include <malloc.h>
#include <unistd.h>
#include "experiments/chunk.h"
#include "experiments/ptmalloc.h"
#include "exp.h"

static struct ptmalloc p;
static bool counting;

static void begin(void)
{
	if (counting)
		COUNT_CALLS("brk", "mmap", "munmap", "mremap");
}

static void end(void)
{
	if (counting)
		count_calls_end();
}

static void expect_calls(int brk, int mmap, int munmap)
{
	if (counting)
		expect("brk calls %d, mmap calls %d, munmap calls %d", brk, mmap, munmap);
}

static size_t get(size_t request)
{
	enum ptmalloc_way way = ptmalloc_malloc(&p, request);
	size_t block = 0;

	STEP("malloc(%zu)", request) {
		expect_calls(way == PTMALLOC_BRK, way == PTMALLOC_MMAP, 0);
		expect("brk +%zu KiB, hblkhd +%zu KiB", p.brk_change >> 10,
		       p.mapped_change >> 10);
		begin();
		block = chunk_get(request);
		end();
	}
	return block;
}

static void put(const char *what, size_t block, size_t mapped)
{
	STEP("free() the one of %s", what) {
		expect_calls(0, 0, mapped > 0);
		expect("brk +0 KiB, hblkhd -%zu KiB", mapped >> 10);
		begin();
		chunk_put(block);
		end();
	}
}

static void defaults(void)
{
	size_t small, page, half, large;

	p = ptmalloc_today();
	counting = !access("/sys/kernel/tracing/events/syscalls/sys_enter_brk/id", R_OK);
	sbrk(0);	/* the C library asks once where the heap is: not to be counted */
	small = get(1);
	get(100);
	page = get(5000);
	half = get(KIB(100));
	get(KIB(100));
	large = get(MIB(1));
	put("1", small, 0);
	put("5000", page, 0);
	put("100K", half, 0);
	put("1M", large, p.mapped);
	if (!counting)
		leave_out("the count of system calls: be root, with tracefs mounted");
}

static void without(void)
{
	size_t block = 0, more;

	p = ptmalloc_today();
	ptmalloc_set(&p, p.top_pad, p.trim_threshold);
	p.mmap_threshold = GIB(4);
	STEP("mallopt: M_MMAP_MAX 0") {
		expect("result 1");
		ACT(mallopt(M_MMAP_MAX, 0));
	}
	ptmalloc_malloc(&p, MIB(1));
	STEP("malloc(1M)") {
		expect("brk +%zu KiB, hblkhd +0 KiB, keepcost %zu", p.brk_change >> 10, p.top);
		note("No mappings allowed: brk(2) it is, for any size.");
		block = chunk_get(MIB(1));
	}
	more = ptmalloc_free_top(&p, ptmalloc_chunk(MIB(1)));
	STEP("free() it") {
		expect("brk -%zu KiB, keepcost %zu", more >> 10, p.top);
		note("It is at the top, and more than M_TRIM_THRESHOLD.");
		chunk_put(block);
	}
}

const struct experiment exp_malloc_path = {
	.name = "malloc-path",
	.question = "Which system calls does malloc() make, and free()?",
	.textbook =
		"malloc() calls mmap() (or brk()), free() calls munmap().",
	.kernel =
		"Most calls make none. malloc/malloc.c of glibc asks the kernel only when its\n"
		"top chunk is too small: brk(2) for the request and 128 KiB (M_TOP_PAD) more;\n"
		"mmap(2) for a request of M_MMAP_THRESHOLD, 128 KiB, and more, as long as\n"
		"there are fewer than M_MMAP_MAX such blocks, 65536. free() calls munmap(2) for\n"
		"those, and brk(2) when more than M_TRIM_THRESHOLD is free at the top.\n"
		"\n"
		"The kernel's side of it are do_brk_flags() and do_mmap(): both only write\n"
		"down addresses. Memory comes with the first touch.",
	.look = "The calls, counted by perf at the tracepoints of the system calls.",
	.next = "strace -e brk,mmap,munmap on a program of yours; mmscope trace shows the VMAs.",
	.see = "top-chunk, wholesale, ptmalloc-story",
	.rules = { &rule_tcache_large },
	.words = "calls: system calls made; hblkhd: bytes in mappings of malloc()",
	.parts = {
		{ .title = "defaults", .run = defaults },
		{ .title = "no mappings", .run = without },
	},
};
