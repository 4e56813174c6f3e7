// SPDX-License-Identifier: GPL-2.0
/*
 * What happens to what was there before MAP_FIXED?
 */
#include "lab/experiment.h"

#define RW	(PROT_READ | PROT_WRITE)

static void replace(struct region *m)
{
	STEP("anonymous MAP_FIXED over 4-7") {
		expect("split at 4");
		expect("split at 8");
		expect("unmap 4-7 by mmap, partial, 4 given back");
		expect("vmas 3, space 16, rss 12, held 16");
		expect("byte 0");
		ACT(mmap(at(m, 4), len(4), RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
		read_pages(m, 5, 5);
	}
	STEP("the device's own 10-11 over 10-11") {
		expect("split at 10");
		expect("split at 12");
		expect("unmap 10-11 by mmap, partial, 2 given back");
		expect("mmap 10-11, shared rw-");
		expect("fault read 11 by user");
		expect("vmas 5, byte 12");
		note("->close comes before ->mmap. The same pages, but in a new mapping.");
		ACT(mmap(at(m, 10), len(2), RW, MAP_SHARED | MAP_FIXED, m->fd, len(10)));
		read_pages(m, 11, 11);
	}
}

static void refuse(struct region *m)
{
	STEP("MAP_FIXED_NOREPLACE over 0-1") {
		expect("errno EEXIST");
		expect("vmas 5, space 16");
		ACT(mmap(at(m, 0), len(2), RW, MAP_SHARED | MAP_FIXED_NOREPLACE, m->fd, 0));
	}
	STEP("MAP_FIXED over 0-1, driver refuses") {
		expect("split at 2");
		expect("unmap 0-1 by mmap, partial, 2 given back");
		expect("errno EINVAL");
		expect("vmas 5, space 14");
		note("The old mapping is gone all the same: it went before ->mmap was asked.");
		ACT(mmap(at(m, 0), len(2), RW, MAP_SHARED | MAP_FIXED, m->fd, len(16)));
	}
	STEP("read page 0") {
		expect("signal SIGSEGV MAPERR");
		read_pages(m, 0, 0);
	}
}

static void run(void)
{
	struct region *m;

	STEP("mmap 16 pages, write them") {
		expect("mmap 0-15, shared rw-");
		expect("fault write 0-15 by user");
		expect("vmas 1, space 16, rss 16, held 16");
		m = MAP(.pages = 16);
		write_pages(m, 0, 15);
	}
	replace(m);
	refuse(m);
	drop(m);
}

const struct experiment exp_map_fixed = {
	.name = "map-fixed",
	.question = "What happens to what was there before MAP_FIXED?",
	.textbook = "MAP_FIXED maps at exactly that address.",
	.kernel =
		"MAP_FIXED is a munmap and an mmap in one, under one hold of mmap_lock. The\n"
		"old range is split off and closed first, then the new file's ->mmap is asked\n"
		"(__mmap_region(), mm/vma.c or mmap.c; 6.1: mmap_region()). If that refuses,\n"
		"the old mapping does not come back.",
	.look = "The unmap whose cause is mmap; and the hole after an mmap that failed.",
	.next = "MAP_FIXED_NOREPLACE in place of MAP_FIXED wherever you find it.",
	.see = "hint, hooks",
	.device = true,
	.run = run,
};
