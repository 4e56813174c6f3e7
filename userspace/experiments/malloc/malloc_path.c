// SPDX-License-Identifier: GPL-2.0
/*
 * Which system calls does malloc() make, and free()?
 */
#include <malloc.h>
#include <unistd.h>
#include "base/proc.h"
#include "experiments/lib/chunk.h"
#include "experiments/lib/ptmalloc.h"
#include "lab/experiment.h"

#define BLOCK		KIB(256)
#define FEW		1000
#define MMAP_MAX	65536	/* DEFAULT_MMAP_MAX of malloc/malloc.c */
#define HOLES		12	/* between libraries, where a block may fit */
#define TOO_LONG	600000000LL	/* ns for FEW of them: a kernel that checks a lot */

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

static size_t blocks[FEW];

/* The first word of a block and malloc()'s own part are in one page: none stays after this. */
static void take_many(size_t from, size_t to)
{
	syscall_begin();
	for (size_t i = from; i < to; i++) {
		char *block = malloc(BLOCK);

		if (!block)
			skip("malloc() gives no more: ulimit -v, or vm.overcommit_memory 2");
		if (i < FEW)
			blocks[i] = (size_t)block;
		else	/* never freed */
			madvise(block - 2 * sizeof(size_t), len(1), MADV_DONTNEED);
	}
	syscall_end(0);
}

static void free_every_second(void)
{
	for (size_t i = 0; i < FEW; i += 2)
		chunk_put(blocks[i]);
}

static void up_to_the_limit(void)
{
	long most = proc_field("/proc/sys/vm/max_map_count", "");

	STEP("malloc(256K) until there are %d", MMAP_MAX) {
		expect("hblks +%d, brk +0 KiB, process vmas +0..%d", MMAP_MAX - FEW, HOLES);
		note("vm.max_map_count is %ld, and does not count these: one VMA is many "
		     "mappings. If every second of them were freed, that would be %d holes.",
		     most, MMAP_MAX / 2);
		take_many(FEW, MMAP_MAX);
	}
	STEP("one more") {
		expect("hblks +0, brk >= +%zu KiB", BLOCK >> 10);
		note("M_MMAP_MAX, %d: from now on brk(2), until one of them is freed.", MMAP_MAX);
		chunk_get(BLOCK);
	}
}

static void many(void)
{
	long long ns;

	mallopt(M_MMAP_THRESHOLD, BLOCK);	/* or the first free() raises it */
	chunk_get(1);				/* the heap begins */
	ns = time_now();
	STEP("malloc(256K) %d times", FEW) {
		expect("hblks +%d, brk +0 KiB, process vmas +0..%d", FEW, HOLES);
		note("Each a mapping for malloc(). For the kernel each is the neighbour of the "
		     "last, with the same rights: it grows the VMA that is there.");
		take_many(0, FEW);
	}
	ns = time_now() - ns;
	STEP("free() every second of them") {
		expect("hblks -%d, process vmas +%d..%d", FEW / 2, FEW / 2 - HOLES, FEW / 2);
		note("Now there are holes between them, and each block is a VMA of its own.");
		free_every_second();
	}
	STEP("malloc(256K) %d times", FEW / 2) {
		expect("hblks +%d, process vmas -%d..-%d", FEW / 2, FEW / 2 - HOLES, FEW / 2);
		take_many(0, FEW / 2);
	}
	if (ns < TOO_LONG)
		up_to_the_limit();
	else
		leave_out("%d mappings: this kernel takes long for each", MMAP_MAX);
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
		"Those 65536 are malloc()'s own limit, and it does come to it, though\n"
		"vm.max_map_count is 65530: that counts VMAs, and mappings of malloc() that lie\n"
		"side by side are one (can_vma_merge_before() in mm/vma.c). Freed in between\n"
		"they leave 32768 holes at most. In a program that has many other VMAs\n"
		"munmap(2) may fail for it, with ENOMEM, which free() has no way to say.\n"
		"\n"
		"The kernel's side of it are do_brk_flags() and do_mmap(): both only write\n"
		"down addresses. Memory comes with the first touch.",
	.look =
		"The calls, counted by perf at the tracepoints of the system calls; and how\n"
		"many blocks have mappings (hblks) beside how many VMAs that makes.",
	.next = "strace -e brk,mmap,munmap on a program of yours; mmscope trace shows the VMAs.",
	.see = "top-chunk, wholesale, ptmalloc-story",
	.rules = { &rule_tcache_large },
	.words =
		"calls: system calls made; hblkhd: bytes in mappings of malloc(); hblks: "
		"how many of these",
	.parts = {
		{ .title = "defaults", .run = defaults },
		{ .title = "no mappings", .run = without },
		{ .title = "as many mappings as malloc() makes", .run = many },
	},
};
