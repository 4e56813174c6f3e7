// SPDX-License-Identifier: GPL-2.0
/*
 * What does munmap(2) accept, and what does it do with it?
 */
#include "lab/experiment.h"

static void refusals(struct region *m)
{
	STEP("munmap from the middle of a page") {
		expect("errno EINVAL, space 8");
		note("The address must be a page's; malloc() seldom returns such a one.");
		ACT(munmap((char *)at(m, 0) + 1, len(1)));
	}
	STEP("munmap 0 bytes") {
		expect("errno EINVAL, space 8");
		ACT(munmap(at(m, 0), 0));
	}
	STEP("munmap from the kernel's half") {
		expect("errno EINVAL, space 8");
		ACT(munmap((void *)0xffff800000000000UL, len(1)));
	}
}

static void effects(struct region *m)
{
	STEP("munmap 1 byte") {
		expect("split at 1");
		expect("unmap 0 by munmap, partial, 1 given back");
		expect("errno none, space 7, rss 7");
		note("The length is rounded up to pages.");
		ACT(munmap(at(m, 0), 1));
	}
	STEP("munmap it again") {
		expect("errno none, space 7");
		note("A hole: nothing to do is no error, and no hook is called.");
		ACT(munmap(at(m, 0), 1));
	}
	STEP("read page 0") {
		expect("signal SIGSEGV MAPERR");
		read_pages(m, 0, 0);
	}
	STEP("munmap 0-7 and 1 GiB behind") {
		expect("unmap 1-7 by munmap, 7 given back");
		expect("errno none, vmas 0, space 0, rss 0");
		note("A range may be larger than what is in it.");
		ACT(munmap(at(m, 0), 1UL << 30));
	}
}

static void run(void)
{
	struct region *m;

	STEP("mmap 8 pages, write them") {
		expect("mmap 0-7, shared rw-");
		expect("fault write 0-7 by user");
		expect("vmas 1, space 8, rss 8");
		m = MAP(.pages = 8);
		write_pages(m, 0, 7);
	}
	refusals(m);
	effects(m);
	drop(m);
}

const struct experiment exp_munmap_basics = {
	.name = "munmap-basics",
	.question = "What does munmap accept, and what does it do with it?",
	.textbook =
		"munmap undoes an mmap, with the same address and length. On memory of\n"
		"malloc() it fails because that was not mapped.",
	.kernel =
		"munmap takes any page-aligned range of the user's half, rounds its length up,\n"
		"and unmaps whatever lies in it: do_vmi_munmap() (6.1: do_mas_munmap()). It\n"
		"fails with EINVAL for the address, not for who mapped it: malloc()ed memory\n"
		"fails because it seldom begins on a page; an aligned page of the heap goes.",
	.look = "errno beside space: what was refused, and what was done although it was odd.",
	.next = "munmap a page of the heap in a program of yours, then use it.",
	.see = "partial-munmap",
	.device = true,
	.run = run,
};
