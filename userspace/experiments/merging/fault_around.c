// SPDX-License-Identifier: GPL-2.0
/*
 * How many pages does one fault map?
 */
#include <unistd.h>
#include "base/proc.h"
#include "lab/experiment.h"

#define READ	64	/* pages of a file */

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

/* Pages that one fault of a file maps. */
static size_t around(void)
{
	long bytes = proc_field("/sys/kernel/debug/fault_around_bytes", "");

	return bytes <= 0 ? 16 : bytes / len(1);
}

static int page_cache(size_t pages)
{
	int fd = memfd_create("fault-around", MFD_CLOEXEC);
	char block[4096] = "";

	for (size_t i = 0; i < len(pages) / sizeof(block); i++)
		if (write(fd, block, sizeof(block)) < 0)
			skip("cannot fill a file in memory");
	return fd;
}

static struct region *map(int fd, size_t pages)
{
	struct region *m = reserve(pages, NULL);

	mmap(at(m, 0), len(pages), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	return m;
}

static void one_fault(int fd, size_t n)
{
	struct region *m = map(fd, 4 * n);

	STEP("file in the page cache: read page %zu", 5 % n) {
		expect("rss %zu, minor 1", n);
		note("The kernel's own: ->map_pages maps what is cached, %zu KiB around.",
		     len(n) >> 10);
		read_pages(m, 5 % n, 5 % n);
	}
	STEP("write a page of another block") {
		expect("rss %zu, minor 1", n + 1);
		note("For reads only: a write maps its one page.");
		write_pages(m, 2 * n, 2 * n);
	}
	drop(m);
}

/* Programs that read neighbours are cheaper, and it does not matter in which order. */
static void locality(int fd, size_t n)
{
	struct region *m = map(fd, READ * n);

	STEP("read %d pages, one after the other", READ) {
		expect("minor %zu, rss %zu", (READ + n - 1) / n, (READ + n - 1) / n * n);
		read_pages(m, 0, READ - 1);
	}
	drop(m);
	m = map(fd, READ * n);
	STEP("the same, last one first") {
		expect("minor %zu, rss %zu", (READ + n - 1) / n, (READ + n - 1) / n * n);
		note("Nobody looks at the order: what counts is that the pages are neighbours.");
		for (size_t page = READ; page-- > 0;)
			read_pages(m, page, page);
	}
	drop(m);
	m = map(fd, READ * n);
	STEP("read as many, %zu pages apart", n) {
		expect("minor %d, rss %zu", READ, READ * n);
		note("As many bytes read, and a fault for each: locality is what makes demand "
		     "paging cheap.");
		for (size_t page = 0; page < READ * n; page += n)
			read_pages(m, page, page);
	}
	drop(m);
}

static void of_driver(void)
{
	one_by_one();
	by_blocks();
}

static void of_file(void)
{
	size_t n = around();
	int fd = page_cache(READ * n);

	one_fault(fd, n);
	locality(fd, n);
	close(fd);
}

const struct experiment exp_fault_around = {
	.name = "fault-around",
	.question = "How many pages does one fault map?",
	.textbook =
		"A page fault loads one page. Programs have locality: they use pages that are\n"
		"near those used before, so few faults are enough.",
	.kernel =
		"For files, do_fault_around() in mm/memory.c lets ->map_pages map what is in\n"
		"the page cache around the address (64 KiB: fault_around_bytes in debugfs),\n"
		"on reads. A driver cannot do that in ->map_pages, whose helpers are not\n"
		"exported; it can map neighbours in ->fault with vm_insert_page(), as udmabuf\n"
		"does, and needs VM_MIXEDMAP for it.",
	.look = "minor against rss: pages per fault.",
	.next = "echo 4096 > /sys/kernel/debug/fault_around_bytes, and run it again.",
	.see = "lazy, double-fault",
	.parts = {
		{ .title = "a driver's mapping", .run = of_driver, .device = true },
		{ .title = "a file's", .run = of_file },
	},
};
