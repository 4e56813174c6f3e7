// SPDX-License-Identifier: GPL-2.0
/*
 * Who makes the copy when a private mapping is written?
 */
#include "lab/experiment.h"

static void write_it(struct region *p)
{
	STEP("read 0-3") {
		expect("fault read 0-3 by user");
		expect("rss 4, held 4, minor 4, byte 0");
		read_pages(p, 0, 3);
	}
	STEP("write 0-1, read before") {
		expect("rss 4, held 4, minor 2");
		note("c: copies. The driver was not asked: its page is mapped read-only, and");
		note("do_wp_page() copies it.");
		write_pages(p, 0, 1);
	}
	STEP("write 8-9, never touched") {
		expect("fault write 8-9 by user, copied");
		expect("rss 6, held 6, minor 2");
		note("Asked once: its page is the original (do_cow_fault()), and held for it.");
		write_pages(p, 8, 9);
	}
}

static void isolation(struct region *p)
{
	struct region *s;

	STEP("map the file shared, read page 0") {
		expect("mmap 0-15, shared rw-");
		expect("fault read 0 by user");
		expect("byte 0");
		s = MAP(.pages = 16, .file = p, .name = "shared ");
		read_pages(s, 0, 0);
	}
	STEP("write shared 0-3, read private 3") {
		expect("fault write 1-3 by user");
		expect("byte 4");
		note("Page 3 was only read privately: it is still the driver's, and shared.");
		write_pages(s, 0, 3);
		read_pages(p, 3, 3);
	}
	STEP("read private 1") {
		expect("minor 0, byte 2");
		note("A copy stays as it was written.");
		read_pages(p, 1, 1);
	}
	STEP("MADV_DONTNEED private 8, read it") {
		expect("fault read 8 by user, again");
		expect("byte 0");
		note("The copy is thrown away, and with it what was written.");
		ACT(madvise(at(p, 8), len(1), MADV_DONTNEED));
		read_pages(p, 8, 8);
	}
	drop(s);
}

static void run(void)
{
	struct region *p;

	STEP("mmap 16 pages, MAP_PRIVATE") {
		expect("mmap 0-15, private rw-");
		expect("space 16, rss 0");
		p = MAP(.pages = 16, .private = true, .name = "private");
	}
	write_it(p);
	isolation(p);
	drop(p);
}

const struct experiment exp_private_cow = {
	.name = "private-cow",
	.question = "Who makes the copy when a private mapping is written?",
	.textbook = "A private mapping copies a page when it is written.",
	.kernel =
		"Read first, and the driver's own page is mapped, read-only; a later write is\n"
		"copied by do_wp_page() without a hook. Write first, and do_cow_fault() asks\n"
		"->fault for the original (vmf->cow_page is set) and maps a copy of it. The\n"
		"copy is anonymous memory: the driver neither owns nor sees it any more.",
	.look = "c in the picture; held, which grows although only copies are mapped.",
	.next = "The same after fork: mmscope run fork.",
	.see = "fork, dontneed, write-notify",
	.device = true,
	.run = run,
};
