// SPDX-License-Identifier: GPL-2.0
/*
 * Where do the zeros of a program's bss come from?
 */
#include <stdint.h>
#include <string.h>
#include "base/proc.h"
#include "lab/experiment.h"

#define PAGE	4096
#define MOST	64

static unsigned char bss[MOST * PAGE] __attribute__((aligned(PAGE)));
static unsigned char data[4 * PAGE] __attribute__((aligned(PAGE))) = { 1, [4 * PAGE - 1] = 1 };

/* How many of the pages have this bit in pagemap. */
static long with(const void *first, size_t pages, __u64 bit)
{
	__u64 entries[MOST] = { 0 };
	long n = 0;

	proc_pagemap((uintptr_t)first, pages, entries);
	for (size_t i = 0; i < pages; i++)
		n += (entries[i] & bit) != 0;
	return n;
}

static long frames(size_t pages)
{
	__u64 entries[MOST] = { 0 };
	long n = 0;

	proc_pagemap((uintptr_t)bss, pages, entries);
	for (size_t i = 0; i < pages; i++) {
		bool new = true;

		for (size_t j = 0; j < i; j++)
			new &= PAGEMAP_PFN(entries[j]) != PAGEMAP_PFN(entries[i]);
		n += new;
	}
	return n;
}

static const char *behind(const void *address)
{
	struct proc_map map = proc_at(address);

	return map.inode ? "a file" : map.start ? "nothing" : "no mapping";
}

static void see_pages(size_t pages)
{
	see("present", with(bss, pages, PAGEMAP_PRESENT));
	see("own", with(bss, pages, PAGEMAP_EXCLUSIVE));
	if (proc_frame(bss))
		see("frames", frames(pages));
}

static void zeros(size_t pages)
{
	struct region all = { .at = (char *)bss, .pages = pages };
	bool root = proc_frame(&all);

	STEP("look at bss and data in maps and pagemap") {
		expect("behind bss nothing, behind data a file");
		expect("present 0, own 0");
		note("bss is not in the program's file, which only tells its length: behind the "
		     "last page of data begins anonymous memory.");
		see_text("behind bss", "%s", behind(bss));
		see_text("behind data", "%s", behind(data));
		see("present", with(bss, pages, PAGEMAP_PRESENT));
		see("own", with(bss, pages, PAGEMAP_EXCLUSIVE));
	}
	STEP("read %zu pages of bss", pages) {
		expect("minor %zu, byte 0, present %zu, own 0", pages, pages);
		if (root)
			expect("frames 1");
		note("Each fault maps the same frame: the kernel's one page of zeros. Nothing "
		     "was allocated, nothing was cleared.");
		read_pages(&all, 0, pages - 1);
		see_pages(pages);
	}
	STEP("write them") {
		expect("minor %zu, present %zu, own %zu", pages, pages, pages);
		if (root)
			expect("frames %zu", pages);
		note("A second fault for each: copy on write, from a page known to be zero.");
		write_pages(&all, 0, pages - 1);
		see_pages(pages);
	}
}

static void initialised(void)
{
	unsigned char *page = data + PAGE;

	STEP("read a page of zeros in data") {
		expect("byte 0, of the file 1, own 0");
		note("One byte of the array is not 0: so all of it is in the file, zeros "
		     "included, and read from there.");
		read_at(page);
		see("of the file", with(page, 1, PAGEMAP_FILE));
		see("own", with(page, 1, PAGEMAP_PRESENT) - with(page, 1, PAGEMAP_FILE));
	}
	STEP("write it") {
		expect("minor 1, of the file 0, own 1");
		note("A private copy: no other process and not the file sees it.");
		write_at(page, 1);
		see("of the file", with(page, 1, PAGEMAP_FILE));
		see("own", with(page, 1, PAGEMAP_PRESENT) - with(page, 1, PAGEMAP_FILE));
	}
}

static void run(void)
{
	if (len(1) != PAGE)
		skip("this lesson's arrays are for pages of %d bytes", PAGE);
	zeros(param("pages"));
	initialised();
	if (!proc_frame(bss))
		leave_out("how many frames there are: be root");
}

const struct experiment exp_bss_zero = {
	.name = "bss-zero",
	.question = "Where do the zeros of bss come from?",
	.textbook =
		"Variables without a value are in bss; when the program is loaded the kernel\n"
		"allocates that memory and fills it with zeros.",
	.kernel =
		"It fills only the rest of the page that data ends in (padzero() in\n"
		"fs/binfmt_elf.c). The pages behind become anonymous memory\n"
		"(vm_brk_flags()), and nothing is allocated: a first read maps the zero page\n"
		"(do_anonymous_page() in mm/memory.c), which is in no count of\n"
		"memory; a first write allocates a page and clears it then. Who writes at once\n"
		"pays one fault, who reads first pays two.\n"
		"\n"
		"So a static array costs what is written of it, like malloc()ed memory; data\n"
		"with a value costs space in the file, and page cache.",
	.look = "own: pages that are this process's alone; frames: different ones among them.",
	.next = "--pages 64; size mmscope: bss is a number in the file, no bytes.",
	.see = "lazy, segments, size-vs-run",
	.words =
		"present: pages mapped; own: not shared with anybody; frames: different page "
		"frames",
	.params = { { "pages", "pages of bss to touch", 16, 1, MOST } },
	.terse = true,
	.run = run,
};
