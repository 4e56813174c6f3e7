// SPDX-License-Identifier: GPL-2.0
/*
 * What if a page was promised and cannot be had?
 */
#include <sys/syscall.h>
#include <unistd.h>
#include "lab/experiment.h"

static void driver_fails(void)
{
	struct region *m = MAP(.pages = 16, .error_nth = 3);

	STEP("driver fails every 3rd: write 0-3") {
		expect("fault write 0-1 by user");
		expect("fault write 2 by user, SIGBUS");
		expect("signal SIGBUS ADRERR, rss 2");
		write_pages(m, 0, 3);
	}
	STEP("write page 2 again") {
		expect("fault write 2 by user");
		expect("signal none, rss 3");
		note("Nothing was mapped, so the next touch asks again.");
		write_pages(m, 2, 2);
	}
	STEP("read page 3, then time(2) into 4") {
		expect("fault read 3 by user");
		expect("fault write 4 by kernel in time, SIGBUS");
		expect("errno EFAULT, signal none, rss 4");
		note("In a system call the same failure is EFAULT.");
		read_pages(m, 3, 3);
		ACT(syscall(SYS_time, at(m, 4)));
	}
	drop(m);
}

static void file_shrinks(void)
{
	struct region *m = reserve(4, NULL);

	m->fd = memfd_create("sigbus", MFD_CLOEXEC);
	if (m->fd < 0 || ftruncate(m->fd, len(4)))
		skip("no files in memory here");
	ACT(mmap(at(m, 0), len(4), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, m->fd, 0));
	STEP("a file of 4 pages: write them") {
		expect("rss 4, signal none");
		write_pages(m, 0, 3);
	}
	STEP("cut it to 1 page and a byte") {
		expect("vmas 1, space 4, rss 2");
		note("The mapping stays as it is; pages behind the end are taken out.");
		ACT(ftruncate(m->fd, len(1) + 1));
	}
	STEP("read page 1") {
		expect("byte 2, signal none");
		note("The last page is whole: its first byte is the file's, the rest is zero.");
		read_pages(m, 1, 1);
	}
	STEP("read page 2") {
		expect("signal SIGBUS ADRERR");
		read_pages(m, 2, 2);
	}
	drop(m);
}

const struct experiment exp_sigbus = {
	.name = "sigbus",
	.question = "What if a page was promised and cannot be had?",
	.textbook = "A bad access is a segmentation fault.",
	.kernel =
		"SIGSEGV: there is no VMA (MAPERR), or it forbids (ACCERR). SIGBUS: there is\n"
		"one, and ->fault had no page for it (VM_FAULT_SIGBUS): behind the end of a\n"
		"file, an I/O error, a driver at its end. In a system call both are EFAULT.\n"
		"When memory runs out, it is the OOM killer that comes, as a rule.",
	.look = "the signal and its code; rss, which a failed fault leaves as it was.",
	.next = "Map a file, let another process truncate it: what does your program do?",
	.see = "vmalloc-map, kernel-fault",
	.parts = {
		{ .title = "a driver's mapping", .run = driver_fails, .device = true },
		{ .title = "a file's", .run = file_shrinks },
	},
};
