// SPDX-License-Identifier: GPL-2.0
/*
 * What does execve(2) put on the stack, and how large is it then?
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/user.h>
#include <unistd.h>
#include "base/proc.h"
#include "experiments/lib/arguments.h"
#include "experiments/lib/cpu.h"
#include "experiments/lib/exec.h"
#include "lab/experiment.h"

#define EXPAND		KIB(128)	/* setup_arg_pages() */
#define STACK_TOP_MAX	((1UL << cpu_user_bits()) - len(1))
#define MAX_PAGES	64		/* of strings */

static char *program[3] = { (char *)"mmscope", (char *)"list", NULL };

static void keep_stack(const struct proc_map *map, void *arg)
{
	if (!strcmp(map->path, "[stack]"))
		*(struct proc_map *)arg = *map;
}

static struct proc_map stack_of(pid_t pid)
{
	struct proc_map map = { 0 };

	proc_maps(pid, keep_stack, &map);
	return map;
}

static size_t peek(pid_t pid, size_t address)
{
	return ptrace(PTRACE_PEEKDATA, pid, address, NULL);
}

/* Address of the auxiliary vector: behind the pointers of the environment. */
static size_t vector_of(pid_t pid, size_t at)
{
	at += (peek(pid, at) + 2) * sizeof(size_t);
	while (peek(pid, at))
		at += sizeof(size_t);
	return at + sizeof(size_t);
}

static size_t auxiliary(pid_t pid, size_t at, size_t type)
{
	while (peek(pid, at) && peek(pid, at) != type)
		at += 2 * sizeof(size_t);
	return peek(pid, at + sizeof(size_t));
}

static void draw_stack(const struct proc_map *stack, size_t at, size_t vector, size_t args,
		       size_t env, size_t name)
{
	draw("  %#llx  end of [stack]", stack->end);
	draw("  %#zx  name of the file executed", name);
	draw("  %#zx  strings of the environment", env);
	draw("  %#zx  strings of the arguments", args);
	draw("  %#zx  auxiliary vector", vector);
	draw("  %#zx  argc, argv[], envp[]  <- %%rsp, start_stack", at);
	draw("  %#llx  start of [stack]", stack->start);
}

static void contents(void)
{
	char *environment[3] = { (char *)"A=1", (char *)"B=22", NULL };
	size_t at, vector, name, args, env;
	struct user_regs_struct regs;
	struct proc_map stack;
	pid_t pid;

	STEP("exec: 2 arguments, 2 variables; stop") {
		expect("rsp - start_stack 0, argc 2, argv[0] is mmscope");
		expect("argument bytes %zu, environment bytes %zu", sizeof("mmscope\0list"),
		       sizeof("A=1\0B=22"));
		expect("AT_PAGESZ %zu bytes, file name above 1, order 1", len(1));
		note("All of that was written by the kernel before any instruction ran.");
		pid = exec_stopped(program, environment);
		ptrace(PTRACE_GETREGS, pid, NULL, &regs);
		at = exec_stat(pid, STAT_START_STACK);
		args = exec_stat(pid, STAT_ARG_START);
		env = exec_stat(pid, STAT_ENV_START);
		vector = vector_of(pid, at);
		name = auxiliary(pid, vector, AT_EXECFN);
		stack = stack_of(pid);
		see("rsp - start_stack", regs.rsp - at);
		see("argc", peek(pid, at));
		see_text("argv[0]", "is %.8s", (char *)&(size_t){ peek(pid, peek(pid, at + 8)) });
		see("argument bytes", exec_stat(pid, STAT_ARG_END) - args);
		see("environment bytes", exec_stat(pid, STAT_ENV_END) - env);
		see("AT_PAGESZ", auxiliary(pid, vector, AT_PAGESZ));
		see("file name above", name >= exec_stat(pid, STAT_ENV_END) && name < stack.end);
		see("order", stack.start < at && at < vector && vector < args && args < env);
		draw_stack(&stack, at, vector, args, env, name);
		exec_kill(pid);
	}
}

/* Its VMA: as many pages as the strings lie in, and room to grow into. */
static void length(size_t kib)
{
	char *environment[2] = { malloc(KIB(kib) + 1), NULL };
	struct proc_map stack;
	size_t strings;
	pid_t pid;

	memset(environment[0], 'x', KIB(kib));
	environment[0][KIB(kib)] = '\0';
	STEP("exec with a variable of %zu KiB", kib) {
		expect("stack VMA %zu..%zu KiB", kib + 128, kib + 128 + 8);
		expect("behind its strings' pages %zu KiB, rights rw-p", EXPAND >> 10);
		pid = exec_stopped(program, environment);
		stack = stack_of(pid);
		strings = exec_stat(pid, STAT_ARG_START) / len(1) * len(1);
		see("stack VMA", stack.end - stack.start);
		see("behind its strings' pages", strings - stack.start);
		see_text("rights", "%s", stack.rights);
		exec_kill(pid);
	}
}

/**
 * struct journey - of the stack's VMA, while execve(2) runs
 * @strings: pages that they are copied to
 * @nr_strings: how many
 * @down: by how much it is moved
 * @start: where it begins when it is extended
 */
struct journey {
	__u64 strings[MAX_PAGES];
	size_t nr_strings;
	__u64 down;
	__u64 start;
};

/* Functions that it passes: what their second argument is tells where it is. */
static const char *const copies[] = { "get_user_pages_remote", NULL };
static const char *const moves[] = { "relocate_vma_down", "shift_arg_pages", NULL };
static const char *const extends[] = { "expand_stack_locked", NULL };
static struct arguments copied, moved, extended;

static bool watch_all(pid_t pid)
{
	return arguments_watch(&copied, pid, copies) && arguments_watch(&moved, pid, moves) &&
	       arguments_watch(&extended, pid, extends);
}

static void take_all(struct journey *j)
{
	__u64 starts[MAX_PAGES];
	size_t n = arguments_take(&extended, starts, MAX_PAGES);

	j->start = n ? starts[n - 1] : 0;
	j->nr_strings = arguments_take(&copied, j->strings, MAX_PAGES);
	arguments_take(&moved, &j->down, 1);
}

static __u64 lowest_of(const struct journey *j)
{
	__u64 lowest = j->strings[0];

	for (size_t i = 1; i < j->nr_strings; i++)
		lowest = j->strings[i] < lowest ? j->strings[i] : lowest;
	return lowest & -len(1);
}

static void draw_journey(const struct journey *j, const struct proc_map *stack, __u64 lowest)
{
	draw("  %#14lx-%#lx  made by bprm_mm_init(), filled", (long)lowest, STACK_TOP_MAX);
	draw("  %#14llx-%#llx  %s%s()", lowest - j->down, stack->end,
	     j->down ? "moved down by " : "no ASLR, not moved by ",
	     moved.function);
	draw("  %#14llx-%#llx  extended by %s()", stack->start, stack->end, extended.function);
}

static void journey(size_t kib)
{
	size_t strings = sizeof(void *) + sizeof("/proc/self/exe") + sizeof("mmscope\0list") +
			 KIB(kib) + 1;
	size_t first = (strings + len(1) - 1) & -len(1);
	char *environment[2] = { malloc(KIB(kib) + 1), NULL };
	struct journey j = { 0 };
	struct proc_map stack;
	__u64 lowest;
	pid_t pid;

	memset(environment[0], 'x', KIB(kib));
	environment[0][KIB(kib)] = '\0';
	STEP("on the way: a variable of %zu KiB", kib) {
		expect("first page %#lx", STACK_TOP_MAX - len(1));
		expect("first VMA %zu KiB, then extended by %zu KiB", first >> 10, EXPAND >> 10);
		expect("end of [stack] off by 0 bytes, its start by 0 bytes");
		if (kib)
			note("It grew while the strings were copied, from the end downwards.");
		else
			note("%#lx is STACK_TOP_MAX: nothing lies above. Where the stack shall be "
			     "depends on the program's format, and the dice of ASLR: that is known "
			     "later. Nobody sees it there in /proc: the mm is nobody's yet.",
			     STACK_TOP_MAX);
		pid = exec_held("/proc/self/exe", program, environment);
		watch_all(pid);
		exec_go(pid);
		take_all(&j);
		stack = stack_of(pid);
		lowest = lowest_of(&j);
		see_text("first page", "%#llx", j.strings[0] & -len(1));
		see("first VMA", STACK_TOP_MAX - lowest);
		see("then extended by", lowest - j.down - j.start);
		see("end of [stack] off by", STACK_TOP_MAX - j.down - stack.end);
		see("its start by", j.start - stack.start);
		draw_journey(&j, &stack, lowest);
		exec_kill(pid);
	}
}

static void too_much(void)
{
	char *environment[2] = { malloc(KIB(128) + 1), NULL };
	int status;

	memset(environment[0], 'x', KIB(128));
	environment[0][KIB(128)] = '\0';
	STEP("exec with a variable of 128 KiB and 1 byte") {
		expect("errno E2BIG");
		note("MAX_ARG_STRLEN is 32 pages for one string; all together may take a quarter "
		     "of RLIMIT_STACK.");
		CHILD {
			status = ACT(execve("/proc/self/exe", program, environment));
			_exit(status);
		}
	}
}

static void run(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_STACK, &limit);
	if (limit.rlim_cur < MIB(1))
		skip("RLIMIT_STACK is %zu KiB: ulimit -s 8192", (size_t)limit.rlim_cur >> 10);
	contents();
	length(0);
	length(100);
	too_much();
	if (!watch_all(getpid())) {
		leave_out("the stack before it is moved: perf records it for root only");
		return;
	}
	take_all(&(struct journey){ 0 });
	journey(0);
	journey(100);
}

const struct experiment exp_exec_stack = {
	.name = "exec-stack",
	.question = "What does execve() put on the stack?",
	.textbook =
		"A new program has an empty stack; main() gets its arguments like any\n"
		"function.",
	.kernel =
		"bprm_mm_init() in fs/exec.c makes a VMA of one page at the highest address,\n"
		"and copy_strings() writes the file's name, the environment and the arguments\n"
		"there, downwards, before anybody knows which format the file has.\n"
		"setup_arg_pages() then moves the VMA to where the randomized stack shall be\n"
		"(relocate_vma_down(), before 6.12 shift_arg_pages()), and extends it by 128\n"
		"KiB; so the usual [stack] is 132 KiB. create_elf_tables() in fs/binfmt_elf.c\n"
		"puts argc, the pointers and the auxiliary vector (page size, entry, vdso, random\n"
		"bytes) below the strings.\n"
		"\n"
		"There the stack pointer is when the first instruction runs, and that is what\n"
		"mm->start_stack and field 28 of /proc/PID/stat say, from then on.",
	.look =
		"The first picture: the addresses as they are in the stopped program. The last\n"
		"two: where the VMA was before, by what the kernel's functions are called with.",
	.next = "LD_SHOW_AUXV=1 ls; cat -v /proc/self/environ.",
	.see = "stack-grow, exec-trace, mm-dump",
	.words = "stack VMA: its size when the first instruction has not run",
	.run = run,
};
