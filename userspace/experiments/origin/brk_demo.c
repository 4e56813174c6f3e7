// SPDX-License-Identifier: GPL-2.0
/*
 * What does moving the end of the heap do?
 */
#include <unistd.h>
#include "base/proc.h"
#include "lab/experiment.h"

#define START	33	/* pages: what a first malloc() asks for */

static char *move(long pages)
{
	char *end = sbrk(0);

	if (pages < 0)
		ACT(brk(end - len(-pages)));
	else
		ACT(brk(end + len(pages)));
	return sbrk(0);
}

static long present(char *start)
{
	__u64 entries[START];
	long n = 0;

	for (size_t i = proc_pagemap((size_t)start, START, entries); i--; )
		n += !!(entries[i] & PAGEMAP_PRESENT);
	return n;
}

static void run(void)
{
	char *end = sbrk(0);

	STEP("brk(+%zu KiB)", len(START) >> 10) {
		expect("brk +%zu KiB, process size +%zu KiB", len(START) >> 10, len(START) >> 10);
		expect("minor 0, present pages 0");
		note("A promise, as by mmap(2). /proc/self/maps calls it [heap].");
		end = move(START);
		see("present pages", present(end - len(START)));
	}
	STEP("brk(+%zu KiB)", len(1) >> 10) {
		expect("brk +%zu KiB, process size +%zu KiB", len(1) >> 10, len(1) >> 10);
		expect("process vmas +0, minor 0");
		note("The VMA's end moves.");
		end = move(1);
	}
	STEP("write to the new page") {
		expect("minor 1, heap rss +%zu KiB", len(1) >> 10);
		write_at(end - 1, 1);
	}
	STEP("brk(-%zu KiB)", len(1) >> 10) {
		expect("brk -%zu KiB, process size -%zu KiB", len(1) >> 10, len(1) >> 10);
		expect("heap rss -%zu KiB, process vmas +0", len(1) >> 10);
		note("The page is given back at once: a shrinking brk(2) is a munmap(2).");
		end = move(-1);
	}
	STEP("write to where it was") {
		expect("signal SIGSEGV MAPERR, brk +0 KiB");
		write_at(end, 1);
	}
	STEP("brk(+%zu KiB), read there", len(1) >> 10) {
		expect("byte 0, brk +%zu KiB", len(1) >> 10);
		note("Memory from the kernel is always zeroed.");
		move(1);
		read_at(end + len(1) - 1);
	}
	STEP("brk(0)") {
		expect("brk +0 KiB, process size +0 KiB");
		note("Nobody may go below where the heap began (start_brk). The system call "
		     "returns the end as it is; no error for the C library.");
		ACT(brk(NULL));
	}
}

const struct experiment exp_brk_demo = {
	.name = "brk-demo",
	.question = "What does moving the end of the heap do?",
	.textbook =
		"brk() and sbrk() move the end of the heap (the \"program break\"), and that\n"
		"allocates memory, or frees it.",
	.kernel =
		"brk(2) (SYSCALL_DEFINE1(brk), mm/mmap.c) compares the new end with the old\n"
		"one. Larger: do_brk_flags() (mm/vma.c, before 6.14 mm/mmap.c) extends the\n"
		"anonymous VMA, without a page, unless the process locked its future pages\n"
		"(mlockall()). Smaller: the pages behind are unmapped and freed. It is mmap()\n"
		"and munmap() for one place that a process has from its start; what is in\n"
		"mm_struct is just two numbers, start_brk and brk.\n"
		"\n"
		"The system call returns the end, also when it refuses; ENOMEM is what the C\n"
		"library makes of an end that is lower than the one asked for.",
	.look = "brk and process size go together; heap rss follows the touch, not the call.",
	.next = "mmscope run brk4: an end in the middle of a page.",
	.see = "brk4, brk-merge, exec-heap, lazy",
	.words = "brk: end of the heap; heap rss: what is present of it; minor: faults",
	.run = run,
};
