// SPDX-License-Identifier: GPL-2.0
/*
 * What do a process, its threads and its children share?
 */
#include <linux/kcmp.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "lab/experiment.h"

#define STACK	KIB(64)

static struct region *ours;
static unsigned char *flag;	/* shared whatever the flags say */

static int same(pid_t other, int what)
{
	return !syscall(SYS_kcmp, getpid(), other, what, 0, 0);
}

/* What a new task does: writes, maps a page, and stays. */
static int task(__unused void *arg)
{
	*(unsigned char *)at(ours, 0) = 7;
	mmap(NULL, len(1), PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	__atomic_store_n(flag, 1, __ATOMIC_RELEASE);
	for (;;)
		pause();
	return 0;
}

static void wait_for_task(pid_t pid)
{
	while (pid > 0 && !__atomic_load_n(flag, __ATOMIC_ACQUIRE))
		usleep(1000);
}

/* clone(2) with some flags; the task is a process, so that it can be ended alone. */
static void share(const char *what, int flags, bool vm)
{
	char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	*(unsigned char *)at(ours, 0) = 1;
	*flag = 0;
	STEP("clone: %s", what) {
		pid_t pid;

		expect("same memory %d, same files %d, same directory %d", vm,
		       !!(flags & CLONE_FILES), !!(flags & CLONE_FS));
		expect("byte %d, process vmas +%d", vm ? 7 : 1, vm);
		pid = ACT(clone(task, stack + STACK, flags | SIGCHLD, NULL));
		wait_for_task(pid);
		see("same memory", same(pid, KCMP_VM));
		see("same files", same(pid, KCMP_FILES));
		see("same directory", same(pid, KCMP_FS));
		read_at(at(ours, 0));
		child_kill(pid);
	}
	munmap(stack, STACK);
}

static void run(void)
{
	if (!same(getpid(), KCMP_VM))
		skip("this kernel has no kcmp(2), or does not allow it");
	ours = MAP(.pages = 1, .anonymous = true);
	flag = mmap(NULL, len(1), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	share("nothing shared, as fork()", 0, false);
	share("CLONE_FILES", CLONE_FILES, false);
	share("CLONE_VM", CLONE_VM, true);
	share("VM, FS, FILES: nearly a thread", CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND,
	      true);
	munmap(flag, len(1));
	drop(ours);
}

const struct experiment exp_thread_share = {
	.name = "thread-share",
	.question = "What do a process, its threads and children share?",
	.textbook =
		"Threads share memory, processes do not: fork() copies it, pthread_create()\n"
		"does not.",
	.kernel =
		"Both are clone(2), kernel_clone() in kernel/fork.c, with other flags; each\n"
		"flag is one structure that is shared instead of copied. CLONE_VM: copy_mm()\n"
		"takes another reference of the same mm_struct, else dup_mm() copies all VMAs\n"
		"and the page tables of those that have private pages. CLONE_FILES and CLONE_FS\n"
		"do so for descriptors and for the working directory. pthread_create() sets\n"
		"these and CLONE_THREAD, which makes one process id of both.\n"
		"\n"
		"Process and thread are two habits of many: vfork() and posix_spawn() make a\n"
		"process that lives in its parent's mm until it calls execve().",
	.look =
		"kcmp(2) compares pointers in the kernel. With CLONE_VM the byte that the other\n"
		"wrote is ours, and its mmap() is in our list of VMAs.",
	.next = "mmscope run fork: what a driver is told of a copy.",
	.see = "fork, mm-dump",
	.words = "same: by kcmp(2); byte: 1 is ours, 7 was written by the other",
	.terse = true,
	.run = run,
};
