// SPDX-License-Identifier: GPL-2.0
/*
 * What does mmap() of 12 bytes map, and munmap() of 12 bytes unmap?
 */
#include "lab/experiment.h"

#define RW	(PROT_READ | PROT_WRITE)

static void anonymous(void)
{
	struct region *m = reserve(4, NULL);
	char *p = at(m, 0);

	STEP("mmap 12 bytes, shared and anonymous") {
		expect("errno none, vmas 1, space 1, rss 0");
		ACT(mmap(p, 12, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	}
	STEP("write byte 11") {
		expect("minor 1, rss 1");
		write_at(p + 11, 1);
	}
	STEP("write byte 12, and the page's last") {
		expect("signal none, minor 0");
		note("Nobody checks 12: the CPU knows pages.");
		write_at(p + 12, 1);
		write_at(p + len(1) - 1, 1);
	}
	STEP("write the byte behind the page") {
		expect("signal SIGSEGV MAPERR");
		write_at(p + len(1), 1);
	}
	STEP("munmap 12 bytes") {
		expect("errno none, vmas 0, rss 0");
		ACT(munmap(p, 12));
	}
	STEP("read byte 100") {
		expect("signal SIGSEGV MAPERR");
		read_at(p + 100);
	}
}

static void device(void)
{
	struct region *m;

	STEP("mmap a page of the device, write byte 11") {
		expect("mmap 0, shared rw-");
		expect("fault write 0 by user");
		expect("space 1, rss 1");
		m = MAP(.pages = 1);
		write_at((char *)at(m, 0) + 11, 1);
	}
	STEP("write the page's last byte") {
		expect("minor 0");
		write_at((char *)at(m, 1) - 1, 1);
	}
	STEP("munmap 12 bytes") {
		expect("unmap 0 by munmap, 1 given back");
		expect("vmas 0, space 0");
		note("The driver, too, is told of a whole page: one ->close.");
		ACT(munmap(at(m, 0), 12));
	}
}

const struct experiment exp_munmap_mmap12 = {
	.name = "munmap-mmap12",
	.question = "What does mmap() of 12 bytes map, and munmap() unmap?",
	.textbook = "mmap(12) and munmap(12) map and unmap 12 bytes.",
	.kernel =
		"Both round the length up to pages: PAGE_ALIGN(len) in do_mmap() and in\n"
		"do_vmi_munmap(). The rest of the page is there, zero, and nobody stops who\n"
		"writes there. Of a file's last page, too: what is behind its end is not\n"
		"written back, and a page wholly behind it is SIGBUS (sigbus).",
	.look = "minor: one fault for the page, whatever byte of it is touched first.",
	.next = "mmap a file of 12 bytes and read byte 12, then byte 4096.",
	.see = "munmap-basics, munmap-malloc, sigbus",
	.parts = {
		{ .title = "anonymous memory", .run = anonymous },
		{ .title = "a driver's", .run = device, .device = true },
	},
};
