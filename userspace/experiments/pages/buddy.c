// SPDX-License-Identifier: GPL-2.0
/*
 * How does the kernel keep free pages?
 */
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "base/proc.h"
#include "experiments/lib/counter.h"
#include "experiments/lib/physical.h"
#include "experiments/pages/buddy.h"
#include "lab/experiment.h"

#define ROUNDS	3
#define CYCLES	1000
#define BATCHED	64		/* that may wait to be put on the LRU lists */

static int requests, of_lists, frees, to_lists, huge_requests;

static long pages_of(const struct buddy_lists *lists)
{
	long sum = lists->stores;

	for (size_t i = 0; i < BUDDY_ORDERS; i++)
		sum += lists->blocks[i] << i;
	return sum;
}

static void draw_lists(const struct buddy_lists *before, const struct buddy_lists *taken,
		       const struct buddy_lists *after)
{
	draw("order          block    before   touched    after munmap");
	for (size_t i = 0; i < BUDDY_ORDERS; i++)
		draw("%5zu      %9s  %8ld  %8ld  %14ld", i, physical_size(len(1UL << i)),
		     before->blocks[i], taken->blocks[i], after->blocks[i]);
	draw(" CPUs' stores, pages  %8ld  %8ld  %14ld", before->stores, taken->stores,
	     after->stores);
	draw("free in all, pages  %8ld  %8ld  %14ld", pages_of(before), pages_of(taken),
	     pages_of(after));
}

static int ascending(const void *a, const void *b)
{
	const long *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static long median(long *values)
{
	qsort(values, ROUNDS, sizeof(*values), ascending);
	return values[ROUNDS / 2];
}

static void *map(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void touch(char *start, size_t size)
{
	for (size_t i = 0; i < size; i += len(1))
		start[i] = 1;
}

static void many(size_t size)
{
	size_t pages = size / len(1);
	long down[ROUNDS], up[ROUNDS], asked = 0, given = 0;
	struct buddy_lists before, taken, after;

	STEP("write %zu MiB, munmap it; %d times", size >> 20, ROUNDS) {
		expect("taken %zu..%zu pages", pages / 2, pages * 3 / 2);
		expect("given back %zu..%zu pages", pages / 2, pages * 3 / 2);
		if (requests >= 0)
			expect("requests for one page %zu..%zu, frees of one page %zu..%zu", pages,
			       pages + pages / 16 + 64, pages - BATCHED,
			       pages + pages / 16 + 64);
		note("The lists are everybody's: the changes are those of the middle one of %d "
		     "rounds. Each CPU has a store of single pages in front of the lists, large "
		     "where there is much memory: the lists need not change at all.", ROUNDS);
		if (requests >= 0)
			note("Requests are this process's own, by perf: one for each page, and "
			     "some for page tables. A few pages are freed later: they wait, on "
			     "this CPU, to be put on the LRU lists.");
		syscall_begin();
		for (size_t i = 0; i < ROUNDS; i++) {
			char *m = map(size);

			before = buddy_look();
			asked = counter_read(requests);
			touch(m, size);
			asked = counter_read(requests) - asked;
			taken = buddy_look();
			given = counter_read(frees);
			munmap(m, size);
			given = counter_read(frees) - given;
			after = buddy_look();
			down[i] = pages_of(&before) - pages_of(&taken);
			up[i] = pages_of(&after) - pages_of(&taken);
		}
		syscall_end(0);
		see("taken", median(down));
		see("given back", median(up));
		see("requests for one page", asked);
		see("frees of one page", given);
		draw_lists(&before, &taken, &after);
	}
}

/* What CYCLES times write and give back took of the lists, and freed. */
struct cycles {
	long asked, taken, freed, given;
};

static struct cycles write_and_give_back(char *m)
{
	struct cycles before = {
		counter_read(requests), counter_read(of_lists), counter_read(frees),
		counter_read(to_lists),
	};

	for (size_t i = 0; i < CYCLES; i++) {
		madvise(m, len(1), MADV_DONTNEED);
		*m = 1;
	}
	return (struct cycles) {
		counter_read(requests) - before.asked, counter_read(of_lists) - before.taken,
		counter_read(frees) - before.freed, counter_read(to_lists) - before.given,
	};
}

static void few(void)
{
	struct cycles best = { .given = LONG_MAX }, one;
	char *m = map(len(1));

	*m = 1;
	STEP("write a page, give it back; %d times", CYCLES) {
		expect("requests for one page %d..%d", CYCLES, CYCLES + CYCLES / 8);
		expect("of them from the lists 0..%d", CYCLES / 2);
		expect("frees of one page %d..%d", CYCLES - BATCHED, CYCLES + CYCLES / 8);
		expect("of them to the lists 0..%d", CYCLES / 2);
		note("What was freed last is given out first, from the CPU's store: it is still "
		     "in the cache, and no lock is needed. buddyinfo does not count it. The kernel "
		     "makes a store smaller that was large, second by second, and who frees then "
		     "gives the rest to the lists: this is the best of %d rounds.", ROUNDS);
		syscall_begin();
		for (size_t i = 0; i < ROUNDS; i++) {
			one = write_and_give_back(m);
			if (one.given < best.given)
				best = one;
		}
		syscall_end(0);
		see("requests for one page", best.asked);
		see("of them from the lists", best.taken);
		see("frees of one page", best.freed);
		see("of them to the lists", best.given);
	}
	munmap(m, len(1));
}

static bool no_huge_pages(void)
{
	char word[64] = "";

	return !proc_word("/sys/kernel/mm/transparent_hugepage/enabled", word, sizeof(word)) ||
	       strstr(word, "[never]");
}

/* How many frames, from the first on, are in a row. */
static long in_a_row(const char *m)
{
	static __u64 entries[1 << BUDDY_HUGE];
	long n = 1;

	proc_pagemap((uintptr_t)m, ARRAY_SIZE(entries), entries);
	while (n < (long)ARRAY_SIZE(entries) &&
	       PAGEMAP_PFN(entries[n]) == PAGEMAP_PFN(entries[n - 1]) + 1)
		n++;
	return n;
}

static void large(void)
{
	size_t size = len(1 << BUDDY_HUGE);
	char *m = map(2 * size);
	char *huge = (char *)(((uintptr_t)m + size - 1) / size * size);
	long asked;

	if (no_huge_pages()) {
		leave_out("a block of 2 MiB: transparent huge pages are \"never\" here");
		return;
	}
	STEP("write one byte, where a huge page is wanted") {
		expect("requests of order %d 1", BUDDY_HUGE);
		expect("frames in a row %d, first one divisible by %d 1", 1 << BUDDY_HUGE,
		       1 << BUDDY_HUGE);
		note("A block of 2^%d pages begins at a multiple of its size: its buddy, with "
		     "which it can become one of order %d, differs in one bit of its number.",
		     BUDDY_HUGE, BUDDY_HUGE + 1);
		prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
		syscall_begin();
		madvise(m, 2 * size, MADV_HUGEPAGE);
		asked = counter_read(huge_requests);
		*huge = 1;
		syscall_end(0);
		prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
		see("requests of order 9", counter_read(huge_requests) - asked);
		see("frames in a row", in_a_row(huge));
		see("first one divisible by 512", proc_frame(huge) % (1 << BUDDY_HUGE) == 0);
	}
	munmap(m, 2 * size);
}

static void run(void)
{
	size_t size = param("size");

	if (proc_field("/proc/meminfo", "MemFree:") < 2 * (long)(size >> 10))
		skip("less than %zu MiB are free: --size 8M", 2 * size >> 20);
	requests = counter_event("kmem/mm_page_alloc", "order == 0");
	frees = counter_event("kmem/mm_page_free", "order == 0");
	to_lists = counter_event("kmem/mm_page_pcpu_drain", "order == 0");
	of_lists = counter_event("kmem/mm_page_alloc_zone_locked", "order == 0");
	huge_requests = counter_event("kmem/mm_page_alloc", "order == 9");
	many(size);
	buddy_fragments(size);
	if (requests < 0) {
		leave_out("single requests: perf counts them for root, with tracefs mounted");
		return;
	}
	few();
	large();
}

const struct experiment exp_buddy = {
	.name = "buddy",
	.question = "How does the kernel keep free pages?",
	.textbook =
		"In lists of blocks of 1, 2, 4... pages. Who asks for one page takes a block\n"
		"apart if he must; a block that is freed is joined with its buddy, if that is\n"
		"free, and so on.",
	.kernel =
		"So it is (1992 and still): struct free_area free_area[] of each zone, orders 0\n"
		"to 10 (4 MiB), in each a list for each migrate type, so that what cannot be\n"
		"moved does not lie among what can. __rmqueue_smallest() takes apart,\n"
		"__free_one_page() joins (mm/page_alloc.c).\n"
		"\n"
		"Most requests never come so far: rmqueue_pcplist() serves orders up to 3 (and\n"
		"9) from a store of each CPU, filled and emptied in batches under the zone's\n"
		"lock. Since 6.7 it grows as it is used, up to an eighth of the memory by all\n"
		"CPUs. Page faults ask for order 0 only, or for large folios.\n"
		"\n"
		"Whether memory is there but in pieces is told by two figures (mm/vmstat.c):\n"
		"unusable_index, the part of what is free in blocks smaller than an order; and\n"
		"extfrag_index, which is -1 while a request would succeed, else from 0, there\n"
		"is too little, to 1, it is in pieces: compaction may help.",
	.look =
		"The table: what falls when memory is touched, lists or stores, and that the\n"
		"sum recovers. Then how much of what is free lies in blocks that are too small\n"
		"(unusable), before and after every second page is given back.",
	.next = "--size 1G; cat /proc/pagetypeinfo; echo 1 > /proc/sys/vm/compact_memory.",
	.see = "kalloc, pages, anon-alloc",
	.words =
		"requests, frees: of this process; of them from the lists: not from the CPU's\n"
		"store; unusable: thousandths of what is free; index: the same; by extfrag",
	.params = { { "size", "memory to touch", MIB(128), MIB(4), GIB(8) } },
	.run = run,
};
