/* SPDX-License-Identifier: GPL-2.0 */
/* What the programs of the bench share: they end with a message when anything goes wrong. */
#ifndef BENCH_H
#define BENCH_H

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <x86intrin.h>

#include <linux/mmscope.h>

#define PAGE	4096

static inline void fail(const char *what)
{
	perror(what);
	exit(1);
}

static inline int open_device(const char *device)
{
	int fd = open(device, O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		fail(device);
	return fd;
}

/* A file of mmscope's with so many pages, which behaves as the flags say. */
static inline int open_scope(uint64_t flags, uint64_t pages)
{
	struct mmscope_setup setup = { .size = sizeof(setup), .flags = flags, .pages = pages };
	int fd = open_device("/dev/mmscope");

	if (ioctl(fd, MMSCOPE_SETUP, &setup))
		fail("MMSCOPE_SETUP");
	return fd;
}

static inline volatile char *map_pages(int fd, size_t pages)
{
	void *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (memory == MAP_FAILED)
		fail("mmap");
	return memory;
}

/* The fences keep hardware from moving the touch out of the measured stretch. */
static inline uint64_t now(void)
{
	uint64_t t;

	_mm_lfence();
	t = __rdtsc();
	_mm_lfence();
	return t;
}

static inline int compare_values(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static inline uint64_t median(uint64_t *values, int n)
{
	qsort(values, n, sizeof(*values), compare_values);
	return values[n / 2];
}

#endif /* BENCH_H */
