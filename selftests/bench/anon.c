// SPDX-License-Identifier: GPL-2.0
/*
 * What a program pays that is watched, or runs beside one that is: anon WHAT [FILE] prints the
 * median of the time-stamp counter around each of many, or leaves it in the file
 *
 *	fault	first touches by write of anonymous memory
 *	map	mmap() and munmap() of one page
 *	touch	the same, with a first touch by write between them
 *	file	mmap() and munmap() of a page of a file
 *	protect	mprotect() of the middle page of three, and back
 */
#include <fcntl.h>
#include <string.h>

#include "bench.h"

#define TIMES	2048

static void *map_anonymous(size_t pages)
{
	void *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);

	if (memory == MAP_FAILED)
		fail("mmap");
	return memory;
}

static void measure_fault(uint64_t *cost)
{
	volatile char *memory = map_anonymous(TIMES);

	for (int i = 0; i < TIMES; i++) {
		uint64_t start = now();

		memory[i * PAGE] = 1;
		cost[i] = now() - start;
	}
}

static void measure_map(uint64_t *cost)
{
	for (int i = 0; i < TIMES; i++) {
		uint64_t start = now();

		if (munmap(map_anonymous(1), PAGE))
			fail("munmap");
		cost[i] = now() - start;
	}
}

static void measure_touch(uint64_t *cost)
{
	for (int i = 0; i < TIMES; i++) {
		uint64_t start = now();
		volatile char *memory = map_anonymous(1);

		memory[0] = 1;
		if (munmap((void *)memory, PAGE))
			fail("munmap");
		cost[i] = now() - start;
	}
}

static void measure_file(uint64_t *cost)
{
	int fd = open("/proc/self/exe", O_RDONLY);

	for (int i = 0; i < TIMES; i++) {
		uint64_t start = now();
		void *memory = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

		if (memory == MAP_FAILED || munmap(memory, PAGE))
			fail("/proc/self/exe");
		cost[i] = now() - start;
	}
	close(fd);
}

static void measure_protect(uint64_t *cost)
{
	char *middle = (char *)map_anonymous(3) + PAGE;

	for (int i = 0; i < TIMES; i++) {
		uint64_t start = now();

		if (mprotect(middle, PAGE, PROT_READ) ||
		    mprotect(middle, PAGE, PROT_READ | PROT_WRITE))
			fail("mprotect");
		cost[i] = now() - start;
	}
}

static const struct {
	const char *name;
	void (*measure)(uint64_t *cost);
} ways[] = {
	{ "fault", measure_fault }, { "map", measure_map }, { "touch", measure_touch },
	{ "file", measure_file }, { "protect", measure_protect },
};

#define WAYS	(sizeof(ways) / sizeof(*ways))

int main(int argc, char **argv)
{
	static uint64_t cost[TIMES];
	size_t way = 0;

	/* Or the first touch of each page of costs would be counted. */
	memset(cost, 1, sizeof(cost));
	while (argc > 1 && way < WAYS && strcmp(argv[1], ways[way].name))
		way++;
	if (argc < 2 || argc > 3 || way == WAYS) {
		fprintf(stderr, "usage: anon fault|map|touch|file|protect [FILE]\n");
		return 2;
	}
	if (argv[2] && !freopen(argv[2], "w", stdout))
		fail(argv[2]);
	ways[way].measure(cost);
	printf("%s %lu\n", argv[1], median(cost, TIMES));
	return 0;
}
