// SPDX-License-Identifier: GPL-2.0
/*
 * The heap grows by 4 bytes: what grows?
 */
#include <unistd.h>
#include "lab/experiment.h"

static void run(void)
{
	size_t page = len(1);
	char *start = ACT(sbrk(page)), *end = start + page;

	STEP("sbrk(4)") {
		expect("brk +4 bytes, process size +%zu KiB", page >> 10);
		expect("old end 1, in its page 4");
		note("mm->brk is what was asked for, to the byte; the VMA has whole pages.");
		see("old end", ACT(sbrk(4)) == end);
		see("in its page", (size_t)sbrk(0) % page);
	}
	STEP("write to the 4 bytes") {
		expect("minor 1, signal none");
		write_at(end, 1);
	}
	STEP("write to the last byte of that page") {
		expect("signal none, minor 0");
		note("Behind the end of the heap, and nobody minds: the page is the unit of "
		     "protection.");
		write_at(end + page - 1, 1);
	}
	STEP("write one byte further") {
		expect("signal SIGSEGV MAPERR");
		write_at(end + page, 1);
	}
	STEP("sbrk(%zu)", page - 4) {
		expect("brk +%zu bytes, process size +0 KiB", page - 4);
		note("The rest of the page was there already: two numbers change, no VMA.");
		ACT(sbrk(page - 4));
	}
	STEP("sbrk(1)") {
		expect("brk +1 bytes, process size +%zu KiB, process vmas +0", page >> 10);
		ACT(sbrk(1));
	}
	STEP("sbrk(-1)") {
		expect("brk -1 bytes, process size -%zu KiB", page >> 10);
		ACT(sbrk(-1));
	}
}

const struct experiment exp_brk4 = {
	.name = "brk4",
	.question = "The heap grows by 4 bytes: what grows?",
	.textbook =
		"sbrk(4) gives 4 bytes; what lies behind the end of the heap cannot be used.",
	.kernel =
		"brk(2) in mm/mmap.c keeps the number that was asked for (mm->brk) and does\n"
		"its work with both ends rounded up to pages: PAGE_ALIGN(mm->brk) and\n"
		"PAGE_ALIGN(brk). If these are the same, only the number changes. So memory\n"
		"behind the break is usable up to the end of its page, by accident; the fault\n"
		"handler looks at VMAs, and never at mm->brk.",
	.look = "brk in bytes beside process size in KiB.",
	.next = "mmscope run brk-demo: by pages, and when memory is really taken.",
	.see = "brk-demo, exec-heap, chunks",
	.words = "brk: end of the heap, exactly; process size: of all VMAs together",
	.run = run,
};
