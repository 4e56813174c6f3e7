// SPDX-License-Identifier: GPL-2.0
/*
 * How do I give back part of a mapping? Three figures move on their own: address space, what is
 * mapped (rss), and what the driver holds. give_back.c compares munmap with the other ways.
 */
#include "experiments/lib/give_back.h"

static void cut(struct region *m)
{
	STEP("munmap 0-1, the head") {
		expect("split at 2");
		expect("unmap 0-1 by munmap, partial, 2 given back");
		expect_since(&rule_unmap_split, "lineage #1 2-15 from #0", "lineage #0 2-15");
		expect("vmas 1, space 14, rss 12, held 14");
		note("The driver holds its pages until the file is closed: held stays.");
		ACT(munmap(at(m, 0), len(2)));
	}
	STEP("munmap 14-15, the tail, never touched") {
		expect("split at 14");
		expect("unmap 14-15 by munmap, partial, 0 given back");
		expect_since(&rule_unmap_split, "lineage #2 2-13 from #1", "lineage #0 2-13");
		expect("vmas 1, space 12, rss 12, held 14");
		ACT(munmap(at(m, 14), len(2)));
	}
	STEP("munmap 5-7, the middle") {
		expect("split at 5");
		expect("split at 8");
		expect("unmap 5-7 by munmap, partial, 3 given back");
		expect_since(&rule_unmap_split, "lineage #3 2-4 from #2, #4 8-13 from #2",
			     "lineage #0 2-4, #3 8-13 from #0");
		expect("vmas 2, space 9, rss 9, held 14");
		ACT(munmap(at(m, 5), len(3)));
	}
	STEP("munmap 1 byte of page 13, the last") {
		expect("split at 13");
		expect("unmap 13 by munmap, partial, 1 given back");
		expect("vmas 2, space 8, rss 8, held 14");
		note("Lengths are rounded up: whoever gives back a byte gives back its page.");
		ACT(munmap(at(m, 13), 1));
	}
}

static void across(struct region *m)
{
	STEP("munmap 4-9: two VMAs and the hole") {
		expect("split at 4");
		expect("split at 10");
		expect("unmap 4 by munmap, partial, 1 given back");
		expect("unmap 8-9 by munmap, partial, 2 given back");
		expect_since(&rule_unmap_split, "lineage #6 2-3 from #3, #7 10-12 from #5",
			     "lineage #0 2-3, #3 10-12 from #0");
		expect("vmas 2, space 5, rss 5, held 14");
		ACT(munmap(at(m, 4), len(6)));
	}
	STEP("munmap 5-7, only hole") {
		expect("errno none, vmas 2, space 5");
		note("Nothing was there, and that is no error.");
		ACT(munmap(at(m, 5), len(3)));
	}
	STEP("read page 5") {
		expect("signal SIGSEGV MAPERR");
		read_pages(m, 5, 5);
	}
	STEP("munmap 0-15, all that is left") {
		expect("unmap 2-3 by munmap, partial, 2 given back");
		expect("unmap 10-12 by munmap, 3 given back");
		expect("vmas 0, space 0, rss 0, held 14");
		ACT(munmap(at(m, 0), len(16)));
	}
}

static void letting_go(void)
{
	struct region *m;

	STEP("map again, a driver that lets go") {
		expect("mmap 0-15, shared rw-");
		expect("space 16, rss 0, held 0");
		m = MAP(.pages = 16, .flags = MMSCOPE_DROP);
	}
	STEP("write 0-13") {
		expect("fault write 0-13 by user");
		expect("space 16, rss 14, held 14");
		write_pages(m, 0, 13);
	}
	STEP("munmap 5-7") {
		expect("split at 5");
		expect("split at 8");
		expect("unmap 5-7 by munmap, partial, 3 given back");
		expect("vmas 2, space 13, rss 11, held 11");
		note("The same unmap; here ->close gives the pages back, and held falls too.");
		ACT(munmap(at(m, 5), len(3)));
	}
	drop(m);
}

static void run(void)
{
	struct region *m;

	STEP("mmap 16 pages") {
		expect("mmap 0-15, shared rw-");
		expect("vmas 1, space 16, rss 0, held 0");
		m = MAP(.pages = 16);
	}
	STEP("write 0-13") {
		expect("fault write 0-13 by user");
		expect("vmas 1, space 16, rss 14, held 14");
		write_pages(m, 0, 13);
	}
	cut(m);
	across(m);
	drop(m);
	letting_go();
}

const struct experiment exp_partial_munmap = {
	.name = "partial-munmap",
	.question = "How do I give back part of a mapping?",
	.textbook =
		"What was allocated as a whole must be freed as a whole; or: munmap gives\n"
		"memory back, and that is all there is to it.",
	.kernel =
		"munmap takes any range of pages, over VMAs and holes alike. It first splits\n"
		"the VMAs that stick out (->may_split, then ->open for the new half), then\n"
		"closes what lies inside, one ->close each, with exactly the range that went.\n"
		"Which half is the new VMA differs: until 6.5 the part that goes, since 6.6\n"
		"the part that stays (vms_gather_munmap_vmas() in mm/vma.c), so a driver must\n"
		"not read the unmapped range off ->open. Pages behind the range are unmapped;\n"
		"whether memory is free then is up to who owns it.\n"
		"\n"
		"There are other ways. MADV_DONTNEED (zap_page_range_single(); before 6.3\n"
		"zap_page_range()) takes only the pages, at once; MADV_FREE only marks them, and\n"
		"reclaim takes them when memory is short; mprotect takes neither. Since 6.13\n"
		"MADV_GUARD_INSTALL takes the pages and leaves traps in the page table, without\n"
		"a VMA of their own. A driver sees munmap and mremap as ->close, and nothing of\n"
		"the rest.\n"
		"\n"
		"Of a file in memory pages can only go where the file has them: a hole by\n"
		"fallocate(2), or MADV_REMOVE, which is the same through the mapping\n"
		"(madvise_remove()). malloc() has no call for a part: realloc() to a smaller\n"
		"size gives back the end of a large block by mremap(2), and malloc_trim(3)\n"
		"takes whole pages out of free chunks, by MADV_DONTNEED.",
	.look =
		"vmas goes up for a middle part and not for head or tail. space, rss and held\n"
		"part ways: a tail never touched gives back space and no memory; a driver\n"
		"that keeps its pages holds them however much is unmapped. In the second half\n"
		"byte says what a program reads afterwards where it gave memory back. The last\n"
		"table puts all ways side by side: pages that came back, VMAs that it costs,\n"
		"time, and what a later touch finds and how many faults that takes.",
	.next =
		"Unmap every second page of a large mapping, and mind max_map_count. The same\n"
		"with THP on: part of a huge page comes back later, or not at all.",
	.see = "hooks, munmap-basics, dontneed",
	.rules = { &rule_unmap_split, &rule_guard },
	.parts = {
		{ .title = "a driver's mapping", .run = run, .device = true },
		{ .title = "other ways than munmap", .run = give_back, .device = true },
		{ .title = "all ways to give back 64 of 256 pages", .run = ways_all },
	},
};
