// SPDX-License-Identifier: GPL-2.0
/*
 * What do two processes share, and what changes when the CPU goes from one to the other?
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "base/proc.h"
#include "experiments/lib/cpu.h"
#include "experiments/lib/kcore.h"
#include "lab/experiment.h"

#define ENTRIES		512
#define HALF		(ENTRIES / 2)
#define FRAME(entry)	((entry) >> 12 & 0xffffffffffULL)
#define PRESENT		1
#define TURNS		500

typedef __u64 table[ENTRIES];

static table own, others, kernels;

static long used(const table t, size_t from)
{
	long n = 0;

	for (size_t i = from; i < from + HALF; i++)
		n += (t[i] & PRESENT) != 0;
	return n;
}

/* Entries that lead both to the same table below. */
static long shared(const table a, const table b, size_t from)
{
	long n = 0;

	for (size_t i = from; i < from + HALF; i++)
		n += a[i] & PRESENT && b[i] & PRESENT && FRAME(a[i]) == FRAME(b[i]);
	return n;
}

static long different(const table a, const table b, size_t from)
{
	long n = 0;

	for (size_t i = from; i < from + HALF; i++)
		n += (a[i] & PRESENT) != (b[i] & PRESENT) || FRAME(a[i]) != FRAME(b[i]);
	return n;
}

static const char *frame(__u64 entry)
{
	static char text[4][16];
	static size_t i;
	char *buf = text[i++ % ARRAY_SIZE(text)];

	if (entry & PRESENT)
		snprintf(buf, sizeof(text[0]), "%#llx", FRAME(entry));
	else
		snprintf(buf, sizeof(text[0]), "-");
	return buf;
}

static void draw_half(size_t from, size_t most)
{
	size_t drawn = 0;

	for (size_t i = from; i < from + HALF; i++) {
		if (!((own[i] | others[i]) & PRESENT) || ++drawn > most)
			continue;
		draw("%5zu  %-12s %-12s %-12s", i, frame(own[i]), frame(others[i]),
		     frame(kernels[i]));
	}
	if (drawn > most)
		draw("       and %zu more", drawn - most);
}

static void tables(void)
{
	pid_t pid;

	STEP("fork; compare the pgd of parent and child") {
		expect("tables shared in the lower half 0, in the upper half different 0");
		expect("used in the lower half 1..%ld", proc_count(NULL));
		note("pgd: the top table, %d entries of %s each. A process has its own tables for "
		     "the lower half; for the upper half its pgd points to the kernel's.",
		     ENTRIES, cpu_has("la57") ? "256 TiB" : "512 GiB");
		pid = child_start();
		if (!kcore_read(kcore_pgd(getpid()), own, sizeof(own)) ||
		    !kcore_read(kcore_pgd(pid), others, sizeof(others)))
			memset(own, 1, sizeof(own));
		kcore_read(kcore_symbol("init_top_pgt"), kernels, sizeof(kernels));
		see("tables shared in the lower half", shared(own, others, 0));
		see("in the upper half different", different(own, others, HALF));
		see("used in the lower half", used(own, 0));
		draw("entry  parent       child        init_mm      (page frames of tables)");
		draw_half(0, 4);
		draw_half(HALF, 6);
		child_kill(pid);
	}
	STEP("compare with the kernel's own, of init_mm") {
		expect("used in its lower half 0, in the upper half different 0");
		note("init_top_pgt: made at boot, copied into each new pgd (pgd_ctor()).");
		syscall_begin();
		syscall_end(0);
		see("used in its lower half", used(kernels, 0));
		see("in the upper half different", different(own, kernels, HALF));
	}
	STEP("look at kthreadd, a kernel thread") {
		expect("mm 0");
		note("It has no lower half, and needs none: it runs on whichever pgd is loaded "
		     "(active_mm), so going to it and back changes no table at all.");
		syscall_begin();
		syscall_end(0);
		see("mm", kcore_member(kcore_task(2), "task_struct", "mm"));
	}
}

static void hand_back(int from, int to)
{
	char byte;

	while (read(from, &byte, 1) == 1 && write(to, &byte, 1) == 1)
		;
	_exit(0);
}

static long switches(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_nvcsw + usage.ru_nivcsw;
}

static void turns(void)
{
	int there[2], back[2];
	char byte = 1;
	__u64 start;
	long before;

	if (pipe2(there, O_CLOEXEC) || pipe2(back, O_CLOEXEC))
		skip("pipe2(2): %s", strerror(errno));
	STEP("a child and we pass a byte there and back, %d times", TURNS) {
		expect("switches away from us %d..%d", TURNS, 3 * TURNS);
		note("One CPU, so each turn is a switch to the child and one back, and each loads "
		     "another pgd: CR3.%s", cpu_has("pcid") ? " With a tag (PCID), so that the "
		     "TLB may keep what it knows of both." : "");
		syscall_begin();
		if (!fork()) {
			close(there[1]);
			close(back[0]);
			hand_back(there[0], back[1]);
		}
		before = switches();
		start = time_now();
		for (int i = 0; i < TURNS; i++)
			if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
				break;
		start = time_now() - start;
		see("switches away from us", switches() - before);
		syscall_end(0);
		draw("%llu ns a turn: two switches, two writes, two reads", start / TURNS);
	}
	close(there[1]);
	close(there[0]);
	close(back[0]);
	close(back[1]);
}

static void run(void)
{
	turns();
	if (kcore_open())
		tables();
	else
		leave_out("the page tables of both: %s", kcore_why());
}

const struct experiment exp_ctx_switch = {
	.name = "ctx-switch",
	.question = "What of memory changes when the CPU goes to another process?",
	.textbook =
		"Each process has its own page tables; at a context switch CR3 is loaded and\n"
		"the TLB is flushed. The kernel's part is the same in all.",
	.kernel =
		"The tables of the upper half exist once: pgd_ctor() in arch/x86/mm/pgtable.c\n"
		"copies the upper entries of init_mm's pgd (swapper_pg_dir) into each new one,\n"
		"so whatever the kernel maps below them is there for all at once.\n"
		"\n"
		"context_switch() in kernel/sched/core.c calls switch_mm_irqs_off() in\n"
		"arch/x86/mm/tlb.c if the next one has another mm: not between threads of a\n"
		"process, not for kernel threads, which borrow (lazy TLB). Since 4.14 each CPU\n"
		"remembers the last six mms by PCID and need not flush their entries. With\n"
		"KPTI (4.15) a process has two pgds, and CR3 changes even at system calls.",
	.look = "The table: frames in the lower half differ, in the upper half they are equal.",
	.next = "grep ctxt /proc/self/status; perf stat -e context-switches.",
	.see = "two-procs, ptables, kaddr-deny, thread-share",
	.words = "used: entries of the pgd that lead somewhere; by /proc/kcore",
	.run = run,
};
