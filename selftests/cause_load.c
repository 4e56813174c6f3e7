// SPDX-License-Identifier: GPL-2.0
/*
 * Faults of the kernel that no system call explains, and some in calls that only young kernels
 * have. Prints "ADDRESS CAUSE" for each, as the tracer is to tell it; "no WHAT" for what this
 * machine cannot show.
 */
#define _GNU_SOURCE
#include <linux/rseq.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <fcntl.h>

#ifndef SYS_cachestat
#define SYS_cachestat	451
#endif

#define PAGE	4096UL
#define PRESENT	(1ULL << 63)
#define SIG_OF_RSEQ	0x53053053

static char *map(size_t pages)
{
	char *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	if (p == MAP_FAILED)
		exit(2);
	return p;
}

static bool present(const void *p)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry = 0;

	if (pread(fd, &entry, 8, (uintptr_t)p / PAGE * 8) != 8)
		exit(2);
	close(fd);
	return entry & PRESENT;
}

static volatile sig_atomic_t handled;

static void handle(int sig)
{
	handled = 1;
}

/* On a stack that nobody has touched; the frame ends near its upper end. */
static void by_signal(void)
{
	struct sigaction action = { .sa_handler = handle, .sa_flags = SA_ONSTACK };
	stack_t stack = { .ss_size = 16 * PAGE };

	stack.ss_sp = map(16);
	if (sigaltstack(&stack, NULL) || sigaction(SIGUSR1, &action, NULL))
		exit(2);
	raise(SIGUSR1);
	if (!handled || !present((char *)stack.ss_sp + 15 * PAGE))
		exit(2);
	printf("%lu signal delivery\n", (unsigned long)stack.ss_sp + 15 * PAGE);
	/* After it, system calls are what they were. */
	stack.ss_sp = map(1);
	if (syscall(SYS_getcwd, stack.ss_sp, PAGE) < 0)
		exit(2);
	printf("%lu getcwd(2)\n", (unsigned long)stack.ss_sp);
}

/* The kernel writes a thread's number of the CPU when it has been away. */
static void by_rseq(void)
{
	struct rseq *rseq = (struct rseq *)map(1);
	struct timespec nap = { .tv_nsec = 1000000 };

	rseq->cpu_id = RSEQ_CPU_ID_UNINITIALIZED;
	if (syscall(SYS_rseq, rseq, sizeof(*rseq), 0, SIG_OF_RSEQ)) {
		printf("no rseq\n");
		return;
	}
	if (madvise(rseq, PAGE, MADV_DONTNEED))
		exit(2);
	for (int i = 0; i < 200 && !present(rseq); i++) {
		cpu_set_t one;

		CPU_ZERO(&one);
		CPU_SET(i % 2, &one);
		sched_setaffinity(0, sizeof(one), &one);
		nanosleep(&nap, NULL);
	}
	if (!present(rseq))
		exit(2);
	printf("%lu rseq\n", (unsigned long)rseq);
	syscall(SYS_rseq, rseq, sizeof(*rseq), RSEQ_FLAG_UNREGISTER, SIG_OF_RSEQ);
}

/* Since 6.5: older headers do not know of it, nor does the table that they are in. */
static void by_young_call(void)
{
	uint64_t range[2] = { 0, PAGE };
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	char *p = map(1);

	if (syscall(SYS_cachestat, fd, range, p, 0))
		printf("no cachestat\n");
	else
		printf("%lu cachestat(2)\n", (unsigned long)p);
	close(fd);
}

int main(void)
{
	by_signal();
	by_young_call();
	by_rseq();
	return 0;
}
