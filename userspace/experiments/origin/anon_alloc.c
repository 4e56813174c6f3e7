// SPDX-License-Identifier: GPL-2.0
/*
 * What kind of page does anonymous memory get?
 */
#include <fcntl.h>
#include <unistd.h>
#include "base/proc.h"
#include "lab/experiment.h"

#define DIRTY	2048	/* pages that are filled and given back */
#define FRESH	250

/* Bits of /proc/kpageflags (include/uapi/linux/kernel-page-flags.h) */
enum { KPF_MMAP = 11, KPF_ANON = 12, KPF_SWAPBACKED = 14, KPF_ZERO_PAGE = 24 };

static bool root;

static __u64 entry_of(const void *page)
{
	__u64 entry = 0;

	proc_pagemap((size_t)page, 1, &entry);
	return entry;
}

static __u64 file_word(const char *path, __u64 index)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	__u64 word = 0;

	if (fd < 0)
		return 0;
	if (pread(fd, &word, sizeof(word), index * sizeof(word)) != sizeof(word))
		word = 0;
	close(fd);
	return word;
}

static void see_page(const void *page)
{
	__u64 entry = entry_of(page), flags, number = PAGEMAP_PFN(entry);

	see("present", !!(entry & PAGEMAP_PRESENT));
	see("exclusive", !!(entry & PAGEMAP_EXCLUSIVE));
	if (!root)
		return;
	flags = file_word("/proc/kpageflags", number);
	see_text("kind", "%s", flags >> KPF_ZERO_PAGE & 1 ? "the zero page" :
		 flags >> KPF_ANON & 1 ? "anonymous" : "something else");
	see("swapbacked", flags >> KPF_SWAPBACKED & 1);
	see("mapped by", file_word("/proc/kpagecount", number));
	draw("  page frame %#llx, flags %#llx", number, flags);
}

static void one_page(struct region *m)
{
	STEP("read a page") {
		expect("present 1, exclusive 0, minor 1, rss 0");
		if (root)
			expect("kind the zero page");
		note("do_anonymous_page() maps the one page of zeroes, read-only.");
		read_pages(m, 0, 0);
		see_page(at(m, 0));
	}
	STEP("write it") {
		expect("present 1, exclusive 1, minor 1, rss 1");
		if (root)
			expect("kind anonymous, swapbacked 1, mapped by 1");
		note("Now a page of its own: anonymous, to be swapped if need be, and on an LRU "
		     "list.");
		write_pages(m, 0, 0);
		see_page(at(m, 0));
	}
	STEP("write another at once") {
		expect("present 1, exclusive 1, minor 1, rss 2");
		if (root)
			expect("kind anonymous, swapbacked 1, mapped by 1");
		write_pages(m, 1, 1);
		see_page(at(m, 1));
	}
}

static void zeroed(struct region *m)
{
	unsigned char *dirty = mmap(NULL, len(DIRTY), PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (size_t i = 0; i < len(DIRTY); i++)
		dirty[i] = 0xff;
	munmap(dirty, len(DIRTY));
	STEP("%d pages, after %d of 0xff were freed", FRESH, DIRTY) {
		long other = 0;

		expect("not 0 %d bytes, minor %d", FRESH, FRESH);
		note("The byte in each that was just written, and nothing else: who had the page "
		     "before remains unknown.");
		write_pages(m, 2, FRESH + 1);
		for (unsigned char *p = at(m, 2); p < (unsigned char *)at(m, FRESH + 2); p++)
			other += *p != 0;
		see("not 0", other);
	}
}

static void run(void)
{
	struct region *m = MAP(.pages = 2 + FRESH, .anonymous = true);

	root = !access("/proc/kpageflags", R_OK);
	one_page(m);
	if (!root)
		leave_out("the kind of each page, by /proc/kpageflags: be root");
	zeroed(m);
	drop(m);
}

const struct experiment exp_anon_alloc = {
	.name = "anon-alloc",
	.question = "What kind of page does anonymous memory get?",
	.textbook =
		"do_anonymous_page() calls alloc_zeroed_user_highpage_movable() for a page\n"
		"filled with zeroes.",
	.kernel =
		"For a read it allocates nothing: it maps the zero page, which all processes\n"
		"share and no rss counts. For a write vma_alloc_zeroed_movable_folio()\n"
		"(mm/memory.c; 6.1 alloc_zeroed_user_highpage_movable()) gets a folio from the\n"
		"movable part of the zones, cleared, charges it to the cgroup, gives it an\n"
		"anon_vma so that the mapping can be found from the page, and puts it on an LRU\n"
		"list. Since 6.8 alloc_anon_folio() may take several pages at once, if mTHP is\n"
		"enabled (it is off for this process).\n"
		"\n"
		"Exclusive (since 5.19): this page belongs to this process alone, so that a\n"
		"write after fork() knows whether to copy.",
	.look = "kind: what /proc/kpageflags says of the page frame that pagemap names.",
	.next = "mmscope run private-cow: how a page of a file becomes anonymous.",
	.see = "lazy, fault-walk, private-cow",
	.words =
		"present, exclusive: by /proc/self/pagemap; kind, swapbacked, mapped by: by "
		"/proc/kpageflags and kpagecount",
	.run = run,
};
