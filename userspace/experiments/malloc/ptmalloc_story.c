// SPDX-License-Identifier: GPL-2.0
/*
 * The tale that is told of malloc with A = 30K, B = 40K, C = 200K and D = 100K, replayed: once as
 * glibc is today, once with the settings under which the tale's figures were true.
 */
#include <malloc.h>
#include <stdlib.h>
#include "experiments/lib/ptmalloc.h"
#include "lab/experiment.h"

static struct ptmalloc p;

static char *get(const char *name, size_t size)
{
	char *chunk = ACT(malloc(size));

	ptmalloc_name(name, chunk);
	ptmalloc_draw();
	return chunk;
}

static void put(const char *name, char *chunk)
{
	syscall_begin();
	free(chunk);
	syscall_end(0);
	ptmalloc_name(name, NULL);
	ptmalloc_draw();
}

/* What a malloc() will do, by the rules of ptmalloc.c. */
static enum ptmalloc_way expect_malloc(size_t size)
{
	enum ptmalloc_way way = ptmalloc_malloc(&p, size);

	expect("brk +%zu KiB, hblkhd +%zu KiB", p.brk_change >> 10, p.mapped_change >> 10);
	expect("keepcost %zu bytes", p.top);
	return way;
}

static void tell(enum ptmalloc_way way)
{
	if (way == PTMALLOC_MMAP)
		note("At least M_MMAP_THRESHOLD, %zu KiB: a mapping of its own, zero filled.",
		     p.mmap_threshold >> 10);
	else if (way == PTMALLOC_TOP)
		note("Cut from the top chunk: no system call.");
	else if (p.top_pad)
		note("The top chunk was too small: brk(2) for what is missing, and M_TOP_PAD, "
		     "%zu KiB.", p.top_pad >> 10);
	else
		note("The top chunk was too small: brk(2) for what is missing, in pages.");
}

static void expect_free(size_t brk, size_t mapped)
{
	expect("brk %c%zu KiB, hblkhd %c%zu KiB", brk ? '-' : '+', brk >> 10, mapped ? '-' : '+',
	       mapped >> 10);
	expect("keepcost %zu bytes", p.top);
}

static char *a, *b, *c, *d;

static long not_zero(const char *bytes, size_t size)
{
	long n = 0;

	for (size_t i = 0; i < size; i++)
		n += bytes[i] != 0;
	return n;
}

static void growing(bool with_c)
{
	STEP("A = malloc(30K), the first") {
		expect_malloc(KIB(30));
		expect("heap rss <= 12 KiB");
		note("malloc() makes its tcache (t) first%s. Present are only the pages with "
		     "chunk headers.", p.dynamic ?
		     ": A fits into the M_TOP_PAD that was added to that" : "");
		a = get("A", KIB(30));
	}
	STEP("B = malloc(40K)") {
		tell(expect_malloc(KIB(40)));
		b = get("B", KIB(40));
	}
	if (with_c)
		STEP("C = malloc(200K)") {
			tell(expect_malloc(KIB(200)));
			expect("other than zero 0 bytes");
			c = get("C", KIB(200));
			see("other than zero", not_zero(c, KIB(200)));
		}
	STEP("D = malloc(100K)") {
		tell(expect_malloc(KIB(100)));
		d = get("D", KIB(100));
	}
}

static void free_c(void)
{
	size_t mapped = p.mapped;

	STEP("free(C)") {
		expect_free(0, mapped);
		ptmalloc_free_mapped(&p);
		if (p.dynamic)
			note("munmap(2) at once. And from now on M_MMAP_THRESHOLD is %zu KiB and "
			     "M_TRIM_THRESHOLD twice that: who frees such a chunk wants more.",
			     p.mmap_threshold >> 10);
		put("C", c);
	}
}

static void freeing(void)
{
	size_t hole = ptmalloc_chunk(KIB(40)), trimmed;

	STEP("free(B)") {
		expect_free(0, 0);
		expect("heap rss +0 KiB, fordblks +%zu bytes", hole);
		note("Below D: brk(2) cannot give it back, it becomes a hole for others.");
		put("B", b);
	}
	STEP("malloc(40K) once more, and free it") {
		char *old = b;

		expect_free(0, 0);
		expect("same address 1, fordblks +0 bytes");
		note("The hole is B's size: no system call, and no page that was not there.");
		b = get("B", KIB(40));
		see("same address", b == old);
		free(b);
		ptmalloc_name("B", NULL);
	}
	trimmed = ptmalloc_free_top(&p, hole + ptmalloc_chunk(KIB(100)));
	STEP("free(D)") {
		expect_free(trimmed, 0);
		if (trimmed)
			note("B, D and the top became one, more than M_TRIM_THRESHOLD, %zu KiB: "
			     "what is above M_TOP_PAD goes back by brk(2).",
			     p.trim_threshold >> 10);
		else
			note("B, D and the top became one. %zu KiB is less than "
			     "M_TRIM_THRESHOLD, now %zu KiB: nothing is given back.", p.top >> 10,
			     p.trim_threshold >> 10);
		put("D", d);
	}
}

static void today(void)
{
	char *again;

	p = ptmalloc_today();
	growing(true);
	free_c();
	freeing();
	STEP("malloc(200K) once more") {
		tell(expect_malloc(KIB(200)));
		again = get("C", KIB(200));
	}
	free(again);
}

static void textbook(void)
{
	p = ptmalloc_today();
	ptmalloc_set(&p, 0, KIB(128));
	STEP("mallopt: M_TOP_PAD 0, M_TRIM_THRESHOLD 128K") {
		expect("brk +0 KiB, result 1");
		note("Setting either also stops M_MMAP_THRESHOLD from moving.");
		ACT(mallopt(M_TOP_PAD, 0) & mallopt(M_TRIM_THRESHOLD, KIB(128)));
	}
	growing(true);
	free_c();
	freeing();
}

static void without_c(void)
{
	p = ptmalloc_today();
	growing(false);
	freeing();
}

/* Not mallopt(3), and no line of the program: a variable of its environment. */
static void by_tunable(void)
{
	p = ptmalloc_today();
	ptmalloc_set(&p, p.top_pad, KIB(128));
	growing(true);
	free_c();
	freeing();
}

const struct experiment exp_ptmalloc_story = {
	.name = "ptmalloc-story",
	.question = "Where does malloc() get memory, when does it give it back?",
	.textbook =
		"malloc() moves brk by what is asked for, and from 128K on calls mmap();\n"
		"free() of a mapped chunk gives it back at once, while the heap shrinks when\n"
		"more than 128K are free at its top.",
	.kernel =
		"The kernel sees brk(2), mmap(2), munmap(2) and page faults, no malloc(). It\n"
		"is glibc (malloc/malloc.c) that asks: sysmalloc() moves brk by the request\n"
		"and M_TOP_PAD, 128 KiB, so that most calls need no system call; a request of\n"
		"M_MMAP_THRESHOLD, 128 KiB, that no free chunk fits gets an mmap().\n"
		"\n"
		"Since glibc 2.3.5 both thresholds move: munmap_chunk() raises\n"
		"M_MMAP_THRESHOLD to the size of a mapped chunk that is freed, up to 32 MiB,\n"
		"and M_TRIM_THRESHOLD to twice that. So after free(C) the tale ends otherwise\n"
		"than it is told: free(D) trims nothing, and the next 200K come from the\n"
		"heap. Setting M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD or M_MMAP_MAX\n"
		"once, whatever the value, stops that: the third part. So does a tunable, the\n"
		"fourth: the same program, C and all, and free(D) trims down to M_TOP_PAD.\n"
		"\n"
		"brk(2) moves one end (do_brk_flags() and do_vmi_align_munmap()):\n"
		"only what is free at the top can go. Pages in the middle could be given back\n"
		"by madvise(2), which malloc_trim(3) does and free() does not.",
	.look =
		"brk, hblkhd (bytes in mappings), keepcost (the top chunk) after each call,\n"
		"and the picture: a letter is a chunk that is allocated, = a free one below\n"
		"the top, . the top, t the tcache, 5 KiB a character. heap rss says what was really paid.",
	.next =
		"A program of yours with GLIBC_TUNABLES=glibc.malloc.trim_threshold=131072:\n"
		"mmscope trace shows whether brk goes down now. mmscope run heap-wall: what if\n"
		"the heap cannot grow?",
	.see = "lazy, stack-grow",
	.rules = { &rule_tcache_large },
	.words =
		"brk: end of the heap; hblkhd: bytes mapped by malloc(); keepcost: top chunk; "
		"heap rss: what of it is present",
	.parts = {
		{ .title = "today's defaults", .run = today },
		{ .title = "the same without C", .run = without_c },
		{ .title = "the settings of the textbook", .run = textbook },
		{ .title = "glibc.malloc.trim_threshold=131072", .run = by_tunable,
		  .environment = "GLIBC_TUNABLES=glibc.malloc.trim_threshold=131072" },
	},
};
