// SPDX-License-Identifier: GPL-2.0
/*
 * What moves when memory is moved?
 */
#include "lab/experiment.h"

#define MOVE		(MREMAP_MAYMOVE | MREMAP_FIXED)
#define MOVE_BOTH	\
	"hooks open 0-3, mremap 0-3, close 0-3, open 8-15, mremap 8-15, close 8-15"

static void moves(void)
{
	struct region *m = MAP(.pages = 16, .name = "old");
	struct region *to = reserve(32, "new");

	write_pages(m, 0, 15);
	STEP("mremap 4-7 elsewhere") {
		expect("may_split 4");
		expect("may_split 8");
		expect("copy 4-7");
		expect("mremap 4-7");
		expect("split at 4");
		expect("split at 8");
		expect("move 4-7, 4 moved");
		expect("vmas 3, space 16, rss 16, minor 0");
		ACT(mremap(at(m, 4), len(4), len(4), MOVE, at(to, 0)));
	}
	STEP("read it there") {
		expect("minor 0, byte 6");
		note("Page tables were moved, not contents: no fault.");
		read_pages(to, 1, 1);
	}
	STEP("read it where it was") {
		expect("signal SIGSEGV MAPERR");
		read_pages(m, 5, 5);
	}
	STEP("mremap 0-15, with the hole") {
		expect_since(&rule_move_many, "errno none", "errno EFAULT");
		expect_since(&rule_move_many, MOVE_BOTH, "hooks none");
		ACT(mremap(at(m, 0), len(16), len(16), MOVE, at(to, 16)));
	}
	drop_all();
}

static void sizes(void)
{
	struct region *m = MAP(.pages = 16);

	write_pages(m, 0, 15);
	STEP("mremap 16 to 12") {
		expect("split at 12");
		expect("unmap 12-15 by mremap, partial, 4 given back");
		expect("space 12, rss 12");
		note("Shrinking is an munmap.");
		ACT(mremap(at(m, 0), len(16), len(12), 0));
	}
	STEP("mremap 12 to 16") {
		expect("errno EFAULT, space 12");
		note("VM_DONTEXPAND: the driver does not let it grow.");
		ACT(mremap(at(m, 0), len(12), len(16), MREMAP_MAYMOVE));
	}
	drop(m);
}

static void anonymous_memory(void)
{
	struct region *m = MAP(.pages = 16, .room = 32, .anonymous = true, .name = "old");
	struct region *to = reserve(32, "new");

	write_pages(m, 0, 15);
	STEP("anonymous: grow 16 to 20 in place") {
		expect("vmas 1, space 20, rss 16");
		expect("result page 0 of old");
		ACT(mremap(at(m, 0), len(16), len(20), 0));
	}
	STEP("anonymous: move, and grow to 32") {
		expect("vmas 1, space 32, rss 16, minor 0");
		ACT(mremap(at(m, 0), len(20), len(32), MOVE, at(to, 0)));
	}
	STEP("anonymous: MREMAP_DONTUNMAP back") {
		expect("vmas 2, space 64, rss 16");
		note("The pages go, the promise stays where it was: both ranges are mapped.");
		ACT(mremap(at(to, 0), len(32), len(32), MOVE | MREMAP_DONTUNMAP, at(m, 0)));
	}
	drop_all();
}

static void driver_memory(void)
{
	moves();
	sizes();
}

const struct experiment exp_mremap = {
	.name = "mremap",
	.question = "What moves when memory is moved?",
	.textbook = "mremap (and realloc on top of it) moves memory.",
	.kernel =
		"move_page_tables() moves the entries of the page table, never the contents:\n"
		"a gigabyte moves in the time of its page table. The VMA is a new one:\n"
		"->may_split at both edges as a question, ->open for the destination, then\n"
		"->mremap with the new VMA, then the source is unmapped and closed. Until 6.16\n"
		"the range had to lie in one VMA.",
	.look = "rss does not change and nothing faults; space does what was asked.",
	.next = "Time realloc() of 1 GiB against memcpy() of it.",
	.see = "hooks, merge",
	.rules = { &rule_move_many },
	.parts = {
		{ .title = "a driver's mapping", .run = driver_memory, .device = true },
		{ .title = "anonymous memory", .run = anonymous_memory },
	},
};
