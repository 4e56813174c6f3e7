// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that allocate and free at random, as allocator benchmarks do: alloc_load THREADS COUNT.
 * What one allocates another frees.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_THREADS	16
#define SLOTS		512
#define LARGE		(256 * 1024)	/* more than malloc(3) takes from a heap */

struct worker {
	pthread_t thread;
	unsigned int random;
	int count;
};

static void *slots[SLOTS];

static unsigned int next(struct worker *w, unsigned int below)
{
	w->random = w->random * 1103515245 + 12345;
	return (w->random >> 8) % below;
}

static size_t size(struct worker *w)
{
	switch (next(w, 8)) {
	case 0:
		return LARGE + next(w, LARGE);
	case 1:
		return 4096 + next(w, 65536);
	}
	return 1 + next(w, 1024);
}

static void *work(void *arg)
{
	struct worker *w = arg;

	while (w->count--) {
		size_t n = size(w);
		char *p = malloc(n), *old;

		if (!p)
			continue;
		p[0] = 1;
		p[n - 1] = 1;
		if (!next(w, 4))
			p = realloc(p, n + next(w, LARGE)) ?: p;
		old = __atomic_exchange_n(&slots[next(w, SLOTS)], p, __ATOMIC_ACQ_REL);
		free(old);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct worker workers[MAX_THREADS];
	int threads = argc > 1 ? atoi(argv[1]) : 4, count = argc > 2 ? atoi(argv[2]) : 10000;

	if (threads < 1 || threads > MAX_THREADS)
		return 2;
	for (int i = 0; i < threads; i++) {
		workers[i] = (struct worker){ .random = i + 1, .count = count };
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			return 2;
	}
	for (int i = 0; i < threads; i++)
		pthread_join(workers[i].thread, NULL);
	for (int i = 0; i < SLOTS; i++)
		free(slots[i]);
	return 0;
}
