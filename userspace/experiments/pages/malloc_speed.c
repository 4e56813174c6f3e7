// SPDX-License-Identifier: GPL-2.0
/*
 * What takes time: to ask for memory, or to use it?
 */
#include <stdlib.h>
#include "base/proc.h"
#include "lab/experiment.h"

#define PIECE	MIB(1)
#define MANY	512

static char *chunks[MANY];
static size_t n;

/**
 * struct best - the shortest time an act took, in ns: others are disturbed by whoever else runs
 */
static struct best {
	__u64 ask;
	__u64 first;
	__u64 again;
} best;

static __u64 shorter(__u64 best_time, __u64 since)
{
	__u64 ns = time_now() - since;

	return !best_time || ns < best_time ? ns : best_time;
}

static void ask(void)
{
	syscall_begin();
	for (size_t i = 0; i < n; i++) {
		__u64 begin = time_now();

		chunks[i] = malloc(PIECE);
		best.ask = shorter(best.ask, begin);
	}
	syscall_end(0);
}

/* A byte of each page. */
static void touch(__u64 *time)
{
	syscall_begin();
	for (size_t i = 0; i < n; i++) {
		__u64 begin = time_now();

		for (size_t at = 0; at < PIECE; at += len(1))
			__atomic_store_n(chunks[i] + at, 1, __ATOMIC_RELAXED);
		*time = shorter(*time, begin);
	}
	syscall_end(0);
}

/*
 * What happens once: malloc() begins, with a chunk by mmap(), our own data are written, and the
 * clock is read, in a page of the kernel's.
 */
static void rehearse(void)
{
	best.ask = shorter(0, time_now());
	best.ask = 0;
	free(ACT(malloc(KIB(256))));
	write_at(chunks, 0);
	write_at(&chunks[MANY - 1], 0);
	write_at(&best, 0);
}

static void draw_time(const char *what, __u64 ns, size_t pages)
{
	draw("  %-32s %9llu ns  %7llu ns a page", what, ns, ns / pages);
}

static void run(void)
{
	size_t pages = PIECE / len(1);

	n = param("size") / PIECE;
	rehearse();
	STEP("%zu times malloc(1M)", n) {
		expect("minor %zu, hblks %zu", n, n);
		expect("process size +%zu KiB", n * (PIECE + len(1)) >> 10);
		note("A system call and one fault: the header of the chunk.");
		ask();
		draw_time("one malloc(1M), at best", best.ask, pages);
	}
	STEP("write to each page of them") {
		expect("minor %zu, longer by > 10 times", n * (pages - 1));
		note("The work is here: a fault, a page, zeroes, for each of 256 pages but that of "
		     "the header.");
		touch(&best.first);
		see("longer by", best.first / best.ask);
		draw_time("1 MiB, first touch", best.first, pages);
	}
	STEP("once more") {
		expect("minor 0, shorter by > 3 times");
		note("No kernel: only caches and the TLB.");
		touch(&best.again);
		see("shorter by", best.first / best.again);
		draw_time("1 MiB, once more", best.again, pages);
	}
	STEP("free() all of them") {
		expect("hblks -%zu, process size -%zu KiB", n, n * (PIECE + len(1)) >> 10);
		syscall_begin();
		for (size_t i = 0; i < n; i++)
			free(chunks[i]);
		syscall_end(0);
	}
}

const struct experiment exp_malloc_speed = {
	.name = "malloc-speed",
	.question = "What takes time: to ask for memory, or to use it?",
	.textbook =
		"malloc() of a large block is slow, the more so the larger it is; using it is\n"
		"free.",
	.kernel =
		"A malloc() of 1 MiB is an mmap(2): a VMA is made or made longer, which takes\n"
		"the same time for 1 GiB. No page table, no page. These come by faults: for\n"
		"each page the CPU traps, handle_mm_fault() finds the entry, a page is taken\n"
		"from the per-CPU list and filled with zeroes (clear_page()), counted and\n"
		"mapped. Everything after that is done by the CPU alone. Huge pages would make\n"
		"one fault of 512 (they are off for this process).\n"
		"\n"
		"MAP_POPULATE does the same work at once, without the traps.",
	.look =
		"The times below the steps: the best of all pieces. Only their relation is\n"
		"predicted, and that with room: an emulated CPU is another one.",
	.next = "--size 256M: the same times for each piece.",
	.see = "lazy, malloc-max, fault-walk",
	.words =
		"hblks: chunks by mmap(); longer, shorter: than the step before, for 1 MiB",
	.terse = true,
	.params = {
		{ "size", "memory to ask for", MIB(64), MIB(8), MIB(MANY) },
	},
	.run = run,
};
