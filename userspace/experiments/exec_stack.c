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
#include "experiments/exec.h"
#include "exp.h"
#include "proc.h"

#define EXPAND	KIB(128)	/* setup_arg_pages() */

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
		expect("behind its strings' pages 128 KiB, rights rw-p");
		pid = exec_stopped(program, environment);
		stack = stack_of(pid);
		strings = exec_stat(pid, STAT_ARG_START) / len(1) * len(1);
		see("stack VMA", stack.end - stack.start);
		see("behind its strings' pages", strings - stack.start);
		see_text("rights", "%s", stack.rights);
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
		"(shift_arg_pages()), and extends it by 128 KiB; so the usual [stack] is 132\n"
		"KiB. create_elf_tables() in fs/binfmt_elf.c puts argc, the pointers and the\n"
		"auxiliary vector (page size, entry, vdso, random bytes) below the strings.\n"
		"\n"
		"There the stack pointer is when the first instruction runs, and that is what\n"
		"mm->start_stack and field 28 of /proc/PID/stat say, from then on.",
	.look = "The picture: the addresses as they are in the stopped program.",
	.next = "LD_SHOW_AUXV=1 ls; cat -v /proc/self/environ.",
	.see = "stack-grow, exec-trace, mm-dump",
	.words = "stack VMA: its size when the first instruction has not run",
	.run = run,
};
