// SPDX-License-Identifier: GPL-2.0
/*
 * When does a program get the memory it asked for? Not when it asks: when it touches.
 */
#include "exp.h"

static void from_driver(void)
{
	struct region *m;

	STEP("mmap 64 MiB of the device") {
		expect("mmap 0-16383, shared rw-");
		expect("space 16384, rss 0, held 0");
		expect("minor 0");
		m = MAP(.pages = 16384);
	}
	STEP("read 1000 pages") {
		expect("fault read 0-999 by user");
		expect("space 16384, rss 1000, held 1000");
		expect("minor 1000, byte 0");
		read_pages(m, 0, 999);
	}
	STEP("write the same pages") {
		expect("rss 1000, held 1000");
		expect("minor 0");
		note("No fault: the driver's page was mapped for reading and writing at once.");
		write_pages(m, 0, 999);
	}
	STEP("write 1000 pages more") {
		expect("fault write 1000-1999 by user");
		expect("space 16384, rss 2000, held 2000");
		expect("minor 1000");
		write_pages(m, 1000, 1999);
	}
	drop(m);
}

static void from_nowhere(void)
{
	struct region *m;

	STEP("mmap 64 MiB of anonymous memory") {
		expect("space 16384, rss 0");
		expect("minor 0");
		m = MAP(.pages = 16384, .anonymous = true);
	}
	STEP("read 1000 pages") {
		expect("space 16384, rss 0");
		expect("minor 1000, byte 0");
		note("z: all 1000 are one page, the kernel's zero page, mapped read-only.");
		read_pages(m, 0, 999);
	}
	STEP("write the same pages") {
		expect("rss 1000");
		expect("minor 1000");
		note("A second fault for each: the zero page gives way to a page of its own.");
		write_pages(m, 0, 999);
	}
	STEP("write 1000 pages more") {
		expect("rss 2000");
		expect("minor 1000");
		note("Who writes first pays one fault a page, who reads first pays two.");
		write_pages(m, 1000, 1999);
	}
	STEP("munmap it all") {
		expect("vmas 0, space 0, rss 0");
		ACT(munmap(at(m, 0), len(16384)));
	}
	drop(m);
}

static void run(void)
{
	from_driver();
	from_nowhere();
}

const struct experiment exp_lazy = {
	.name = "lazy",
	.question = "When does a program get the memory it asked for?",
	.textbook =
		"mmap() and malloc() allocate memory; a program that was given 64 MiB uses\n"
		"64 MiB.",
	.kernel =
		"mmap() writes down a promise, one struct vm_area_struct however large it is.\n"
		"A page is found when it is first touched: the CPU traps, and\n"
		"handle_mm_fault() in mm/memory.c asks the driver's ->fault, or for anonymous\n"
		"memory do_anonymous_page(): a first read maps the one zero page that all\n"
		"share, a first write allocates. That holds on all kernels; what changed is\n"
		"the lock on the way: since 6.4 the VMA's own, where that will do.",
	.look =
		"space is what was promised, rss what is mapped and counted, held what the\n"
		"driver keeps, minor the faults. mmap() moves only the first of them. Pages z\n"
		"are mapped and cost no memory: rss does not count the zero page.",
	.next =
		"Map with MAP_POPULATE and see who takes the faults then; watch a program of\n"
		"yours with mmscope trace.",
	.see = "partial-munmap, fault-around",
	.device = true,
	.run = run,
};
