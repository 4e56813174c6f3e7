// SPDX-License-Identifier: GPL-2.0
/*
 * What a first touch by write costs: touch WAY maps pages in that way, writes to each once, and
 * prints the median of the time-stamp counter around the touches; under QEMU's icount that counter
 * is the number of instructions the guest executed. For deliver, the records are read as well.
 */
#include <string.h>

#include "bench.h"

#define PAGES	2048
#define BATCH	64
#define WAYS	(sizeof(ways) / sizeof(*ways))

static const struct way {
	const char *name;
	const char *device;	/* NULL for mmscope's */
	uint64_t flags;
} ways[] = {
	{ "plain-driver", "/dev/plain-driver", 0 },
	{ "plain-driver-stub", "/dev/plain-driver-stub", 0 },
	{ "quiet", NULL, MMSCOPE_QUIET },
	{ "count", NULL, MMSCOPE_COUNT },
	{ "record", NULL, 0 },
	{ "record-latency", NULL, MMSCOPE_LATENCY },
	{ "deliver", NULL, 0 },
};

static uint64_t measure_touch(volatile char *memory)
{
	static uint64_t cost[PAGES];
	int i;

	/* Or the first touch of each page of costs would be counted with a touch of memory. */
	memset(cost, 1, sizeof(cost));
	for (i = 0; i < PAGES; i++) {
		uint64_t start = now();

		memory[i * PAGE] = 1;
		cost[i] = now() - start;
	}
	return median(cost, PAGES);
}

/* A batch of touches and the reading of what they recorded, per touch. */
static uint64_t measure_deliver(int fd, volatile char *memory)
{
	static struct mmscope_event events[2 * BATCH];
	static uint64_t cost[PAGES / BATCH];
	int i, j;

	while (read(fd, events, sizeof(events)) > 0)
		;
	for (i = 0; i < PAGES / BATCH; i++) {
		uint64_t start = now();

		for (j = 0; j < BATCH; j++)
			memory[(i * BATCH + j) * PAGE] = 1;
		if (read(fd, events, sizeof(events)) != BATCH * sizeof(*events))
			fail("read");
		cost[i] = (now() - start) / BATCH;
	}
	return median(cost, PAGES / BATCH);
}

int main(int argc, char **argv)
{
	const struct way *way = ways;
	volatile char *memory;
	uint64_t cost;
	int fd;

	while (argc == 2 && way < ways + WAYS && strcmp(way->name, argv[1]))
		way++;
	if (argc != 2 || way == ways + WAYS) {
		fprintf(stderr, "usage: touch WAY\n");
		return 2;
	}
	fd = way->device ? open_device(way->device) : open_scope(way->flags, PAGES);
	memory = map_pages(fd, PAGES);
	if (strcmp(way->name, "deliver"))
		cost = measure_touch(memory);
	else
		cost = measure_deliver(fd, memory);
	printf("%s %lu\n", way->name, cost);
	return 0;
}
