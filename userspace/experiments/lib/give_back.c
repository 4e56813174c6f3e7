// SPDX-License-Identifier: GPL-2.0
/*
 * The second half of partial-munmap: what are the ways to give memory back, and what does each
 * leave behind? Every way is tried on pages 4-7 of 16 written ones, then page 5 is read: of
 * anonymous memory, and of a driver's.
 */
#include <unistd.h>
#include "experiments/lib/give_back.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

static struct region *fresh(bool anonymous)
{
	struct region *m = MAP(.pages = 16, .anonymous = anonymous);

	write_pages(m, 0, 15);
	return m;
}

static void promise_again(struct region *m)
{
	ACT(mmap(at(m, 4), len(4), PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
}

static void unmapping(void)
{
	struct region *m = fresh(true);

	STEP("anonymous: munmap") {
		expect("vmas 2, space 12, rss 12");
		expect("signal SIGSEGV MAPERR");
		ACT(munmap(at(m, 4), len(4)));
		read_pages(m, 5, 5);
	}
	drop(m);
	m = fresh(true);
	STEP("anonymous: MAP_FIXED over it") {
		expect("vmas 1, space 16, rss 12");
		expect("byte 0");
		note("A new promise in the place of the old; the three parts merge at once.");
		promise_again(m);
		read_pages(m, 5, 5);
	}
	drop(m);
	m = fresh(true);
	STEP("anonymous: mremap 16 to 12") {
		expect("vmas 1, space 12, rss 12");
		note("Takes from the end only.");
		ACT(mremap(at(m, 0), len(16), len(12), 0));
	}
	drop(m);
	m = fresh(true);
	STEP("anonymous: mprotect PROT_NONE") {
		expect("vmas 3, space 16, rss 16");
		expect("signal SIGSEGV ACCERR");
		note("Gives nothing back: the pages are there, out of reach.");
		ACT(mprotect(at(m, 4), len(4), PROT_NONE));
		read_pages(m, 5, 5);
	}
	drop(m);
}

static void advising(void)
{
	struct region *m = fresh(true);

	STEP("anonymous: MADV_DONTNEED") {
		expect("vmas 1, space 16, rss 12");
		expect("byte 0, minor 1");
		note("At once, and the promise stays: read again, it is zero.");
		ACT(madvise(at(m, 4), len(4), MADV_DONTNEED));
		read_pages(m, 5, 5);
	}
	drop(m);
	m = fresh(true);
	STEP("anonymous: MADV_FREE") {
		expect("vmas 1, space 16, rss 16");
		expect("byte 6, minor 0");
		note("Later, if memory gets short: until then page and content stay.");
		ACT(madvise(at(m, 4), len(4), MADV_FREE));
		read_pages(m, 5, 5);
	}
	STEP("memory gets short (MADV_PAGEOUT)") {
		expect("vmas 1, space 16, rss 12");
		expect("byte 0, minor 1");
		ACT(madvise(at(m, 4), len(4), MADV_PAGEOUT));
		read_pages(m, 5, 5);
	}
	drop(m);
}

static void advising_more(void)
{
	struct region *m = fresh(true);

	STEP("anonymous: MADV_GUARD_INSTALL") {
		expect_since(&rule_guard, "vmas 1, space 16, rss 12", "vmas 1, space 16, rss 16");
		expect_since(&rule_guard, "signal SIGSEGV MAPERR", "errno EINVAL, byte 6");
		ACT(madvise(at(m, 4), len(4), MADV_GUARD_INSTALL));
		read_pages(m, 5, 5);
	}
	drop(m);
	m = fresh(true);
	STEP("anonymous: MADV_REMOVE") {
		expect("errno EINVAL, rss 16");
		note("Punches holes into files in memory (shmem), and only there.");
		ACT(madvise(at(m, 4), len(4), MADV_REMOVE));
	}
	drop(m);
}

static void driver_takes(void)
{
	struct region *m = fresh(false);

	STEP("driver: munmap") {
		expect("split at 4");
		expect("split at 8");
		expect("unmap 4-7 by munmap, partial, 4 given back");
		expect("vmas 2, space 12, rss 12, held 16");
		ACT(munmap(at(m, 4), len(4)));
	}
	drop(m);
	m = fresh(false);
	STEP("driver: mremap 16 to 12") {
		expect("split at 12");
		expect("unmap 12-15 by mremap, partial, 4 given back");
		expect("vmas 1, space 12, rss 12, held 16");
		ACT(mremap(at(m, 0), len(16), len(12), 0));
	}
	drop(m);
	m = fresh(false);
	STEP("driver: MADV_DONTNEED") {
		expect("fault read 5 by user, again");
		expect("vmas 1, space 16, rss 13, held 16");
		expect("byte 6");
		note("No hook tells the driver. Read again, the old content is back.");
		ACT(madvise(at(m, 4), len(4), MADV_DONTNEED));
		read_pages(m, 5, 5);
	}
	drop(m);
}

static void driver_refuses(void)
{
	struct region *m = fresh(false);

	STEP("driver: MADV_FREE") {
		expect("errno EINVAL, rss 16");
		note("For anonymous memory only.");
		ACT(madvise(at(m, 4), len(4), MADV_FREE));
	}
	STEP("driver: MADV_GUARD_INSTALL") {
		expect("errno EINVAL, rss 16");
		note("Refused for special mappings (VM_DONTEXPAND and the like) where known.");
		ACT(madvise(at(m, 4), len(4), MADV_GUARD_INSTALL));
	}
	STEP("driver: MADV_REMOVE") {
		expect("errno ENODEV, rss 16");
		note("The device has no fallocate().");
		ACT(madvise(at(m, 4), len(4), MADV_REMOVE));
	}
	drop(m);
}

/**
 * give_back - the ways to give part of a mapping back, beside one another
 */
void give_back(void)
{
	unmapping();
	advising();
	advising_more();
	driver_takes();
	driver_refuses();
}
