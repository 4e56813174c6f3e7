// SPDX-License-Identifier: GPL-2.0
/*
 * What is left after MADV_DONTNEED?
 */
#include "lab/experiment.h"

static void of_driver(void)
{
	struct region *m = MAP(.pages = 16);

	write_pages(m, 0, 15);
	STEP("driver: MADV_DONTNEED 0-7") {
		expect("vmas 1, space 16, rss 8, held 16");
		note("No hook is called: the driver does not know.");
		ACT(madvise(at(m, 0), len(8), MADV_DONTNEED));
	}
	STEP("read 0-7") {
		expect("fault read 0-7 by user, again");
		expect("rss 16, held 16, byte 8");
		note("Asked again for pages it gave before: that is how a driver can tell.");
		read_pages(m, 0, 7);
	}
	STEP("once more, and write") {
		expect("fault write 0-7 by user, again");
		expect("rss 16");
		ACT(madvise(at(m, 0), len(8), MADV_DONTNEED));
		write_pages(m, 0, 7);
	}
	drop(m);
}

static void of_copies(void)
{
	struct region *m = MAP(.pages = 16, .private = true);

	write_pages(m, 0, 7);
	STEP("private copies: MADV_DONTNEED 0-7, read") {
		expect("fault read 0-7 by user, again");
		expect("rss 8, byte 0");
		note("The copies are thrown away, the originals come back.");
		ACT(madvise(at(m, 0), len(8), MADV_DONTNEED));
		read_pages(m, 0, 7);
	}
	drop(m);
}

static void of_nobody(void)
{
	struct region *m = MAP(.pages = 16, .anonymous = true);

	write_pages(m, 0, 15);
	STEP("anonymous: MADV_DONTNEED 0-7") {
		expect("vmas 1, space 16, rss 8");
		ACT(madvise(at(m, 0), len(8), MADV_DONTNEED));
	}
	STEP("read 0-7") {
		expect("rss 8, minor 8, byte 0");
		note("The content is lost: zero pages now.");
		read_pages(m, 0, 7);
	}
	STEP("MADV_DONTNEED over a hole") {
		expect("errno ENOMEM, rss 8");
		note("Done for what is there, then refused.");
		ACT(munmap(at(m, 4), len(4)));
		ACT(madvise(at(m, 0), len(8), MADV_DONTNEED));
	}
	drop(m);
}

static void driver_memory(void)
{
	of_driver();
	of_copies();
}

const struct experiment exp_dontneed = {
	.name = "dontneed",
	.question = "What is left after MADV_DONTNEED?",
	.textbook = "It is a hint that the pages will not be needed soon.",
	.kernel =
		"It is no hint: madvise_dontneed_single_vma() zaps the page table at once. The\n"
		"VMA stays, and the next touch faults: anonymous memory is zero then, a private\n"
		"copy is the original again, a driver's page is whatever the driver gives. No\n"
		"hook is called; only mmu notifiers hear of it. 7.x zaps under the VMA's lock.",
	.look = "rss falls, space does not; records \"again\" are faults for a page given before.",
	.next = "Use it under an allocator (jemalloc, glibc arenas) and trace the refaults.",
	.see = "partial-munmap, private-cow",
	.parts = {
		{ .title = "a driver's mapping", .run = driver_memory, .device = true },
		{ .title = "anonymous memory", .run = of_nobody },
	},
};
