// SPDX-License-Identifier: GPL-2.0
/*
 * Can two processes have different things at the same address?
 */
#include "base/proc.h"
#include "lab/experiment.h"

static void compare(const char *address, __u64 frame, bool frames)
{
	see("byte here", *address);
	if (frames)
		see_text("frame", proc_frame(address) == frame ? "the same" : "another");
}

static void private_page(char *p, bool frames)
{
	__u64 frame = proc_frame(p);

	STEP("fork: the child reads") {
		expect("byte here 1");
		if (frames)
			expect("frame the same");
		note("fork(2) copied the page table, not the page.");
		CHILD {
			compare(p, frame, frames);
		}
	}
	STEP("the child writes 2") {
		expect("byte here 2, minor 1");
		if (frames)
			expect("frame another");
		note("Its page table entry was read-only: do_wp_page() copied the page.");
		CHILD {
			write_at(p, 2);
			compare(p, frame, frames);
		}
	}
	STEP("the parent reads") {
		expect("byte here 1");
		if (frames)
			expect("frame the same");
		compare(p, frame, frames);
	}
}

static void shared_page(char *p, bool frames)
{
	__u64 frame;

	*p = 1;
	frame = proc_frame(p);
	STEP("MAP_SHARED: the child writes 2") {
		expect("byte here 2");
		if (frames)
			expect("frame the same");
		CHILD {
			write_at(p, 2);
			compare(p, frame, frames);
		}
	}
	STEP("the parent reads") {
		expect("byte here 2");
		if (frames)
			expect("frame the same");
		note("One frame in two address spaces: what one writes the other reads.");
		compare(p, frame, frames);
	}
}

static void run(void)
{
	struct region *m, *s = reserve(1, "shared");
	bool frames;

	STEP("write 1 to a private page") {
		expect("vmas 1, rss 1");
		m = MAP(.pages = 1, .anonymous = true, .name = "private");
		write_pages(m, 0, 0);
	}
	frames = proc_frame(at(m, 0));
	if (!frames)
		leave_out("which frame it is: the kernel shows that to root only");
	private_page(at(m, 0), frames);
	mmap(at(s, 0), len(1), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED,
	     -1, 0);
	shared_page(at(s, 0), frames);
}

const struct experiment exp_two_procs = {
	.name = "two-procs",
	.question = "Can two processes have different things at one address?",
	.textbook = "The same virtual number names different pages in two processes.",
	.kernel =
		"Each process has an mm_struct with its own top level page table (pgd); the\n"
		"CPU's CR3 is changed with the process (switch_mm_irqs_off(),\n"
		"arch/x86/mm/tlb.c). After fork(2) the tables of both lead to the same frames,\n"
		"read-only where memory is private (copy_present_ptes(), mm/memory.c), until\n"
		"somebody writes. With MAP_SHARED they go on leading to the same.",
	.look = "frame: the same or another than the parent's before; byte here: what is read.",
	.next = "The same with two programs: setarch -R, then compare /proc/PID/maps.",
	.see = "pages, private-cow, fork",
	.words = "byte here: as the process of the step reads it; minor: faults",
	.terse = true,
	.run = run,
};
