// SPDX-License-Identifier: GPL-2.0
/*
 * Who takes the fault when a system call touches the memory?
 */
#include <fcntl.h>
#include <unistd.h>
#include "lab/experiment.h"

static int zero, pipes[2];

static void copies(struct region *m)
{
	STEP("read(2) into page 0") {
		expect("fault write 0 by kernel in read");
		expect("result 16, minor 1");
		note("A read for the program, a write for its memory.");
		ACT(read(zero, at(m, 0), 16));
	}
	STEP("write(2) from page 1") {
		expect("fault read 1 by kernel in write");
		expect("result 16, minor 1");
		ACT(write(pipes[1], at(m, 1), 16));
	}
	STEP("read(2) into a hole") {
		expect("errno EFAULT, signal none");
		note("Where the program would get SIGSEGV, a system call gets EFAULT.");
		ACT(read(zero, at(m, 20), 16));
	}
	STEP("read(2) over the end") {
		expect("fault write 15 by kernel in read");
		expect("result 4096, errno none");
		note("What fits is read; what does not is left out.");
		ACT(read(zero, at(m, 15), len(2)));
	}
}

static void ahead(void)
{
	struct region *m;

	STEP("mmap with MAP_POPULATE") {
		expect("mmap 0-15, shared rw-");
		expect("fault read 0-15 by kernel in mmap");
		expect("rss 16");
		m = MAP(.pages = 16, .more = MAP_POPULATE);
	}
	STEP("write 0-15") {
		expect("minor 0");
		write_pages(m, 0, 15);
	}
	drop(m);
	m = MAP(.pages = 16);
	STEP("MADV_POPULATE_WRITE 0-3") {
		expect("fault write 0-3 by kernel in madvise");
		expect("rss 4");
		ACT(madvise(at(m, 0), len(4), MADV_POPULATE_WRITE));
	}
	STEP("mlock 8-9") {
		expect("fault read 8-9 by kernel in mlock");
		expect("rss 6");
		ACT(mlock(at(m, 8), len(2)));
	}
	drop(m);
}

static void run(void)
{
	struct region *m;

	zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	if (zero < 0 || pipe2(pipes, O_CLOEXEC))
		skip("no /dev/zero, or no pipe");
	m = MAP(.pages = 16);
	copies(m);
	drop(m);
	ahead();
}

const struct experiment exp_kernel_fault = {
	.name = "kernel-fault",
	.question = "Who takes the fault when a system call touches the memory?",
	.textbook = "A page fault happens when the program touches a page.",
	.kernel =
		"copy_to_user() faults in the kernel on the program's address; the handler\n"
		"finds no FAULT_FLAG_USER and the exception table behind it: where nothing can\n"
		"be mapped, the copy stops and the call returns EFAULT, or what it got so far.\n"
		"MAP_POPULATE, MADV_POPULATE_* (5.14) and mlock walk ahead with\n"
		"faultin_page() in mm/gup.c: no trap, but the same ->fault.",
	.look = "by kernel in read, write, mmap...: the system call that was running.",
	.next = "mmscope trace -- dd with a buffer in mmscope memory.",
	.see = "remote, sigbus, lazy",
	.device = true,
	.run = run,
};
