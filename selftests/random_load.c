// SPDX-License-Identifier: GPL-2.0
/*
 * Does things to its address space at random, for others to watch: random_load SEED COUNT
 * [THREADS [FORK]]. The same seed does the same in each run, but for where the kernel puts things.
 * With FORK a child goes on when the parent is through.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE		4096UL
#define ARENA		((char *)0x200000000000UL)	/* plus a part for each thread */
#define PART		0x100000000UL
#define PAGES		64
#define MAX_THREADS	8

#ifndef PR_SET_VMA
#define PR_SET_VMA		0x53564d41
#define PR_SET_VMA_ANON_NAME	0
#endif

struct worker {
	pthread_t thread;
	char *part;
	unsigned int random;
	int count;
};

static int files[2];	/* a file of a file system, and a memfd */

static unsigned int next(struct worker *w, unsigned int below)
{
	w->random = w->random * 1103515245 + 12345;
	return (w->random >> 8) % below;
}

static char *place(struct worker *w)
{
	return w->part + next(w, PAGES) * PAGE;
}

static size_t length(struct worker *w)
{
	return (1 + next(w, 8)) * PAGE;
}

static int rights(struct worker *w)
{
	static const int all[] = {
		PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ, PROT_NONE,
		PROT_READ | PROT_EXEC,
	};

	return all[next(w, sizeof(all) / sizeof(*all))];
}

/* Touch what may be touched: /dev/null takes no bytes, a pipe would tell EFAULT. */
static void touch(struct worker *w)
{
	static int pipes[2];
	char *at = place(w), c;

	if (!pipes[0] && pipe2(pipes, O_NONBLOCK))
		return;
	if (write(pipes[1], at, 1) == 1 && read(pipes[0], &c, 1) == 1 && next(w, 2) &&
	    write(pipes[1], &c, 1) == 1 && read(pipes[0], at, 1) < 0)
		return;
}

static void map(struct worker *w)
{
	int flags[] = {
		MAP_PRIVATE | MAP_ANONYMOUS, MAP_PRIVATE | MAP_ANONYMOUS,
		MAP_SHARED | MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
	};
	int kind = next(w, sizeof(flags) / sizeof(*flags));
	int fd = flags[kind] & MAP_ANONYMOUS ? -1 : files[next(w, 2)];
	off_t offset = fd < 0 ? 0 : next(w, 16) * PAGE;
	int more = MAP_FIXED | (next(w, 4) ? 0 : MAP_POPULATE);

	mmap(place(w), length(w), rights(w), flags[kind] | more, fd, offset);
}

static void map_anywhere(struct worker *w)
{
	size_t size = length(w);
	char *at = mmap(NULL, size, rights(w), MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at != MAP_FAILED && next(w, 3))
		munmap(at, next(w, 2) ? size : PAGE);
}

static void unmap(struct worker *w)
{
	munmap(place(w), length(w));
}

static void protect(struct worker *w)
{
	mprotect(place(w), length(w), rights(w));
}

static void move(struct worker *w)
{
	char *from = place(w), *to = place(w);
	size_t was = length(w), is = length(w);

	switch (next(w, 4)) {
	case 0:
		mremap(from, was, is, 0);
		break;
	case 1:
		mremap(from, was, is, MREMAP_MAYMOVE | MREMAP_FIXED, to);
		break;
	case 2:
		mremap(from, was, was, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, to);
		break;
	case 3:
		/* To the end of the part, so that it does not leave it. */
		mremap(from, was, is, MREMAP_MAYMOVE | MREMAP_FIXED, w->part + PAGES * PAGE);
		break;
	}
}

static void advise(struct worker *w)
{
	static const int all[] = {
		MADV_DONTNEED, MADV_DONTFORK, MADV_DOFORK, MADV_SEQUENTIAL, MADV_RANDOM,
		MADV_NORMAL, MADV_DONTDUMP, MADV_DODUMP, MADV_WIPEONFORK, MADV_KEEPONFORK,
		MADV_FREE, MADV_MERGEABLE, MADV_UNMERGEABLE, MADV_POPULATE_WRITE,
	};

	madvise(place(w), length(w), all[next(w, sizeof(all) / sizeof(*all))]);
}

static void lock(struct worker *w)
{
	if (next(w, 2))
		mlock(place(w), length(w));
	else
		munlock(place(w), length(w));
}

static void name(struct worker *w)
{
	static const char *const all[] = { "one", "two", NULL };

	prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, place(w), length(w), all[next(w, 3)]);
}

static void attach(struct worker *w)
{
	int id = shmget(IPC_PRIVATE, 4 * PAGE, IPC_CREAT | 0600);
	char *at;

	if (id < 0)
		return;
	at = shmat(id, place(w), SHM_REMAP);
	shmctl(id, IPC_RMID, NULL);
	if (at != (char *)-1 && next(w, 2))
		shmdt(at);
}

/* The heap is everybody's: only one of the threads moves its end. */
static void heap(struct worker *w)
{
	intptr_t step = (intptr_t)next(w, 9) - 4;

	if (w->part == ARENA)
		sbrk(step * (intptr_t)PAGE);
}

static void __attribute__((noinline)) recurse(int pages)
{
	volatile char page[PAGE];

	page[0] = pages;
	if (pages)
		recurse(pages - 1);
	page[PAGE - 1] = page[0];
}

static void stack(struct worker *w)
{
	recurse(next(w, 60));
}

/* Files that differ in a letter, one where the kernel's memory had another. */
static void short_lived(void)
{
	char called[] = "file A";

	for (int i = 0; i < 60; i++) {
		int fd = memfd_create(called, 0);
		void *p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);

		munmap(p, PAGE);
		close(fd);
		called[5] = 'A' + i % 26;
	}
}

static void *work(void *arg)
{
	static void (*const all[])(struct worker *w) = {
		map, map, map, map_anywhere, unmap, unmap, protect, protect, move, move, advise,
		advise, lock, name, attach, heap, stack, touch, touch,
	};
	struct worker *w = arg;

	while (w->count--)
		all[next(w, sizeof(all) / sizeof(*all))](w);
	return NULL;
}

static void run(struct worker *workers, int n, unsigned int seed, int count)
{
	for (int i = 0; i < n; i++) {
		workers[i].part = ARENA + i * PART;
		workers[i].random = seed * 31 + i;
		workers[i].count = count;
	}
	for (int i = 1; i < n; i++)
		pthread_create(&workers[i].thread, NULL, work, &workers[i]);
	work(&workers[0]);
	for (int i = 1; i < n; i++)
		pthread_join(workers[i].thread, NULL);
}

int main(int argc, char **argv)
{
	struct worker workers[MAX_THREADS];
	int seed = argc > 1 ? atoi(argv[1]) : 1, count = argc > 2 ? atoi(argv[2]) : 1000;
	int threads = argc > 3 ? atoi(argv[3]) : 1;
	int status = 0;
	pid_t child;

	if (threads < 1 || threads > MAX_THREADS)
		return 2;
	files[0] = open("/proc/self/exe", O_RDONLY);
	files[1] = memfd_create("random", 0);
	if (files[0] < 0 || files[1] < 0 || ftruncate(files[1], 64 * PAGE))
		return 2;
	short_lived();
	run(workers, threads, seed, count);
	if (argc > 4 && atoi(argv[4])) {
		child = fork();
		if (!child) {
			run(workers, 1, seed + 1, count);
			_exit(0);
		}
		waitpid(child, &status, 0);
	}
	return status != 0;
}
