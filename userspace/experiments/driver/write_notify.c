// SPDX-License-Identifier: GPL-2.0
/*
 * How does a driver learn that a page is written?
 */
#include "lab/experiment.h"

static void unnoticed(void)
{
	struct region *m = MAP(.pages = 16);

	STEP("plain driver: read 0-3") {
		expect("fault read 0-3 by user");
		expect("minor 4");
		read_pages(m, 0, 3);
	}
	STEP("write 0-3") {
		expect("minor 0");
		note("The page was mapped for writing too: the first write is unseen.");
		write_pages(m, 0, 3);
	}
	drop(m);
}

static void noticed(void)
{
	struct region *m = MAP(.pages = 16, .flags = MMSCOPE_MKWRITE_NOTIFY);

	STEP("with ->page_mkwrite: read 0-3") {
		expect("fault read 0-3 by user");
		expect("minor 4");
		read_pages(m, 0, 3);
	}
	STEP("write 0-3") {
		expect("mkwrite 0-3 by user");
		expect("minor 4");
		note("Mapped read-only now: the first write of each page asks.");
		write_pages(m, 0, 3);
	}
	STEP("write 0-3 again") {
		expect("minor 0");
		write_pages(m, 0, 3);
	}
	STEP("write page 8, never touched") {
		expect("fault write 8 by user");
		expect("mkwrite 8 by user");
		expect("minor 1");
		note("One fault of the CPU, two hooks.");
		write_pages(m, 8, 8);
	}
	drop(m);
}

static void by_number(void)
{
	struct region *m = MAP(.pages = 16, .backing = MMSCOPE_PFN);

	STEP("pages by raw number: read 0-3") {
		expect("fault read 0-3 by user");
		expect("rss 0, minor 4");
		note("rss does not count what has no struct page behind it (VM_PFNMAP).");
		read_pages(m, 0, 3);
	}
	STEP("write 0-3") {
		expect("pfn_mkwrite 0-3 by user");
		expect("minor 4");
		write_pages(m, 0, 3);
	}
	drop(m);
}

static void run(void)
{
	unnoticed();
	noticed();
	by_number();
}

const struct experiment exp_write_notify = {
	.name = "write-notify",
	.question = "How does a driver learn that a page is written?",
	.textbook = "The CPU sets the dirty bit.",
	.kernel =
		"Whoever implements ->page_mkwrite (->pfn_mkwrite for raw numbers) has shared\n"
		"writable pages mapped read-only first (vma_wants_writenotify()); the first\n"
		"write then faults, and do_page_mkwrite() or wp_pfn_shared() asks. A driver\n"
		"that leaves it out never learns. Filesystems and display drivers (deferred\n"
		"I/O) live by it.",
	.look = "minor on the first write of a page that was read: 0 without, 1 with the hook.",
	.next = "Clear the dirty bits (echo 4 > /proc/self/clear_refs) and write again.",
	.see = "private-cow, hooks",
	.device = true,
	.run = run,
};
