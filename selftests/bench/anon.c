// SPDX-License-Identifier: GPL-2.0
/*
 * What a program pays that is watched, or runs beside one that is: anon WHAT [FILE] prints the
 * median of the time-stamp counter around each of many, or leaves it in the file
 *
 *	fault	first touches by write of anonymous memory
 *	map	mmap() and munmap() of one page
 */
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

int main(int argc, char **argv)
{
	static uint64_t cost[TIMES];

	/* Or the first touch of each page of costs would be counted. */
	memset(cost, 1, sizeof(cost));
	if (argc < 2 || argc > 3 || (strcmp(argv[1], "fault") && strcmp(argv[1], "map"))) {
		fprintf(stderr, "usage: anon fault|map [FILE]\n");
		return 2;
	}
	if (argv[2] && !freopen(argv[2], "w", stdout))
		fail(argv[2]);
	if (!strcmp(argv[1], "fault"))
		measure_fault(cost);
	else
		measure_map(cost);
	printf("%s %lu\n", argv[1], median(cost, TIMES));
	return 0;
}
