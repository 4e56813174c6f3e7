// SPDX-License-Identifier: GPL-2.0
/*
 * Where does the stack of a thread come from, and where does it go?
 */
#include "base/proc.h"
#include "experiments/lib/worker.h"
#include "lab/experiment.h"

#define CACHE	MIB(40)		/* glibc.pthread.stack_cache_size, if not changed */
#define MANY	8
#define DEEP	KIB(1024)

static size_t block;	/* stack and guard */
static char *stack;

static bool guard_is_vma(void)
{
	return !rule_holds(&rule_thread_guard) || !rule_holds(&rule_guard);
}

/* Some pages deep in the stack, as a program would. */
static void use(__unused void *arg)
{
	char frame[DEEP];

	for (size_t i = 0; i < DEEP; i += len(1))
		__atomic_store_n(&frame[i], 1, __ATOMIC_RELAXED);
}

static void picture(const struct worker *w)
{
	struct proc_map guard = proc_at(stack - 1), map = proc_at(stack);

	draw("  %#llx-%#llx %s  guard", guard.start, guard.end, guard.rights);
	draw("  %#llx-%#llx %s  stack of the thread", map.start, map.end, map.rights);
	draw("  %#zx                 struct pthread, below the end", (size_t)w->id);
}

static void birth(struct worker *w)
{
	STEP("pthread_create()") {
		expect("process size +%zu KiB, VMA at its start rw-p", block >> 10);
		if (guard_is_vma())
			expect("below it ---p, of %zu KiB", len(1) >> 10);
		else
			expect("below it rw-p, of %zu KiB", block >> 10);
		note("One mapping for stack, guard and struct pthread; the kernel's clone(2) is "
		     "only told its end.");
		worker_act_start(w);
		stack = worker_stack(w);
		see_text("VMA at its start", "%s", proc_at(stack).rights);
		see_text("below it", "%s", proc_at(stack - 1).rights);
		see("of", proc_at(stack - 1).end - proc_at(stack - 1).start);
		picture(w);
	}
	STEP("a child writes below the stack") {
		expect("signal SIGSEGV %s", guard_is_vma() ? "ACCERR" : "MAPERR");
		note("An overflow of less than the guard is caught. A frame larger than that may "
		     "jump over it: gcc -fstack-clash-protection touches each page.");
		CHILD {
			write_at(stack - 1, 1);
		}
	}
}

static void cached(struct worker *w)
{
	STEP("it ends and is joined") {
		expect("process size +0 KiB, block mapped, process rss -%zu..-%zu KiB",
		       (DEEP >> 10) - 64, (DEEP >> 10) + 64);
		note("Its pages are given back (MADV_DONTNEED, by the thread as its last deed), "
		     "the addresses are kept: glibc has a cache of stacks.");
		worker_act_end(w);
		see_text("block", "%s", proc_at(stack).start ? "mapped" : "gone");
	}
	STEP("another thread") {
		expect("process size +0 KiB, stack the same");
		note("From the cache: no mmap(2), no mprotect(2).");
		worker_act_start(w);
		see_text("stack", "%s", worker_stack(w) == stack ? "the same" : "another");
	}
	worker_act_end(w);
}

static void trimmed(void)
{
	struct worker w[MANY] = { 0 };
	size_t kept = CACHE / block < MANY ? CACHE / block : MANY;

	STEP("%d threads at a time", MANY) {
		expect("process size +%zu KiB", (MANY - 1) * block >> 10);
		note("The first gets the block of the cache.");
		for (size_t i = 0; i < MANY; i++)
			worker_act_start(&w[i]);
	}
	STEP("all of them end and are joined") {
		expect("process size -%zu KiB", (MANY - kept) * block >> 10);
		note("%zu of their blocks are less than %zu MiB and stay in the cache; the others "
		     "are unmapped, the oldest first.", kept, CACHE >> 20);
		for (size_t i = 0; i < MANY; i++)
			worker_act_end(&w[i]);
	}
}

static void run(void)
{
	struct worker w = { .does = use };

	block = worker_default_size() + len(1);
	if (block < 2 * DEEP || block > CACHE)
		skip("RLIMIT_STACK makes stacks of %zu KiB: ulimit -s 8192", block >> 10);
	worker_rehearse();
	birth(&w);
	cached(&w);
	trimmed();
}

const struct experiment exp_thread_stack = {
	.name = "thread-stack",
	.question = "Where does a thread's stack come from, and where does it go?",
	.textbook =
		"pthread_create() takes a stack from a list of old ones, or mmap()s a new one\n"
		"with PROT_NONE, and mprotect()s all of it but the guard page.",
	.kernel =
		"So it is: get_cached_stack() and allocate_stack() in glibc's\n"
		"nptl/allocatestack.c. The new block is a private anonymous mapping of stack\n"
		"and guard. When a thread ends, it gives the pages of its stack back by\n"
		"madvise(MADV_DONTNEED) itself, advise_stack_range(); when it has been joined,\n"
		"the block goes to the cache, and what is more than 40 MiB there is unmapped\n"
		"(glibc.pthread.stack_cache_size, a tunable since 2.34).\n"
		"\n"
		"Since glibc 2.42, on kernels since 6.13, the guard is made by\n"
		"madvise(MADV_GUARD_INSTALL): no VMA of its own, and maps does not show it.",
	.look =
		"process size: blocks come and go with a whole stack and a guard. rss falls\n"
		"when a thread ends, although its block stays.",
	.next =
		"A program of yours with GLIBC_TUNABLES=glibc.pthread.stack_cache_size=0, under\n"
		"mmscope trace: each thread maps a stack, and unmaps it.",
	.see = "thread-size, thread-tcb, partial-munmap",
	.rules = { &rule_thread_guard, &rule_guard },
	.words = "process size: all mappings; rss: what of them is present",
	.terse = true,
	.run = run,
};
