// SPDX-License-Identifier: GPL-2.0
/*
 * How does the stack grow, how far, and what stops it?
 */
#include <sys/resource.h>
#include "base/proc.h"
#include "lab/experiment.h"

#define FRAMES	256
#define GAP	256	/* pages: stack_guard_gap, if not changed at boot */

static char *stack_start(void)
{
	return (char *)proc_named("[stack]").start;
}

/* Where a page lies that is so many pages below the stack. */
static char *below(size_t pages)
{
	return stack_start() - len(pages);
}

static __attribute__((noinline)) int recurse(int depth)
{
	volatile char frame[4096];

	frame[0] = 1;
	return depth ? recurse(depth - 1) + frame[0] : 0;
}

static void need(size_t size)
{
	struct rlimit limit;

	getrlimit(RLIMIT_STACK, &limit);
	if (limit.rlim_cur < size)
		skip("RLIMIT_STACK is %zu KiB: ulimit -s 8192", (size_t)limit.rlim_cur >> 10);
}

static void growing(void)
{
	struct region *r;

	need(MIB(4));
	r = watch(below(FRAMES + 64), FRAMES + 96, "stack");
	STEP("write 64 pages below the stack") {
		expect("stack +64, minor 1");
		note("One fault, one page, but the VMA grew by 64: expand_stack() moves its start "
		     "to wherever the touch was, %%rsp or not.");
		write_at(below(64), 1);
	}
	STEP("recurse, %d frames of 4 KiB", FRAMES) {
		char here;
		long room = (&here - stack_start()) / (long)len(1);

		expect("stack +%ld..%ld", FRAMES - room, FRAMES - room + 8);
		expect("minor %d..%d", FRAMES - 8, FRAMES + 8);
		TRY {
			recurse(FRAMES);
		}
	}
	STEP("return, and do it again") {
		expect("stack +0, minor 0");
		note("A stack never shrinks: what was used once stays until the process ends.");
		TRY {
			recurse(FRAMES);
		}
	}
	drop(r);
}

static void overflow(size_t limit)
{
	struct rlimit both = { limit, limit };

	setrlimit(RLIMIT_STACK, &both);
	TRY {
		recurse(1 << 20);
	}
	see("stack at last", proc_named("[stack]").end - proc_named("[stack]").start);
}

/* A mapping that ends so many pages below the stack, and a touch in between. */
static void neighbour(size_t end, int prot, size_t touch)
{
	char *start = stack_start();

	mmap(below(end + 1), len(1), prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	write_at(below(touch), 1);
	see("grown by", (start - stack_start()) / (long)len(1));
}

static void stopping(void)
{
	need(MIB(4));
	STEP("a child may have 1 MiB of stack, and recurses for ever") {
		expect("signal SIGSEGV MAPERR");
		expect("stack at last 1020..1024 KiB");
		note("acct_stack_growth() looks up RLIMIT_STACK at each growth: setrlimit(2) works "
		     "at once. The signal's handler needs a stack of its own.");
		CHILD {
			overflow(MIB(1));
		}
	}
	STEP("a mapping ends %d pages below: write %d below", GAP + 100, 100) {
		expect("signal none, grown by 100 pages");
		CHILD {
			neighbour(GAP + 100, PROT_READ, 100);
		}
	}
	STEP("the same, write %d below", 101) {
		expect("signal SIGSEGV MAPERR, grown by 0 pages");
		note("stack_guard_gap: 256 pages stay free below a stack, or an overflow would "
		     "run into what lies there.");
		CHILD {
			neighbour(GAP + 100, PROT_READ, 101);
		}
	}
	STEP("that mapping is PROT_NONE: write %d below", GAP + 100) {
		expect("signal none, grown by %d pages", GAP + 100);
		note("Who cannot be written is a guard himself, and needs no gap.");
		CHILD {
			neighbour(GAP + 100, PROT_NONE, GAP + 100);
		}
	}
}

const struct experiment exp_stack_grow = {
	.name = "stack-grow",
	.question = "How does the stack grow, how far, and what stops it?",
	.textbook =
		"The stack has a fixed size, 8 MiB; or: it grows page by page as the stack\n"
		"pointer moves down, and a touch below the stack pointer is an error.",
	.kernel =
		"The [stack] VMA begins small (setup_arg_pages() in fs/exec.c: what argv and\n"
		"envp need, and 128 KiB) and has VM_GROWSDOWN. A fault below it is not in any\n"
		"VMA; lock_mm_and_find_vma() (mm/memory.c or mmap_lock.c; 6.5, and Debian's\n"
		"6.1) then takes mmap_lock for writing, and expand_downwards() in mm/vma.c\n"
		"(before 6.14 mm/mmap.c) moves vm_start down to the fault, by any distance.\n"
		"Where the stack pointer is has not mattered since 5.0. acct_stack_growth()\n"
		"refuses what would be more than RLIMIT_STACK, which is 8 MiB by habit and may\n"
		"be changed while the process runs; stack_guard_gap (a boot parameter, 256\n"
		"pages) refuses to come near another mapping. Refused is SIGSEGV, with\n"
		"SEGV_MAPERR: no mapping there, as for any wild pointer.",
	.look =
		"The change of the VMA (stack) beside the faults (minor): 64 pages by one\n"
		"fault, then one fault a page. The two steps at the guard gap differ by one\n"
		"page.",
	.next =
		"ulimit -s 65536 and run it again. ulimit -s unlimited moves the mappings of a\n"
		"program that is started then: mmap_base() in arch/x86/mm/mmap.c keeps what the\n"
		"stack may have free, up to five sixths of all addresses (mmscope run layout).\n"
		"Stacks of threads do not grow at all: they are mapped by pthread_create() at\n"
		"their full size.",
	.see = "lazy, sigbus",
	.words =
		"# present  . promised  + some of these pages present\n\n"
		"stack: size of its VMA, in pages where no unit is said; minor: faults",
	.parts = {
		{ .title = "it grows", .run = growing },
		{ .title = "what stops it", .run = stopping },
	},
};
