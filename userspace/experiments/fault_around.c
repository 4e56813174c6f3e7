// SPDX-License-Identifier: GPL-2.0
/*
 * How many pages does one fault map?
 */
#include <unistd.h>
#include "exp.h"

static void one_by_one(void)
{
	struct region *m = MAP(.pages = 64);

	STEP("plain driver: read 0-31") {
		expect("fault read 0-31 by user");
		expect("rss 32, minor 32");
		read_pages(m, 0, 31);
	}
	drop(m);
}

static void by_blocks(void)
{
	struct region *m = MAP(.pages = 64, .flags = MMSCOPE_AROUND);

	STEP("driver that maps around: read page 5") {
		expect("fault read 5 by user, maps 16");
		expect("rss 16, held 16, minor 1");
		read_pages(m, 5, 5);
	}
	STEP("read 0-31") {
		expect("fault read 16 by user, maps 16");
		expect("rss 32, held 32, minor 1");
		note("Blocks of 16 pages, aligned: two faults instead of 32.");
		read_pages(m, 0, 31);
	}
	drop(m);
}

static struct region *page_cache(size_t pages)
{
	struct region *m = reserve(pages, NULL);
	char block[4096] = "";

	m->fd = memfd_create("fault-around", MFD_CLOEXEC);
	for (size_t i = 0; i < len(pages) / sizeof(block); i++)
		if (write(m->fd, block, sizeof(block)) < 0)
			skip("cannot fill a file in memory");
	ACT(mmap(at(m, 0), len(pages), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, m->fd, 0));
	return m;
}

static void files(void)
{
	struct region *m = page_cache(64);

	STEP("file in the page cache: read page 5") {
		expect("rss 16, minor 1");
		note("The kernel's own: ->map_pages maps what is cached, 64 KiB around.");
		read_pages(m, 5, 5);
	}
	STEP("write page 40") {
		expect("rss 17, minor 1");
		note("For reads only: a write maps its one page.");
		write_pages(m, 40, 40);
	}
	drop(m);
}

static void run(void)
{
	one_by_one();
	by_blocks();
	files();
}

const struct experiment exp_fault_around = {
	.name = "fault-around",
	.question = "How many pages does one fault map?",
	.textbook = "A page fault loads one page.",
	.kernel =
		"For files, do_fault_around() in mm/memory.c lets ->map_pages map what is in\n"
		"the page cache around the address (64 KiB: fault_around_bytes in debugfs),\n"
		"on reads. A driver cannot do that in ->map_pages, whose helpers are not\n"
		"exported; it can map neighbours in ->fault with vm_insert_page(), as udmabuf\n"
		"does, and needs VM_MIXEDMAP for it.",
	.look = "minor against rss: pages per fault.",
	.next = "echo 4096 > /sys/kernel/debug/fault_around_bytes, and run it again.",
	.see = "lazy, double-fault",
	.device = true,
	.run = run,
};
