// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that are touched, given back, and touched again, beside others that never were there: by
 * the page table, before and after. "again ADDRESS BY" for each that was, "fresh ADDRESS" for the
 * others.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE	4096UL
#define PRESENT	(1ULL << 63)
#define PAGES	8
#define TOUCHED	3	/* the first of them */

static bool present(const void *p)
{
	static int fd = -1;
	uint64_t entry = 0;

	if (fd < 0)
		fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (pread(fd, &entry, 8, (uintptr_t)p / PAGE * 8) != 8)
		exit(2);
	return entry & PRESENT;
}

/* Pages [from, to) become present. */
static void touch(char *p, int from, int to)
{
	for (int i = from; i < to; i++) {
		if (present(p + i * PAGE))
			exit(3);
		((volatile char *)p)[i * PAGE] = 1;
	}
}

/* All have gone; the first few were there. */
static void touch_again(char *p, const char *by)
{
	touch(p, 0, PAGES);
	for (int i = 0; i < PAGES; i++) {
		if (i < TOUCHED)
			printf("again %lu %s\n", (unsigned long)p + i * PAGE, by);
		else
			printf("fresh %lu\n", (unsigned long)p + i * PAGE);
	}
	fflush(stdout);
}

static char *map(char *at, int flags)
{
	char *p = mmap(at, PAGES * PAGE, PROT_READ | PROT_WRITE,
		       MAP_ANONYMOUS | flags | (at ? MAP_FIXED : 0), -1, 0);

	if (p == MAP_FAILED)
		exit(2);
	return p;
}

static char *touched(int flags)
{
	char *p = map(NULL, flags);

	touch(p, 0, TOUCHED);
	return p;
}

static void by_advice(int flags, int advice, const char *by)
{
	char *p = touched(flags);

	if (madvise(p, PAGES * PAGE, advice)) {
		printf("without %s\n", by);
		return;
	}
	touch_again(p, by);
}

static void by_unmap(void)
{
	char *p = touched(MAP_PRIVATE);

	munmap(p, PAGES * PAGE);
	touch_again(map(p, MAP_PRIVATE), "munmap(2)");
	/* In the middle of something larger */
	p = touched(MAP_PRIVATE);
	munmap(p, TOUCHED * PAGE);
	touch_again(map(p, MAP_PRIVATE), "munmap(2)");
}

static void by_replacing(void)
{
	char *p = touched(MAP_PRIVATE);

	touch_again(map(p, MAP_PRIVATE), "mmap(2)");
}

static void by_brk(void)
{
	char *p = (char *)syscall(SYS_brk, 0);

	p = (char *)(((uintptr_t)p + PAGE - 1) & -PAGE);
	if ((char *)syscall(SYS_brk, p + PAGES * PAGE) != p + PAGES * PAGE)
		exit(2);
	touch(p, 0, TOUCHED);
	syscall(SYS_brk, p);
	syscall(SYS_brk, p + PAGES * PAGE);
	touch_again(p, "brk(2)");
}

/* The pages go on elsewhere: there they are no new ones, and here they are gone. */
static void by_moving(void)
{
	char *p = touched(MAP_PRIVATE), *to = map(NULL, MAP_PRIVATE);

	if (mremap(p, PAGES * PAGE, PAGES * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) != to)
		exit(2);
	if (!present(to) || present(to + TOUCHED * PAGE))
		exit(3);
	touch_again(map(p, MAP_PRIVATE), "mremap(2)");
	madvise(to, PAGES * PAGE, MADV_DONTNEED);
	touch_again(to, "madvise(2) DONTNEED");
}

/* A child has its parent's pages. */
static void in_child(void)
{
	char *p = touched(MAP_PRIVATE);
	int status;

	if (!fork()) {
		madvise(p, PAGES * PAGE, MADV_DONTNEED);
		for (int i = 0; i < PAGES; i++)
			((volatile char *)p)[i * PAGE] = 1;
		_exit(0);
	}
	wait(&status);
	printf("child %lu %d madvise(2) DONTNEED\n", (unsigned long)p, TOUCHED);
}

int main(void)
{
	/* Or a buffer would be made in the heap. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("pages");
	by_advice(MAP_PRIVATE, MADV_DONTNEED, "madvise(2) DONTNEED");
	by_advice(MAP_SHARED, MADV_DONTNEED, "madvise(2) DONTNEED");
	by_advice(MAP_SHARED, MADV_REMOVE, "madvise(2) REMOVE");
	by_unmap();
	by_replacing();
	by_brk();
	by_moving();
	in_child();
	return 0;
}
