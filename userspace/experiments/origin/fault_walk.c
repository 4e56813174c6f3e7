// SPDX-License-Identifier: GPL-2.0
/*
 * Where does a page fault go through?
 */
#include <stdio.h>
#include "experiments/lib/stages.h"
#include "lab/experiment.h"

#define ROOM	(2ULL << 40)
#define ALONE	(512ULL << 30)	/* what an entry of the top level covers */

static struct stop stops[] = {
	{ .word = "trap", .what = "the CPU" },
	{ .word = "lock", .what = "the VMA, by its own lock",
	  .functions = { "lock_vma_under_rcu" } },
	{ .word = "find", .what = "the VMA, by mmap_lock",
	  .functions = { "lock_mm_and_find_vma" } },
	{ .word = "fault", .what = "what is missing?", .functions = { "handle_mm_fault" } },
	{ .word = "pud", .what = "new table", .functions = { "__pud_alloc" } },
	{ .word = "pmd", .what = "new table", .functions = { "__pmd_alloc" } },
	{ .word = "pte", .what = "new table", .functions = { "__pte_alloc" } },
	{ .word = "allocations", .what = "a page", .counted = true,
	  .functions = { "__alloc_frozen_pages_noprof", "__alloc_pages_noprof",
			 "__alloc_pages" } },
	{ .word = "rmap", .what = "the page knows its VMA",
	  .functions = { "folio_add_new_anon_rmap", "page_add_new_anon_rmap" } },
	{ .word = "back", .what = "to the instruction", .functions = { "handle_mm_fault" },
	  .back = true },
};

SEE_ALL("allocations", "order");

static const struct rule rule_anon_lock = {
	.since = KERNEL(6, 4),
	.now = "a fault finds and locks its VMA alone, and takes mmap_lock only if that fails",
	.before = "a fault takes mmap_lock to find its VMA",
	.where = "lock_vma_under_rcu(), lock_mm_and_find_vma(), do_user_addr_fault()",
};

/* The places passed, "trap", then where the VMA was found, then these */
static void expect_order(const char *behind)
{
	char now[80], before[80];

	snprintf(now, sizeof(now), "order trap lock %s", behind);
	snprintf(before, sizeof(before), "order trap find %s", behind);
	expect_since(&rule_anon_lock, now, before);
}

static char *alone(void)
{
	char *room = mmap(NULL, ROOM, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
			  0);
	size_t base = ((size_t)room + ALONE - 1) / ALONE * ALONE;

	if (room == MAP_FAILED)
		skip("there are no 2 TiB of addresses: ulimit -v unlimited");
	munmap(room, ROOM);
	return mmap((void *)base, len(16), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
}

static void touch(char *address, bool write)
{
	stages_begin();
	if (write)
		write_at(address, 1);
	else
		read_at(address);
	stages_end();
}

/* So that nothing else faults for the first time: code, data, the stack for signals. */
static void rehearse(void)
{
	char *page = mmap(NULL, len(1), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	touch(page, true);
	touch(page, false);
	munmap(page, len(1));
	touch(page, true);
}

static void good(char *m)
{
	STEP("write a page, alone in 512 GiB") {
		expect_order("fault pud pmd pte rmap back");
		expect("allocations 4..6, minor 1, page tables +%zu KiB", 3 * len(1) >> 10);
		note("Three tables and the page: four allocations (one or two more where the "
		     "kernel's own lists run empty).");
		touch(m, true);
	}
	STEP("write the next page") {
		expect_order("fault rmap back");
		expect("allocations 1..2, minor 1, page tables +0 KiB");
		note("The tables are there.");
		touch(m + len(1), true);
	}
	STEP("read a third") {
		expect_order("fault back");
		expect("allocations 0, minor 1, byte 0");
		note("The zero page: no allocation at all.");
		touch(m + len(2), false);
	}
	STEP("write the third") {
		expect_order("fault rmap back");
		expect("allocations 1..2, minor 1");
		touch(m + len(2), true);
	}
	STEP("write it again") {
		expect("minor 0, allocations 0, order nothing");
		note("The CPU finds the page by itself: no fault, no kernel.");
		stages_begin();
		write_at(m + len(2), 2);
		stages_end();
		if (!stops[0].hits)
			see_text("order", "nothing");
	}
}

static void bad(char *m)
{
	STEP("write where nothing is mapped") {
		expect_since(&rule_anon_lock, "order trap lock find", "order trap find");
		expect("signal SIGSEGV MAPERR, allocations 0..2");
		note("No VMA, no handle_mm_fault(): a signal.");
		touch(m + len(64), true);
	}
}

static void run(void)
{
	char *m = alone();

	stages_open(stops, ARRAY_SIZE(stops));
	rehearse();
	good(m);
	bad(m);
}

const struct experiment exp_fault_walk = {
	.name = "fault-walk",
	.question = "Where does a page fault go through?",
	.textbook =
		"do_user_addr_fault() calls find_vma(), then handle_mm_fault(), and that\n"
		"allocates a page.",
	.kernel =
		"exc_page_fault() and do_user_addr_fault() in arch/x86/mm/fault.c get the\n"
		"address (CR2) and why (the error code). The VMA: since 6.4 (6.7 for a\n"
		"driver's) lock_vma_under_rcu() finds it in the maple tree and locks it alone;\n"
		"if that does not work, and always before, lock_mm_and_find_vma() takes\n"
		"mmap_lock of the whole process. No VMA, or not with these rights: SIGSEGV.\n"
		"\n"
		"handle_mm_fault() in mm/memory.c goes down the tables and builds what is\n"
		"missing (__pud_alloc(), __pmd_alloc(), __pte_alloc()), then sees what the\n"
		"entry is: none and anonymous is do_anonymous_page(), which allocates, clears\n"
		"and charges a page, notes whose it is (folio_add_new_anon_rmap()) and writes\n"
		"the entry. The instruction is executed again, as if nothing had been.",
	.look =
		"The lines below each step: places passed, with the time since the trap. Each\n"
		"probe costs time itself: compare the steps, not the figures with others.",
	.next = "mmscope run ptables: the tables alone; pf-branches: other ends of this way.",
	.see = "ptables, anon-alloc, lazy",
	.rules = { &rule_anon_lock },
	.words = "order: places that the fault passed; allocations: calls of the page allocator",
	.terse = true,
	.run = run,
};
