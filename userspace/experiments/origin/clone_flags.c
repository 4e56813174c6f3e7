// SPDX-License-Identifier: GPL-2.0
/*
 * What does a driver see of fork(), vfork() and threads?
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lab/experiment.h"

#define STACK	KIB(64)

static struct region *m;
static char *stack;

static int writes(void *page)
{
	*(unsigned char *)page = 7;
	return 0;
}

static int unmaps(void *page)
{
	return munmap(page, len(4));
}

static int executes(__unused void *arg)
{
	dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
	return execl("/proc/self/exe", "mmscope", "--version", NULL);
}

/* clone(2), and wait for its end; as a process, so that waitpid(2) can. */
static void run_with(int flags, int (*child)(void *), size_t page)
{
	int status = -1;
	pid_t pid;

	pid = ACT(clone(child, stack + STACK, flags | SIGCHLD, at(m, page)));
	waitpid(pid, &status, 0);
	see_text("the child", "%s", WIFEXITED(status) && !WEXITSTATUS(status) ? "has done it" :
		 "failed");
}

static void writing(void)
{
	STEP("no flags, as fork(): it writes page 8") {
		expect("fork");
		expect("child dup 0-15, 0 copied");
		expect("child fault write 8 by user");
		expect("child unmap 0-15 by the mm's end, 1 given back");
		expect("child end");
		expect("the child has done it, rss 8");
		note("An mm of its own: dup_mm(), and ->open for its copy of the VMA.");
		run_with(0, writes, 8);
	}
	STEP("CLONE_FILES | CLONE_FS: the same") {
		expect("fork");
		expect("child dup 0-15, 0 copied");
		expect("child fault write 9 by user");
		expect("child unmap 0-15 by the mm's end, 1 given back");
		expect("child end");
		expect("the child has done it, rss 8");
		note("These share other things. Memory is copied as before.");
		run_with(CLONE_FILES | CLONE_FS, writes, 9);
	}
	STEP("CLONE_VM: it writes page 10") {
		expect("fault write 10 by user");
		expect("the child has done it, rss 9");
		note("Another process in the same mm. No hook is called for it; its fault is one "
		     "of ours, and what it mapped stays when it ends.");
		run_with(CLONE_VM, writes, 10);
	}
	STEP("CLONE_VM | CLONE_VFORK, as vfork()") {
		expect("fault write 11 by user");
		expect("the child has done it, rss 10");
		note("The same; we sleep until it ends or calls execve(2).");
		run_with(CLONE_VM | CLONE_VFORK, writes, 11);
	}
}

static void ending(void)
{
	STEP("no flags: it calls execve()") {
		expect("fork");
		expect("child dup 0-15, 0 copied");
		expect("child unmap 0-15 by the mm's end, 0 given back");
		expect("child end");
		expect("the child has done it, vmas 1");
		note("All VMAs were copied, only to be thrown away: exec_mmap().");
		run_with(0, executes, 0);
	}
	STEP("CLONE_VM | CLONE_VFORK: it calls execve()") {
		expect("the child has done it, vmas 1, rss 10");
		note("posix_spawn() and system() do this: nothing is copied, nothing told. It "
		     "leaves our mm for a new one.");
		run_with(CLONE_VM | CLONE_VFORK, executes, 0);
	}
	STEP("CLONE_VM: it unmaps pages 12-15") {
		expect("split at 12");
		expect("unmap 12-15 by munmap, partial, 0 given back");
		expect("the child has done it, vmas 1, space 12");
		note("There is one list of VMAs: they are gone for us.");
		run_with(CLONE_VM, unmaps, 12);
	}
}

static void run(void)
{
	m = MAP(.pages = 16);
	stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	write_pages(m, 0, 7);
	writing();
	ending();
	munmap(stack, STACK);
}

const struct experiment exp_clone_flags = {
	.name = "clone-flags",
	.question = "What does a driver see of fork(), vfork() and threads?",
	.textbook =
		"fork() copies the address space, threads share it; so a driver sees processes\n"
		"and not threads.",
	.kernel =
		"copy_mm() in kernel/fork.c decides by one flag. Without CLONE_VM: dup_mm(), a\n"
		"new mm_struct, and dup_mmap() (mm/mmap.c, before 6.16 kernel/fork.c) copies\n"
		"each VMA and calls its ->open. With it: mmget(), a counter goes up, and that\n"
		"is all; ->close comes when the last user of the mm has gone. Whether the other\n"
		"is a thread (CLONE_THREAD) or a process makes no difference.\n"
		"\n"
		"vfork() is CLONE_VM and CLONE_VFORK. execve(2) is where a process gets another\n"
		"mm: exec_mmap() in fs/exec.c drops the old one, which ends only if nobody else\n"
		"has it.",
	.look = "fork and dup: only without CLONE_VM. Faults of the others are in our mm.",
	.next = "mmscope trace -- sh -c 'ls | wc': who forks, and what is copied for it.",
	.see = "thread-share, fork, mm-dump",
	.device = true,
	.run = run,
};
