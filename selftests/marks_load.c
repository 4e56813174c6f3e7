// SPDX-License-Identifier: GPL-2.0
/*
 * Reads /proc/PID/maps of a command at instants that records can be asked about: marks_load MARKS
 * EVERY SEED DIR COMMAND... Of each EVERY system calls of the command about one is followed by a
 * mark, MARKS at most: it is made to map a page at an address of its own, and DIR/ADDRESS is the
 * maps as they are then, before the page is unmapped again. DIR/pid has the command's number. Its
 * first thread alone is followed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE		4096UL
#define MARKS_AT	0x510000000000UL
#define SYSCALL_CODE	0x050f	/* the instruction, as it lies in memory */
#define RESTARTS	512	/* ERESTARTSYS and those behind it: the call is made once more */

static pid_t pid;
static int ended = -1;
static int holding, held;	/* signals, while a call is put in: it has them after that */

static void die(const char *what)
{
	perror(what);
	if (pid)
		kill(pid, SIGKILL);
	exit(1);
}

/* Let it run to the next beginning or end of a system call. Return: false when it has ended */
static int step(void)
{
	int signal = holding ? 0 : held, status;

	held -= signal;
	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, 0, signal))
			die("ptrace");
		if (waitpid(pid, &status, __WALL) != pid)
			die("waitpid");
		if (!WIFSTOPPED(status)) {
			ended = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			return 0;
		}
		if (WSTOPSIG(status) == (SIGTRAP | 0x80))
			return 1;
		signal = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
		if (holding) {
			held = signal;
			signal = 0;
		}
	}
}

/* At the end of a call: have it make another one, and stop where that ends. */
static void call(const struct user_regs_struct *after, long number, unsigned long addr, long flags)
{
	struct user_regs_struct regs = *after;

	regs.rip -= 2;
	regs.rax = number;
	regs.orig_rax = -1;
	regs.rdi = addr;
	regs.rsi = PAGE;
	regs.rdx = PROT_NONE;
	regs.r10 = flags;
	regs.r8 = -1;
	regs.r9 = 0;
	if (ptrace(PTRACE_SETREGS, pid, 0, &regs))
		die("PTRACE_SETREGS");
	if (!step() || !step())
		die("a call that was put in");
	if (ptrace(PTRACE_GETREGS, pid, 0, &regs))
		die("PTRACE_GETREGS");
	if ((number == SYS_mmap && regs.rax != addr) || (number == SYS_munmap && regs.rax)) {
		errno = -regs.rax;
		die(number == SYS_mmap ? "mmap of a mark" : "munmap of a mark");
	}
}

static void copy(const char *from, const char *to)
{
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	char buf[65536];
	ssize_t n;

	if (in < 0 || out < 0)
		die(in < 0 ? from : to);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, n) != n)
			die(to);
	close(in);
	close(out);
}

/* Return: false where no call can be put in */
static int mark(const char *dir, unsigned long addr)
{
	struct user_regs_struct regs;
	char from[64], to[256];
	long code;

	if (ptrace(PTRACE_GETREGS, pid, 0, &regs))
		die("PTRACE_GETREGS");
	errno = 0;
	code = ptrace(PTRACE_PEEKTEXT, pid, regs.rip - 2, 0);
	if (errno || (code & 0xffff) != SYSCALL_CODE ||
	    ((long)regs.rax <= -RESTARTS && (long)regs.rax >= -RESTARTS - 4))
		return 0;
	holding = 1;
	call(&regs, SYS_mmap, addr, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE);
	snprintf(from, sizeof(from), "/proc/%d/maps", pid);
	snprintf(to, sizeof(to), "%s/%lx", dir, addr);
	copy(from, to);
	call(&regs, SYS_munmap, addr, 0);
	holding = 0;
	if (ptrace(PTRACE_SETREGS, pid, 0, &regs))
		die("PTRACE_SETREGS");
	return 1;
}

static void start(char **argv)
{
	int status;

	pid = fork();
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		execvp(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		die("fork");
	if (ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL))
		die("PTRACE_SETOPTIONS");
}

int main(int argc, char **argv)
{
	unsigned int marks, every, seed, made = 0;
	int entered = 0;
	char path[256];
	FILE *file;

	if (argc < 6) {
		fprintf(stderr, "usage: %s MARKS EVERY SEED DIR COMMAND...\n", argv[0]);
		return 2;
	}
	marks = atoi(argv[1]);
	every = atoi(argv[2]);
	seed = atoi(argv[3]);
	start(argv + 5);
	snprintf(path, sizeof(path), "%s/pid", argv[4]);
	file = fopen(path, "w");
	if (!file || fprintf(file, "%d\n", pid) < 0 || fclose(file))
		die(path);
	while (step()) {
		entered = !entered;
		if (entered || made == marks || !every || rand_r(&seed) % every)
			continue;
		made += mark(argv[4], MARKS_AT + 2 * PAGE * made);
	}
	printf("%u marks\n", made);
	return ended;
}
