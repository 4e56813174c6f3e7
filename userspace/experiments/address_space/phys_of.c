// SPDX-License-Identifier: GPL-2.0
/*
 * Which physical page is behind an address, and who else has it?
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/kernel-page-flags.h>
#include "base/pagemap_scan.h"
#include "base/proc.h"
#include "lab/experiment.h"

static const struct rule rule_scan = {
	.since = KERNEL(6, 7),
	.now = "PAGEMAP_SCAN tells categories of pages, without their numbers",
	.before = "there is no PAGEMAP_SCAN: ENOTTY",
	.where = "do_pagemap_scan(), fs/proc/task_mmu.c",
};

static const char *scan(const void *address)
{
	struct scan_region region = { 0 };
	struct scan ask = {
		.size = sizeof(ask),
		.start = (uintptr_t)address,
		.end = (uintptr_t)address + len(1),
		.vec = (uintptr_t)&region,
		.vec_len = 1,
		.any_of = IS_PRESENT | IS_FILE | IS_PFNZERO,
		.wanted = IS_PRESENT | IS_FILE | IS_PFNZERO,
	};
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	long n = ioctl(fd, SCAN, &ask);

	close(fd);
	if (n < 0)
		return strerrorname_np(errno);
	return !n ? "nothing" : region.categories & IS_PFNZERO ? "zero page" :
	       region.categories & IS_FILE ? "file" : "anonymous";
}

/* What the kernel says of the frame behind a page: by pagemap's number, from kpageflags. */
static const char *kind(const void *address)
{
	__u64 flags = proc_kpage("kpageflags", proc_frame(address));

	return flags & 1ULL << KPF_ZERO_PAGE ? "zero page" :
	       flags & 1ULL << KPF_ANON ? "anonymous" : "file";
}

static void expect_both(const char *what)
{
	char line[64];

	snprintf(line, sizeof(line), "by scan %s", what);
	expect("by frame %s", what);
	expect_since(&rule_scan, line, "by scan ENOTTY");
}

static void see_both(const void *address)
{
	see_text("by frame", "%s", kind(address));
	see_text("by scan", "%s", scan(address));
}

static void one_page(void)
{
	struct region *m = reserve(2, NULL);
	__u64 frame;

	STEP("read an anonymous page") {
		expect_both("zero page");
		ACT(mmap(at(m, 0), len(2), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
		read_at(at(m, 0));
		see_both(at(m, 0));
	}
	frame = proc_frame(at(m, 0));
	STEP("read the next page") {
		expect("frame the same, minor 1");
		read_at(at(m, 1));
		see_text("frame", proc_frame(at(m, 1)) == frame ? "the same" : "another");
	}
	STEP("write the first") {
		expect_both("anonymous");
		expect("frame another, mapped 1 times");
		write_at(at(m, 0), 1);
		see_both(at(m, 0));
		see_text("frame", proc_frame(at(m, 0)) == frame ? "the same" : "another");
		see("mapped", proc_kpage("kpagecount", proc_frame(at(m, 0))));
		draw("virtual %p = page %#lx, offset 0", at(m, 0), (uintptr_t)at(m, 0) / len(1));
		draw("physical %#14llx = frame %#llx, offset 0", proc_frame(at(m, 0)) * len(1),
		     proc_frame(at(m, 0)));
	}
	drop(m);
}

/* TLPI's anon_mmap: a shared anonymous page, and a child that adds 1 to it. */
static void shared(void)
{
	struct region *m = reserve(1, NULL);
	__u64 frame;
	char *p = at(m, 0);

	STEP("a shared page: write 1") {
		expect_both("file");
		expect("mapped 1 times");
		note("Shared anonymous memory is a file of tmpfs, in secret.");
		ACT(mmap(p, len(1), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED,
			 -1, 0));
		write_at(p, 1);
		see_both(p);
		see("mapped", proc_kpage("kpagecount", proc_frame(p)));
	}
	frame = proc_frame(p);
	STEP("a child adds 1") {
		expect("frame the same, mapped 2 times");
		CHILD {
			write_at(p, *p + 1);
			see_text("frame", proc_frame(p) == frame ? "the same" : "another");
			see("mapped", proc_kpage("kpagecount", proc_frame(p)));
		}
	}
	STEP("the parent reads") {
		expect("byte 2");
		expect("mapped 1 times");
		read_at(p);
		see("mapped", proc_kpage("kpagecount", proc_frame(p)));
	}
	drop(m);
}

static void run(void)
{
	char here = 1;

	if (!proc_frame(&here) || !proc_kpage("kpageflags", proc_frame(&here)))
		skip("numbers of page frames are for root (CAP_SYS_ADMIN): run with sudo");
	one_page();
	shared();
}

const struct experiment exp_phys_of = {
	.name = "phys-of",
	.question = "Which physical page is behind an address, and who has it too?",
	.textbook = "A driver walks the page tables (pgd, pud, pmd, pte) to find out.",
	.kernel =
		"No driver has to, and may ask only for memory without struct page (VM_PFNMAP),\n"
		"by follow_pfnmap_start() (before 6.12 by follow_pte()). /proc/PID/pagemap\n"
		"(pagemap_read() in fs/proc/task_mmu.c) has 64 bits for each page: present,\n"
		"swapped, of a file, exclusive, and to CAP_SYS_ADMIN the frame's number;\n"
		"/proc/kpagecount and kpageflags tell how often a frame is mapped and what it\n"
		"is. PAGEMAP_SCAN (6.7) finds pages by category without numbers, and needs no\n"
		"rights.",
	.look =
		"by frame and by scan: two witnesses for the same page; mapped: in how many\n"
		"page tables it is.",
	.next = "Documentation/admin-guide/mm/pagemap.rst; tools/mm/page-types.c.",
	.see = "pages, two-procs, private-cow",
	.rules = { &rule_scan },
	.words = "by frame: from pagemap and kpageflags; by scan: PAGEMAP_SCAN; mapped: kpagecount",
	.terse = true,
	.run = run,
};
