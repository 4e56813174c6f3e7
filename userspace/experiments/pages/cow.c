// SPDX-License-Identifier: GPL-2.0
/*
 * After fork(): who copies, and when?
 */
#include "base/proc.h"
#include "lab/experiment.h"

static struct region *m;
static size_t pages;
static bool root;
static __u64 frame;		/* of page 0, before the step */

static long exclusive(void)
{
	long n = 0;

	for (size_t i = 0; i < pages; i++) {
		__u64 entry = 0;

		proc_pagemap((size_t)at(m, i), 1, &entry);
		n += !!(entry & PAGEMAP_EXCLUSIVE);
	}
	return n;
}

static void see_pages(void)
{
	see("exclusive", exclusive());
	if (root)
		see_text("frame", "%s", proc_frame(at(m, 0)) == frame ? "the same" : "another");
}

static void expect_frame(const char *which)
{
	if (root)
		expect("frame %s", which);
}

static void remember(void)
{
	frame = proc_frame(at(m, 0));
	root = frame;
}

static void alone(void)
{
	STEP("write %zu pages", pages) {
		expect("minor %zu, rss %zu, exclusive %zu", pages, pages, pages);
		write_pages(m, 0, pages - 1);
		see_pages();
	}
	remember();
	STEP("fork; the child looks, and reads them") {
		expect("minor 0, exclusive 0, byte %zu", pages & 255);
		expect("pss of the child %zu KiB", len(pages) >> 11);
		expect_frame("the same");
		note("fork() copied the page table and took the right to write out of both. No "
		     "page was copied, none needs a fault to be read.");
		CHILD {
			read_pages(m, 0, pages - 1);
			see_pages();
			see("pss of the child", proc_smaps("Pss:", (size_t)at(m, 0),
							   (size_t)at(m, pages)) * 1024);
		}
	}
}

static void child_first(void)
{
	STEP("the child writes them") {
		expect("minor %zu, exclusive %zu", pages, pages);
		expect_frame("another");
		note("A fault and a copy for each: there is another owner.");
		CHILD {
			write_pages(m, 0, pages - 1);
			see_pages();
		}
	}
	remember();
	STEP("the child has ended: we write them") {
		expect("minor %zu, rss +0, exclusive %zu", pages, pages);
		expect_frame("the same");
		note("Faults again, as our entries are read-only still. But nobody else has these "
		     "pages: they are made writable where they are, without a copy.");
		write_pages(m, 0, pages - 1);
		see_pages();
	}
	STEP("we write them again") {
		expect("minor 0, exclusive %zu", pages);
		write_pages(m, 0, pages - 1);
		see_pages();
	}
}

static void parent_first(void)
{
	pid_t pid = child_start();

	remember();
	STEP("another child waits, and we write") {
		expect("minor %zu, rss +0, exclusive %zu", pages, pages);
		expect_frame("another");
		note("Who writes first gets the copy, be it the parent: the child keeps the page "
		     "that was ours.");
		write_pages(m, 0, pages - 1);
		see_pages();
	}
	child_kill(pid);
}

static void run(void)
{
	pages = param("pages");
	m = MAP(.pages = pages, .anonymous = true);
	alone();
	child_first();
	parent_first();
}

const struct experiment exp_cow = {
	.name = "cow",
	.question = "After fork(): who copies a page, and when?",
	.textbook =
		"Parent and child share their pages until one of them writes: then that one\n"
		"takes a fault and gets a copy.",
	.kernel =
		"fork() makes the entries of both page tables read-only (copy_present_ptes();\n"
		"6.1: copy_present_pte(), mm/memory.c); the VMA stays writable, and that\n"
		"contradiction is the mark. A write traps, and do_wp_page() asks whether anybody\n"
		"else has the page: if so it copies (wp_page_copy()), if not it only makes the\n"
		"entry writable again (wp_page_reuse()). So not every such fault is a copy.\n"
		"\n"
		"How it knows has changed: until 5.8 by the number of mappings, since then by\n"
		"the number of references, since 5.19 by a mark of the page as well\n"
		"(PageAnonExclusive), because a reference may be a device that is about to\n"
		"write there.",
	.look =
		"minor: a fault for each page both times; frame: whether the page is another\n"
		"one (root). exclusive: pages that nobody else maps.",
	.next = "--pages 5000. A program that forks and execs copies nothing: vfork(2).",
	.see = "fork, private-cow, lazy",
	.words =
		"exclusive: by /proc/self/pagemap; frame: of page 0, there as well\n\n"
		"# present  . promised  (blank) not mapped; minor: faults",
	.params = {
		{ "pages", "pages to share", 256, 1, 8000 },
	},
	.run = run,
};
