// SPDX-License-Identifier: GPL-2.0
/*
 * Does free(1) show what malloc() gave?
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include "base/proc.h"
#include "lab/experiment.h"

#define PIECE	MIB(1)
#define ROUNDS	7
#define MANY	256

/**
 * struct memory - of the whole machine, in KiB
 * @available: MemAvailable of /proc/meminfo, and what proc_cpu_lists() counts
 * @anonymous: AnonPages of /proc/meminfo
 * @committed: Committed_AS of /proc/meminfo
 */
struct memory {
	long available;
	long anonymous;
	long committed;
};

/**
 * struct round - what a child saw
 * @asked: change by malloc()
 * @touched: change by a touch
 */
struct round {
	struct memory asked;
	struct memory touched;
};

static struct round *rounds;	/* shared with the children */
static char *chunks[MANY];	/* given last */

static struct memory now(void)
{
	long lists = len(proc_cpu_lists()) >> 10;

	return (struct memory){
		.available = proc_field("/proc/meminfo", "MemAvailable:") + lists,
		.anonymous = proc_field("/proc/meminfo", "AnonPages:"),
		.committed = proc_field("/proc/meminfo", "Committed_AS:"),
	};
}

static struct memory since(struct memory before)
{
	struct memory after = now();

	return (struct memory){
		.available = after.available - before.available,
		.anonymous = after.anonymous - before.anonymous,
		.committed = after.committed - before.committed,
	};
}

/* Promises of half the machine; of some of them, every page is touched. */
static void one_round(struct round *r, size_t pieces, size_t touched)
{
	struct memory before = now();

	for (size_t i = 0; i < pieces; i++)
		chunks[i % MANY] = malloc(PIECE);
	r->asked = since(before);
	before = now();
	for (size_t i = 0; i < touched; i++)
		for (size_t at = 0; at < PIECE; at += len(1))
			__atomic_store_n(chunks[i] + at, 1, __ATOMIC_RELAXED);
	r->touched = since(before);
}

static int by_number(const void *a, const void *b)
{
	const long *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The middle one of all rounds, in bytes: what others do meanwhile is in some of them. */
static long median(size_t offset)
{
	long values[ROUNDS];

	for (size_t i = 0; i < ROUNDS; i++)
		values[i] = *(long *)((char *)&rounds[i] + offset);
	qsort(values, ROUNDS, sizeof(*values), by_number);
	return values[ROUNDS / 2] * 1024;
}

static void tell(size_t offset)
{
	see("promised", median(offset + offsetof(struct memory, committed)));
	see("used", -median(offset + offsetof(struct memory, available)));
	see("anonymous", median(offset + offsetof(struct memory, anonymous)));
}

static void measure(size_t pieces, size_t touched)
{
	for (size_t i = 0; i < ROUNDS; i++)
		CHILD {
			syscall_begin();
			one_round(&rounds[i], pieces, touched);
			syscall_end(0);
		}
}

static void run(void)
{
	size_t half = proc_field("/proc/meminfo", "MemTotal:") * 512 & -PIECE;
	size_t touched = param("size") & -PIECE, chunk = PIECE + len(1);
	size_t headers = len(half / PIECE);
	struct rlimit limit;
	char mode[8] = "";

	getrlimit(RLIMIT_AS, &limit);
	proc_word("/proc/sys/vm/overcommit_memory", mode, sizeof(mode));
	if (limit.rlim_cur != RLIM_INFINITY || mode[0] == '2')
		skip("promises are limited: ulimit -v unlimited, vm.overcommit_memory 0");
	rounds = mmap(NULL, len(1), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	STEP("malloc %zu MiB, half of all RAM, by 1 MiB", half >> 20) {
		expect("promised about %zu KiB", half / PIECE * chunk >> 10);
		expect("used %zu..%zu KiB", headers / 2 >> 10, (3 * headers + MIB(4)) >> 10);
		expect("anonymous %zu..%zu KiB", headers / 2 >> 10,
		       (2 * headers + MIB(4)) >> 10);
		note("Promised, and next to nothing taken: a page a chunk for malloc()'s header, "
		     "and page tables. The middle of %d rounds: all processes are in these "
		     "figures.", ROUNDS);
		measure(half / PIECE, touched / PIECE);
		tell(offsetof(struct round, asked));
	}
	STEP("write to %zu MiB of them", touched >> 20) {
		expect("used %zu..%zu KiB", touched * 3 / 4 >> 10, touched * 5 / 4 >> 10);
		expect("anonymous %zu..%zu KiB", touched * 3 / 4 >> 10, touched * 5 / 4 >> 10);
		note("Now free(1) shows it, and the promise is no larger for it: %+ld KiB, by all "
		     "processes.", median(offsetof(struct round, touched.committed)) >> 10);
		tell(offsetof(struct round, touched));
	}
}

const struct experiment exp_malloc_free_cmd = {
	.name = "malloc-free-cmd",
	.question = "Does free(1) show what malloc() gave?",
	.textbook = "free shows how much memory programs have allocated.",
	.kernel =
		"free(1) prints /proc/meminfo, meminfo_proc_show() in fs/proc/meminfo.c: it\n"
		"counts pages. \"used\" is MemTotal less MemAvailable (procps 4; before less\n"
		"free, buffers and cache), so it knows pages that were touched. Promises are in\n"
		"another line, Committed_AS: what all processes could demand, private and\n"
		"writable, accounted by mmap(2) in __vm_enough_memory(), mm/util.c. It may well\n"
		"be more than there is.\n"
		"\n"
		"MemAvailable (3.14) is an estimate, si_mem_available() in mm/show_mem.c: free\n"
		"pages and the part of the page cache and of the slabs that could be dropped.\n"
		"Pages that a CPU keeps on its own lists are neither used nor counted as free:\n"
		"since 6.7 that may be an eighth of a zone, and free(1) lags by it.",
	.look = "Which of the two lines moves, and when.",
	.next = "watch -n 1 free -m in another terminal, and --size 256M.",
	.see = "malloc-max, malloc-speed, lazy",
	.words =
		"more of these in /proc/meminfo: promised: Committed_AS; anonymous: AnonPages; "
		"used: less MemAvailable, without what CPUs keep (/proc/zoneinfo)",
	.terse = true,
	.params = {
		{ "size", "memory to write to", MIB(64), MIB(16), MIB(MANY) },
	},
	.run = run,
};
