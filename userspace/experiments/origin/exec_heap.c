// SPDX-License-Identifier: GPL-2.0
/*
 * Where does the heap begin, and since when is there one?
 */
#include <stdlib.h>
#include <sys/personality.h>
#include <unistd.h>
#include "base/proc.h"
#include "experiments/lib/exec.h"
#include "experiments/lib/ptmalloc.h"
#include "lab/experiment.h"

#define PROGRAMS	4

static void count_from(const struct proc_map *map, void *arg)
{
	struct proc_map *found = arg;

	if (map->start == found->start)
		found->end = map->end;
}

/* The VMA that begins where the heap begins: its length. */
static size_t heap_of(pid_t pid, size_t start)
{
	struct proc_map found = { .start = start, .end = start };

	proc_maps(pid, count_from, &found);
	return found.end - start;
}

static bool randomized(void)
{
	char value[8];

	return proc_word("/proc/sys/kernel/randomize_va_space", value, sizeof(value)) &&
	       atoi(value) > 1 && !(personality(0xffffffff) & ADDR_NO_RANDOMIZE);
}

static void beginning(size_t begin)
{
	size_t bss = (exec_program().bss_end + len(1) - 1) / len(1) * len(1);

	STEP("at the start of this process") {
		expect("brk - start_brk 0, heap VMA 0 KiB");
		if (randomized())
			expect("gap behind bss 4..1048576 KiB");
		else
			expect("gap behind bss 0 KiB");
		note("execve(2) chose an address, and mapped nothing there.");
		see("brk - start_brk", (size_t)sbrk(0) - begin);
		see("heap VMA", heap_of(0, begin));
		see("gap behind bss", begin - bss);
	}
}

static void programs(void)
{
	char *args[2] = { (char *)"mmscope", NULL }, *environment[1] = { NULL };
	size_t starts[PROGRAMS], differ = 0, heaps = 0;

	STEP("start the program %d times", PROGRAMS) {
		expect("different %d, with a heap VMA 0", randomized() ? PROGRAMS - 1 : 0);
		note("Stopped before the first instruction: start_brk by /proc/PID/stat%s.",
		     randomized() ? ", chosen anew each time (randomize_va_space is 2)" :
		     "; ASLR is off, at least for the heap");
		for (int i = 0; i < PROGRAMS; i++) {
			pid_t pid = exec_stopped(args, environment);

			starts[i] = exec_stat(pid, STAT_START_BRK);
			heaps += heap_of(pid, starts[i]) > 0;
			differ += i && starts[i] != starts[i - 1];
			draw("  start_brk %#zx", starts[i]);
			exec_kill(pid);
		}
		see("different", differ);
		see("with a heap VMA", heaps);
	}
}

static void first_use(size_t begin)
{
	struct ptmalloc p = ptmalloc_today();

	ptmalloc_malloc(&p, 1);
	STEP("the first malloc(1)") {
		expect("brk +%zu KiB, process size +%zu KiB, in the heap 1", p.brk_change >> 10,
		       p.brk_change >> 10);
		note("Now there is one, because somebody asked, and of the size he asked for.");
		see("in the heap", (size_t)ACT(malloc(1)) - begin < KIB(4));
	}
	STEP("brk(start_brk)") {
		expect("brk -%zu KiB, process size -%zu KiB, heap VMA 0 KiB", p.brk_change >> 10,
		       p.brk_change >> 10);
		note("An empty heap has no VMA. (Never do that to a program that uses malloc.)");
		ACT(brk((void *)begin));
		see("heap VMA", heap_of(0, begin));
	}
}

static void run(void)
{
	size_t begin = exec_stat(0, STAT_START_BRK);

	beginning(begin);
	programs();
	first_use(begin);
}

const struct experiment exp_exec_heap = {
	.name = "exec-heap",
	.question = "Where does the heap begin, and since when?",
	.textbook =
		"execve() sets up the heap behind bss: set_brk() makes its VMA with\n"
		"vm_brk_flags().",
	.kernel =
		"load_elf_binary() in fs/binfmt_elf.c only writes two numbers, start_brk and\n"
		"brk, the same. With randomize_va_space 2 (the default) these are up to 1 GiB\n"
		"behind bss, chosen by arch_randomize_brk() (arch/x86/kernel/process.c); else\n"
		"the next page. What set_brk() mapped (since 6.7: elf_load()) was the part of\n"
		"bss that is in no page of the file, and it is no heap.\n"
		"\n"
		"The VMA comes with the first brk(2), from do_brk_flags(), and goes when brk\n"
		"is where it began. /proc/PID/maps names [heap] whatever VMA lies between\n"
		"start_brk and brk; without ASLR it may be one VMA with bss.",
	.look = "heap VMA and brk - start_brk, which are 0 until somebody asks.",
	.next = "setarch -R mmscope run exec-heap: the same address each time.",
	.see = "brk-demo, exec-trace, top-chunk",
	.rules = { &rule_tcache_large },
	.words = "heap VMA: size of the one at start_brk; gap behind bss: unmapped addresses",
	.run = run,
};
