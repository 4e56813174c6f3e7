// SPDX-License-Identifier: GPL-2.0
/*
 * Does munmap() work on what malloc() gave?
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/proc.h"
#include "experiments/lib/exec.h"
#include "lab/experiment.h"

static void count_heap(const struct proc_map *map, void *arg)
{
	long *n = arg;

	*n += map->start < (size_t)sbrk(0) && map->end > exec_stat(0, STAT_START_BRK);
}

/* By address: until 6.6 [heap] is also what is right in front of it, bss without ASLR. */
static long heap_vmas(void)
{
	long n = 0;

	proc_maps(0, count_heap, &n);
	return n;
}

/* The first page that lies wholly in a chunk. */
static char *page_in(char *chunk)
{
	return (char *)(((uintptr_t)chunk + len(1) - 1) & -len(1));
}

static void run(void)
{
	char *small, *large, *page;

	STEP("malloc(12), munmap it") {
		expect("errno EINVAL, process vmas +1");
		note("EINVAL: the address is not that of a page; that is all munmap() minds. (One "
		     "VMA more: malloc() made the heap.)");
		small = ACT(malloc(12));
		ACT(munmap(small, 12));
	}
	STEP("malloc(64K), write all of it") {
		expect("heap VMAs 1, heap rss >= 64 KiB");
		large = ACT(malloc(KIB(64)));
		memset(large, 7, KIB(64));
		see("heap VMAs", heap_vmas());
	}
	page = page_in(large) + len(1);
	STEP("munmap a page in the middle of it") {
		expect("errno none, process vmas +1");
		expect("heap VMAs 2, heap rss < 64 KiB");
		note("It works: the heap is a mapping like any other. free() and malloc() do not "
		     "know of the hole.");
		ACT(munmap(page, len(1)));
		see("heap VMAs", heap_vmas());
	}
	STEP("read in front of the hole") {
		expect("signal none, byte 7");
		read_at(page - len(1));
	}
	STEP("read in the hole") {
		expect("signal SIGSEGV MAPERR");
		read_at(page);
	}
	STEP("brk still moves") {
		expect("brk +128 KiB, errno none, heap VMAs 2");
		note("brk(2) grows the upper of the two VMAs.");
		ACT(sbrk(KIB(128)));
		see("heap VMAs", heap_vmas());
	}
	STEP("malloc(1M), munmap its pages") {
		expect("errno none, hblkhd +1028 KiB, process vmas +0");
		note("A chunk with a mapping of its own, 16 bytes into it: its pages can go, but "
		     "malloc() counts them for ever.");
		large = ACT(malloc(MIB(1)));
		ACT(munmap(large - 16, MIB(1) + len(1)));
	}
	free(small);
}

const struct experiment exp_munmap_malloc = {
	.name = "munmap-malloc",
	.question = "Does munmap() work on memory that malloc() gave?",
	.textbook =
		"munmap() of malloc()ed memory fails, because munmap() is for memory that was\n"
		"mmap()ed.",
	.kernel =
		"It fails because of the address: do_vmi_munmap() wants the start of a page,\n"
		"and malloc() returns 16 bytes behind one at best. do_vmi_align_munmap() in\n"
		"mm/vma.c (6.1: do_mas_align_munmap(), mm/mmap.c) does not ask who mapped what:\n"
		"the heap is a private anonymous VMA, and a page in it can be unmapped, which\n"
		"splits it. The kernel is content; glibc is not: its chunks still say that the\n"
		"page is theirs, and the next malloc() or free() that looks there dies.",
	.look = "errno, and how many VMAs the heap has.",
	.next = "malloc_trim(3) gives back whole free pages inside the heap, by MADV_DONTNEED.",
	.see = "munmap-basics, partial-munmap, free-interior",
	.words = "heap rss: pages of the (upper) heap that are present; hblkhd: mapped by malloc()",
	.run = run,
};
