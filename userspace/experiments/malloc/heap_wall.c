// SPDX-License-Identifier: GPL-2.0
/*
 * What if something lies where the heap wants to grow?
 */
#include <malloc.h>
#include <unistd.h>
#include "experiments/lib/chunk.h"
#include "experiments/lib/ptmalloc.h"
#include "lab/experiment.h"

#define FALLBACK	MIB(1)	/* MMAP_AS_MORECORE_SIZE of glibc */

static struct ptmalloc p;
static size_t first;

static size_t wall_at(void)
{
	return ((size_t)sbrk(0) + len(1) - 1) / len(1) * len(1);
}

static void *build(size_t at)
{
	return ACT(mmap((void *)at, len(1), PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
}

static const char *inside(size_t block, size_t from)
{
	return block >= from && block < (size_t)sbrk(0) ? "the heap" : "a mapping";
}

static void bumping(void)
{
	size_t wall = wall_at();

	STEP("map a page right above the heap") {
		expect("brk +0 KiB, process vmas +1, at the end of the heap 1");
		see("at the end of the heap", (size_t)build(wall) == wall);
	}
	STEP("sbrk(%zu)", len(1)) {
		expect("errno ENOMEM, brk +0 KiB");
		note("brk(2) says no to what would overlap a mapping, and does not look for "
		     "another place: there is one heap, and it is in one piece.");
		ACT(sbrk(len(1)));
	}
}

static void falling_back(void)
{
	size_t block, top;

	STEP("malloc(100K)") {
		top = FALLBACK - ptmalloc_chunk(KIB(100));
		expect("block in a mapping, errno none, brk +0 KiB");
		expect("process size +%zu KiB, keepcost %zu, hblks +0", FALLBACK >> 10, top);
		note("sysmalloc() asks for 1 MiB by mmap(2) instead and makes that its top "
		     "chunk: a second heap that is not called [heap].");
		block = chunk_get(KIB(100));
		see_text("block", "in %s", inside(block, first));
	}
	STEP("malloc(100K) once more") {
		expect("away %zu bytes, process size +0 KiB", ptmalloc_chunk(KIB(100)));
		note("Cut from that top.");
		see("away", chunk_get(KIB(100)) - block);
	}
}

static void free_again(void)
{
	size_t wall = wall_at(), block;

	STEP("unmap the page, then ask for more than is left") {
		size_t left = FALLBACK - 10 * ptmalloc_chunk(KIB(100));
		size_t more = ptmalloc_chunk(KIB(100)) + p.top_pad + 32;

		expect("block in the heap");
		expect("brk +%zu KiB, process size +%zu KiB",
		       (more + len(1) - 1) / len(1) * len(1) >> 10,
		       ((more + len(1) - 1) / len(1) - 1) * len(1) >> 10);
		note("brk(2) is tried first each time; what is left of the mapping, %zu KiB, "
		     "becomes a free block.", left >> 10);
		ACT(munmap((void *)wall, len(1)));
		for (int i = 0; i < 8; i++)
			chunk_get(KIB(100));
		block = chunk_get(KIB(100));
		see_text("block", "in %s", inside(block, first));
	}
}

static void run(void)
{
	p = ptmalloc_today();
	first = chunk_get(KIB(100));
	bumping();
	falling_back();
	free_again();
}

const struct experiment exp_heap_wall = {
	.name = "heap-wall",
	.question = "What if something lies where the heap wants to grow?",
	.textbook =
		"Heap and mappings grow towards each other; when they meet, memory is used\n"
		"up, and malloc() returns NULL.",
	.kernel =
		"brk(2) fails with ENOMEM when the new end, or one page behind it, is in a\n"
		"mapping (find_vma_intersection() in the system call, mm/mmap.c). That is not\n"
		"the end of malloc(): sysmalloc() of glibc falls back to mmap(2), at least\n"
		"1 MiB at a time, wherever the kernel finds room, and remembers that its heap\n"
		"is no longer contiguous.\n"
		"\n"
		"It seldom comes to that: with 47 bits of addresses the heap has terabytes\n"
		"above it. But a MAP_FIXED that was computed from an address of the heap is\n"
		"enough.",
	.look = "errno of sbrk(), then brk, which stays, and process size, which grows by 1 MiB.",
	.next = "ulimit -d, which limits brk(2) too: the fallback is refused as well.",
	.see = "brk-merge, malloc-path, ptmalloc-story",
	.rules = { &rule_tcache_large },
	.words = "brk: end of the heap; keepcost: top chunk, wherever it is; block: where it lies",
	.run = run,
};
