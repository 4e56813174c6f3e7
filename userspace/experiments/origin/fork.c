// SPDX-License-Identifier: GPL-2.0
/*
 * What does a child get of a mapping?
 */
#include "lab/experiment.h"

static void plainly(void)
{
	struct region *m = MAP(.pages = 16);

	write_pages(m, 0, 7);
	STEP("shared: fork, child reads 0-3") {
		expect("fork");
		expect("child dup 0-15, 0 copied");
		expect("child fault read 0-3 by user");
		expect("child unmap 0-15 by the mm's end, 4 given back");
		expect("child end");
		expect("byte 4");
		note("The VMA is copied, its page table is not: a fault finds each page again.");
		CHILD {
			read_pages(m, 0, 3);
		}
	}
	STEP("child writes page 9, we read it") {
		expect("fork");
		expect("child dup 0-15, 0 copied");
		expect("child fault write 9 by user");
		expect("child unmap 0-15 by the mm's end, 1 given back");
		expect("child end");
		expect("fault read 9 by user");
		expect("byte 1");
		CHILD {
			write_pages(m, 9, 9);
		}
		read_pages(m, 9, 9);
	}
	drop(m);
}

static void all_mapped(void)
{
	struct region *m = MAP(.pages = 16, .flags = MMSCOPE_EAGER);

	STEP("eager (VM_MIXEDMAP): child reads 0-3") {
		expect("fork");
		expect("child dup 0-15, 16 copied");
		expect("child unmap 0-15 by the mm's end, 16 given back");
		expect("child end");
		note("Nobody could find such pages again: fork copies the page table.");
		CHILD {
			read_pages(m, 0, 3);
		}
	}
	drop(m);
}

static void with_copies(void)
{
	struct region *m = MAP(.pages = 16, .private = true);

	write_pages(m, 0, 1);
	STEP("private, 0-1 written: child reads 0-1") {
		expect("fork");
		expect("child dup 0-15, 2 copied");
		expect("child unmap 0-15 by the mm's end, 2 given back");
		expect("child end");
		expect("byte 2");
		note("There are private copies (an anon_vma): the page table is copied too.");
		CHILD {
			read_pages(m, 0, 1);
		}
	}
	STEP("child writes page 0, we read it") {
		expect("fork");
		expect("child dup 0-15, 2 copied");
		expect("child unmap 0-15 by the mm's end, 2 given back");
		expect("child end");
		expect("byte 1");
		note("Copied on write, by the kernel alone: the driver is not asked.");
		CHILD {
			write_pages(m, 1, 1);
			write_pages(m, 0, 0);
		}
		read_pages(m, 0, 0);
	}
	drop(m);
}

static void left_out(void)
{
	struct region *m = MAP(.pages = 16);

	madvise(at(m, 0), len(16), MADV_DONTFORK);
	STEP("MADV_DONTFORK: child reads page 0") {
		expect("signal SIGSEGV MAPERR");
		note("The child has no such VMA, and the log nothing to tell.");
		CHILD {
			read_pages(m, 0, 0);
		}
	}
	drop(m);
}

static void run(void)
{
	plainly();
	all_mapped();
	with_copies();
	left_out();
}

const struct experiment exp_fork = {
	.name = "fork",
	.question = "What does a child get of a mapping?",
	.textbook = "fork copies the address space; pages are shared until one writes.",
	.kernel =
		"dup_mmap() copies the VMAs and calls ->open for each, with the child's mm.\n"
		"Page tables are copied only where a fault could not find the page again\n"
		"(vma_needs_copy(), mm/memory.c): private copies, VM_PFNMAP, VM_MIXEDMAP. A\n"
		"plain shared mapping begins empty in the child. 6.1 calls ->open after the\n"
		"page table is copied, 6.12 before (kernel/fork.c, later mm/mmap.c).",
	.look = "dup, its copied pages, and how many faults the child then takes.",
	.next = "mmscope trace -- a program of yours that forks.",
	.see = "private-cow, remote",
	.device = true,
	.run = run,
};
