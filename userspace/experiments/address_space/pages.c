// SPDX-License-Identifier: GPL-2.0
/*
 * What is a page, and where is it?
 */
#include <sys/auxv.h>
#include "base/proc.h"
#include "lab/experiment.h"

#define PAGES	8

static __u64 frames[PAGES];

static void look(const struct region *m)
{
	for (size_t i = 0; i < PAGES; i++)
		frames[i] = proc_frame(at(m, i));
}

static long distinct(void)
{
	long n = 0;

	for (size_t i = 0; i < PAGES; i++) {
		bool seen = !frames[i];

		for (size_t j = 0; j < i; j++)
			seen |= frames[j] == frames[i];
		n += !seen;
	}
	return n;
}

/* Frames in a row: the page behind one is the frame behind its frame. */
static long runs(void)
{
	long n = 1;

	for (size_t i = 1; i < PAGES; i++)
		n += frames[i] != frames[i - 1] + 1;
	return n;
}

static void draw_frames(const struct region *m)
{
	for (size_t i = 0; i < PAGES; i += 2)
		draw("%p: frame %#-10llx %p: frame %#llx", at(m, i), frames[i], at(m, i + 1),
		     frames[i + 1]);
}

static long kept(const struct region *m)
{
	long n = 0;

	for (size_t i = 0; i < PAGES; i++)
		n += proc_frame(at(m, i)) == frames[i];
	return n;
}

static long mapped_once(void)
{
	long n = 0;

	for (size_t i = 0; i < PAGES; i++)
		n += proc_kpage("kpagecount", frames[i]) == 1;
	return n;
}

static void numbers(struct region *m)
{
	STEP("write %d pages, look up their frames", PAGES) {
		expect("minor %d, frames %d", PAGES - 1, PAGES);
		expect("mapped once %d, runs 1..%d", PAGES, PAGES);
		note("Neighbours in the program need not be neighbours in memory: the page table "
		     "makes one row of them.");
		write_pages(m, 0, PAGES - 1);
		look(m);
		see("frames", distinct());
		see("mapped once", mapped_once());
		see("runs", runs());
		draw_frames(m);
	}
	STEP("write them again") {
		expect("minor 0, frames kept %d", PAGES);
		write_pages(m, 0, PAGES - 1);
		see("frames kept", kept(m));
	}
}

static void moving(struct region *m)
{
	struct region *to = reserve(PAGES, "to");

	STEP("mremap to another address") {
		expect("frames kept %d, minor 0", PAGES);
		note("The address is another, the frames are the same: only the table changed, "
		     "nothing was copied.");
		ACT(mremap(at(m, 0), len(PAGES), len(PAGES), MREMAP_MAYMOVE | MREMAP_FIXED,
			   at(to, 0)));
		see("frames kept", kept(to));
	}
	STEP("MADV_DONTNEED, and write once more") {
		expect("minor %d, frames %d", PAGES, PAGES);
		note("New frames: perhaps some of the old ones, perhaps not.");
		ACT(madvise(at(to, 0), len(PAGES), MADV_DONTNEED));
		write_pages(to, 0, PAGES - 1);
		look(to);
		see("frames", distinct());
		draw_frames(to);
	}
}

static void run(void)
{
	struct region *m;

	STEP("ask three times how large a page is") {
		expect("by auxv %zu, by smaps %zu", len(1), len(1));
		expect("vmas 1, rss 0");
		m = MAP(.pages = PAGES, .anonymous = true, .name = "m");
		see("by auxv", getauxval(AT_PAGESZ));
		see("by smaps", proc_smaps("KernelPageSize:", (uintptr_t)at(m, 0),
					   (uintptr_t)at(m, 1)) * 1024);
	}
	STEP("write one byte") {
		expect("minor 1, rss 1");
		note("Nothing smaller than a page is ever mapped.");
		write_pages(m, 0, 0);
	}
	if (!proc_frame(at(m, 0))) {
		leave_out("where pages are: the kernel shows frame numbers to root only");
		return;
	}
	numbers(m);
	moving(m);
}

const struct experiment exp_pages = {
	.name = "pages",
	.question = "What is a page, and where is it?",
	.textbook =
		"Memory is cut into pages of 4 KiB, which are numbered; a page of the program\n"
		"is put on a page of memory.",
	.kernel =
		"So it is. An address is a page number and an offset; the page table gives the\n"
		"frame for the page (4 levels of 9 bits, or 5), the offset stays. A frame is\n"
		"a struct page in the kernel's array of them, its index is the PFN.\n"
		"/proc/PID/pagemap tells the PFN of each page (fs/proc/task_mmu.c), since 4.2\n"
		"to CAP_SYS_ADMIN only, because Rowhammer needs it; /proc/kpagecount and\n"
		"kpageflags tell what the kernel knows of a PFN.\n"
		"\n"
		"Other sizes exist: 2 MiB and 1 GiB where the CPU ends its walk early; other\n"
		"architectures have 16 and 64 KiB. Today memory is handed out in folios of one\n"
		"or several pages; the number is still that of the page.",
	.look =
		"The frame numbers: how many runs of neighbours there are (runs), and that\n"
		"they stay through mremap() and change after MADV_DONTNEED.",
	.next = "As user and as root: getconf PAGESIZE needs no rights, PFNs do.",
	.see = "phys-of, two-procs, lazy",
	.words =
		"# present  . promised\n\n"
		"frames: different page frames; runs: pieces of them that are in a row",
	.run = run,
};
