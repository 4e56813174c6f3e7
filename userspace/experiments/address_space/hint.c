// SPDX-License-Identifier: GPL-2.0
/*
 * Who decides where a mapping goes?
 */
#include "lab/experiment.h"

#define RW	(PROT_READ | PROT_WRITE)
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)

static void polite(struct region *h)
{
	STEP("hint, and the place is free") {
		expect("result page 0 of h, space 4");
		ACT(mmap(at(h, 0), len(4), RW, ANON, -1, 0));
	}
	STEP("the same hint again") {
		expect("result elsewhere, space 4");
		note("Taken: the kernel chooses, from the top of the mmap area down.");
		ACT(mmap(at(h, 0), len(4), RW, ANON, -1, 0));
	}
	STEP("a hint that overlaps by one page") {
		expect("result elsewhere, space 4");
		ACT(mmap(at(h, 3), len(4), RW, ANON, -1, 0));
	}
	STEP("a hint in the middle of page 8") {
		expect("result page 8 of h, space 8");
		note("Rounded down.");
		ACT(mmap((char *)at(h, 8) + 100, len(4), RW, ANON, -1, 0));
	}
	STEP("a hint in the kernel's half") {
		expect("result elsewhere, errno none");
		ACT(mmap((void *)0xffff800000000000UL, len(4), RW, ANON, -1, 0));
	}
}

static void strict(struct region *h)
{
	STEP("MAP_FIXED_NOREPLACE over page 3") {
		expect("errno EEXIST, space 8");
		ACT(mmap(at(h, 3), len(2), RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
	}
	STEP("MAP_FIXED in the middle of a page") {
		expect("errno EINVAL, space 8");
		ACT(mmap((char *)at(h, 0) + 100, len(2), RW, ANON | MAP_FIXED, -1, 0));
	}
	STEP("MAP_FIXED in the kernel's half") {
		expect("errno ENOMEM, space 8");
		ACT(mmap((void *)0xffff800000000000UL, len(4), RW, ANON | MAP_FIXED, -1, 0));
	}
	STEP("write 0-3, then MAP_FIXED over 0-3") {
		expect("result page 0 of h, space 8, rss 0");
		note("What was there is gone, without a word: see map-fixed.");
		write_pages(h, 0, 3);
		ACT(mmap(at(h, 0), len(4), RW, ANON | MAP_FIXED, -1, 0));
	}
}

static void run(void)
{
	struct region *h = reserve(16, "h");

	polite(h);
	strict(h);
	drop(h);
}

const struct experiment exp_hint = {
	.name = "hint",
	.question = "Who decides where a mapping goes?",
	.textbook = "mmap(addr, ...) maps memory at addr.",
	.kernel =
		"Without MAP_FIXED the address is a wish: get_unmapped_area() grants it where\n"
		"the whole range is free and legal, and else looks for a gap, from the top of\n"
		"the mmap area down (vm_unmapped_area(), mm/mmap.c). MAP_FIXED maps\n"
		"there at any price; MAP_FIXED_NOREPLACE (4.17) maps there or fails.",
	.look = "result: on the page that was wished for, elsewhere, or errno.",
	.next = "Run a program twice and compare /proc/PID/maps: the top itself is random.",
	.see = "map-fixed",
	.run = run,
};
