// SPDX-License-Identifier: GPL-2.0
/*
 * What does it take to change rights, and what does it leave behind?
 */
#include "lab/experiment.h"

#define RW	(PROT_READ | PROT_WRITE)

static void back_again(struct region *m)
{
	STEP("mprotect 4-7 back") {
		expect("mprotect 4-7 rw-");
		expect("vmas 3, rss 16");
		note("Nothing merges: a driver's special VMAs stay apart for ever.");
		ACT(mprotect(at(m, 4), len(4), RW));
	}
	STEP("mprotect 0-15 as it is") {
		expect("mprotect 0-3 rw-");
		expect("mprotect 4-7 rw-");
		expect("mprotect 8-15 rw-");
		note("Asked for each VMA, although nothing changes.");
		ACT(mprotect(at(m, 0), len(16), RW));
	}
	STEP("mprotect 0-15 to PROT_NONE, read") {
		expect("mprotect 0-3 ---");
		expect("mprotect 4-7 ---");
		expect("mprotect 8-15 ---");
		expect("rss 16, signal SIGSEGV ACCERR");
		ACT(mprotect(at(m, 0), len(16), PROT_NONE));
		read_pages(m, 0, 0);
	}
}

static void driver_memory(void)
{
	struct region *m = MAP(.pages = 16);

	write_pages(m, 0, 15);
	STEP("mprotect 4-7 to read only") {
		expect("mprotect 4-7 r--");
		expect("split at 4");
		expect("split at 8");
		expect("lineage #1 0-3 from #0, #0 4-7, #2 8-15 from #0");
		expect("vmas 3, rss 16");
		note("The part that changes stays the old VMA, on every kernel.");
		ACT(mprotect(at(m, 4), len(4), PROT_READ));
	}
	STEP("write page 5") {
		expect("signal SIGSEGV ACCERR");
		note("There is a VMA, but it forbids: the driver is not even asked.");
		write_pages(m, 5, 5);
	}
	STEP("read page 5") {
		expect("minor 0, byte 6");
		read_pages(m, 5, 5);
	}
	back_again(m);
	drop(m);
}

static void anonymous_memory(void)
{
	struct region *m = MAP(.pages = 16, .anonymous = true);

	write_pages(m, 0, 15);
	STEP("anonymous: mprotect 4-7 read only") {
		expect("vmas 3, rss 16");
		ACT(mprotect(at(m, 4), len(4), PROT_READ));
	}
	STEP("anonymous: back") {
		expect("vmas 1, rss 16");
		note("Like neighbours merge: see merge.");
		ACT(mprotect(at(m, 4), len(4), RW));
	}
	STEP("anonymous: write 4-7") {
		expect("minor 0");
		note("Pages of one's own become writable at once (since 6.0), without a fault.");
		write_pages(m, 4, 7);
	}
	drop(m);
}

const struct experiment exp_mprotect = {
	.name = "mprotect",
	.question = "What does it cost to change rights?",
	.textbook = "mprotect changes the rights of pages.",
	.kernel =
		"Rights belong to VMAs: a part that changes must become a VMA of its own\n"
		"(mprotect_fixup(), mm/mprotect.c), so rights cost VMAs. ->mprotect is asked\n"
		"first, for each VMA in the range, also where nothing changes and even if the\n"
		"split fails afterwards. Then the page table is rewritten. Anonymous VMAs merge\n"
		"again when they are alike; a driver's special ones do not.",
	.look = "vmas after each step; ACCERR (a VMA that forbids) against MAPERR (no VMA).",
	.next = "mprotect every second page of a large mapping, and count VMAs.",
	.see = "merge, hooks",
	.parts = {
		{ .title = "a driver's mapping", .run = driver_memory, .device = true },
		{ .title = "anonymous memory", .run = anonymous_memory },
	},
};
