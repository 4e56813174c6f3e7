// SPDX-License-Identifier: GPL-2.0
/*
 * When does a program get the memory it asked for? Not when it asks: when it touches.
 */
#include "lab/experiment.h"

#define PIECES	8

/* Tables of the lowest level for so many pages from the start of the mapping. */
static size_t tables(size_t pages)
{
	size_t entries = len(1) / sizeof(long);

	return (pages + entries - 1) / entries;
}

static struct region *ask(size_t size)
{
	size_t piece = size / PIECES / len(1);
	struct region *m = MAP(.pages = piece, .room = PIECES * piece, .anonymous = true);

	for (size_t i = 1; i < PIECES; i++)
		ACT(mmap(at(m, i * piece), len(piece), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
	return m;
}

static void anonymous(void)
{
	size_t size = param("size"), pages = param("pages");
	struct region *m;

	STEP("%d mmaps of %zu MiB each", PIECES, size / PIECES >> 20) {
		expect("vmas 1, space %zu MiB, rss 0 KiB", size >> 20);
		expect("minor 0, page tables +0 KiB");
		note("Eight promises, one struct vm_area_struct: like neighbours merge. Together "
		     "they may be more than the machine has; each is judged alone.");
		m = ask(size);
	}
	STEP("read %zu pages", pages) {
		expect("minor %zu, byte 0", pages);
		expect("rss 0 KiB, page tables +%zu KiB", (tables(pages) + 2) * len(1) >> 10);
		note("z: all of them are one page, the kernel's zero page, mapped read-only. What "
		     "was paid is the way there: page tables.");
		read_pages(m, 0, pages - 1);
	}
	STEP("write the same pages") {
		expect("minor %zu, rss +%zu KiB", pages, len(pages) >> 10);
		expect("page tables +0 KiB");
		note("A second fault for each: the zero page gives way to a page of its own.");
		write_pages(m, 0, pages - 1);
	}
	STEP("write %zu pages more", pages) {
		expect("minor %zu, rss +%zu KiB", pages, len(pages) >> 10);
		expect("space %zu MiB", size >> 20);
		note("Who writes first pays one fault a page, who reads first pays two.");
		write_pages(m, pages, 2 * pages - 1);
	}
	STEP("munmap it all") {
		expect("vmas 0, space 0 MiB, rss 0 KiB");
		ACT(munmap(at(m, 0), size));
	}
}

static void driver(void)
{
	struct region *m;

	STEP("mmap 64 MiB of the device") {
		expect("mmap 0-16383, shared rw-");
		expect("space 64 MiB, rss 0 KiB, held 0");
		m = MAP(.pages = MIB(64) / len(1));
	}
	STEP("read 1000 pages") {
		expect("fault read 0-999 by user");
		expect("rss 1000, held 1000");
		expect("minor 1000, byte 0");
		note("The driver has no zero page to lend: it allocates for a reader, too.");
		read_pages(m, 0, 999);
	}
	STEP("write the same pages") {
		expect("rss 1000, held 1000, minor 0");
		note("No fault: the driver's page was mapped for reading and writing at once.");
		write_pages(m, 0, 999);
	}
}

const struct experiment exp_lazy = {
	.name = "lazy",
	.question = "When does a program get the memory it asked for?",
	.textbook =
		"mmap() and malloc() allocate memory; a program that was given 4 GiB uses\n"
		"4 GiB, and cannot have them on a machine of 1 GiB.",
	.kernel =
		"mmap() writes down a promise, one struct vm_area_struct however large it is.\n"
		"A page is found when it is first touched: the CPU traps, and\n"
		"handle_mm_fault() in mm/memory.c asks the driver's ->fault, or for anonymous\n"
		"memory do_anonymous_page(): a first read maps the one zero page that all\n"
		"share, a first write allocates. That holds on all kernels; what changed is\n"
		"the lock on the way: since 6.4 the VMA's own, where that will do.\n"
		"\n"
		"Whether a promise is made at all is for __vm_enough_memory() in mm/util.c: by\n"
		"default (vm.overcommit_memory 0) it refuses only what alone is more than all\n"
		"RAM and swap, and does not add up.",
	.look =
		"space is what was promised, rss what is mapped and counted, minor the faults.\n"
		"mmap() moves only the first. Pages z are mapped and cost no memory of their\n"
		"own: rss does not count the zero page; but their page tables are real.",
	.next =
		"--size 512M, --pages 4000: only the second makes it slower. Watch a program\n"
		"of yours with mmscope trace.",
	.see = "partial-munmap, stack-grow, ptmalloc-story",
	.words =
		"# present  . promised  z zero page  (blank) not mapped; minor: faults",
	.params = {
		{ "size", "memory to ask for", GIB(4), MIB(64), GIB(4) },
		{ "pages", "pages to touch, twice", 1000, 1, 8000 },
	},
	.parts = {
		{ .title = "anonymous memory", .run = anonymous },
		{ .title = "memory of a driver", .run = driver, .device = true },
	},
};
