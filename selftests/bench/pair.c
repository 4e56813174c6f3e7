// SPDX-License-Identifier: GPL-2.0
/*
 * Two threads that touch the halves of one mapping at the same time. First in pairs of a quiet and
 * a recording mapping, one after the other: how much of the quiet one's throughput is left. Then
 * with a reader beside them: each record must come once, and each one that does not must be
 * counted as lost, by the module's own account and by the kernel's count of faults.
 *
 *	throughput RATIO
 *	reader NAP_MS FAULTS DELIVERED LOST DROPPED TWICE ok|MISSED
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "bench.h"

#define THREADS	2
#define EACH	16384
#define PAGES	(THREADS * EACH)
#define PAIRS	11
#define REPEATS	2
#define ROUNDS	8
#define BATCH	512

struct toucher {
	volatile char *memory;
	pthread_barrier_t *start;
	atomic_int *running;
	pid_t tid;
	long faults;
};

struct reader {
	int fd;
	int nap_us;
	atomic_int *running;
	struct toucher *toucher;
	bool seen[THREADS][PAGES];
	uint64_t delivered, twice, lost;
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Minor faults of the calling thread: the kernel's own count. */
static long faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_minflt;
}

static void *touch(void *arg)
{
	struct toucher *t = arg;
	int i;

	t->tid = gettid();
	t->faults = faults();
	pthread_barrier_wait(t->start);
	for (i = 0; i < EACH; i++)
		t->memory[i * PAGE] = 1;
	t->faults = faults() - t->faults;
	atomic_fetch_sub(t->running, 1);
	return NULL;
}

/* Have all threads touch their parts; returns how long that took. */
static int64_t run(volatile char *memory, struct toucher *toucher, atomic_int *running)
{
	pthread_barrier_t start;
	pthread_t thread[THREADS];
	int64_t began;
	int i;

	pthread_barrier_init(&start, NULL, THREADS + 1);
	atomic_store(running, THREADS);
	for (i = 0; i < THREADS; i++) {
		toucher[i] = (struct toucher) {
			.memory = memory + i * EACH * PAGE, .start = &start, .running = running,
		};
		if (pthread_create(&thread[i], NULL, touch, &toucher[i]))
			fail("pthread_create");
	}
	began = now_ns();
	pthread_barrier_wait(&start);
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	return now_ns() - began;
}

static int64_t time_of(uint64_t flags)
{
	struct toucher toucher[THREADS];
	int fd = open_scope(flags, PAGES);
	volatile char *memory = map_pages(fd, PAGES);
	atomic_int running;
	int64_t ns = run(memory, toucher, &running);

	munmap((void *)memory, PAGES * PAGE);
	close(fd);
	return ns;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/*
 * The median ratio of recorded to quiet throughput. A pair is several runs of each, in an order
 * that evens out a drift, and long enough that a busy host disturbs both alike.
 */
static double compare_pairs(void)
{
	double ratio[PAIRS];
	int i, j;

	time_of(MMSCOPE_QUIET);
	time_of(0);
	for (i = 0; i < PAIRS; i++) {
		int64_t quiet = 0, record = 0;

		for (j = 0; j < REPEATS; j++) {
			quiet += time_of(MMSCOPE_QUIET);
			record += time_of(0) + time_of(0);
			quiet += time_of(MMSCOPE_QUIET);
		}
		ratio[i] = (double)quiet / record;
		fprintf(stderr, "quiet %.3f s, record %.3f s\n", quiet / 1e9, record / 1e9);
	}
	qsort(ratio, PAIRS, sizeof(*ratio), compare);
	return ratio[PAIRS / 2];
}

static void take(struct reader *r, const struct mmscope_event *e)
{
	int i;

	if (e->type == MMSCOPE_LOST)
		r->lost += e->count;
	if (e->type != MMSCOPE_FAULT || e->pgoff >= PAGES)
		return;
	for (i = 0; i < THREADS; i++) {
		if (r->toucher[i].tid != (pid_t)e->tid)
			continue;
		r->delivered++;
		r->twice += r->seen[i][e->pgoff];
		r->seen[i][e->pgoff] = true;
	}
}

/* Until nobody writes any more and nothing is left. */
static void *read_all(void *arg)
{
	static struct mmscope_event event[BATCH];
	struct reader *r = arg;
	bool last;

	do {
		ssize_t n, i;

		last = !atomic_load(r->running);
		if (r->nap_us)
			usleep(r->nap_us);
		while ((n = read(r->fd, event, sizeof(event))) > 0)
			for (i = 0; i < n / (ssize_t)sizeof(*event); i++)
				take(r, &event[i]);
		if (n < 0 && errno != EAGAIN)
			fail("read");
		if (!last)
			poll(&(struct pollfd) { .fd = r->fd, .events = POLLIN }, 1, 20);
	} while (!last);
	return NULL;
}

struct account {
	uint64_t faults, delivered, lost, dropped, twice;
	bool wrong;
};

static void add(struct account *a, const struct reader *r, uint64_t faults)
{
	struct mmscope_info info = { .size = sizeof(info) };

	if (ioctl(r->fd, MMSCOPE_INFO, &info))
		fail("MMSCOPE_INFO");
	a->faults += faults;
	a->delivered += r->delivered;
	a->lost += info.lost;
	a->dropped += info.dropped;
	a->twice += r->twice;
	a->wrong |= faults != PAGES || info.produced != faults || r->twice || info.unread ||
		    r->delivered != info.delivered || r->lost != info.lost + info.dropped ||
		    r->delivered + r->lost != faults;
}

/* The same with a reader that naps between its reads. */
static void read_beside(struct account *a, int nap_us)
{
	static struct reader r;
	struct mmscope_attach attach = { .size = sizeof(attach), .flags = MMSCOPE_ATTACH_NOW };
	struct toucher toucher[THREADS];
	atomic_int running = 1;
	volatile char *memory;
	pthread_t thread;

	memset(&r, 0, sizeof(r));
	r.fd = open_scope(0, PAGES);
	r.nap_us = nap_us;
	r.running = &running;
	r.toucher = toucher;
	memory = map_pages(r.fd, PAGES);
	/* The record of the mmap() is none of the touchers'. */
	if (ioctl(r.fd, MMSCOPE_ATTACH, &attach))
		fail("MMSCOPE_ATTACH");
	if (pthread_create(&thread, NULL, read_all, &r))
		fail("pthread_create");
	run(memory, toucher, &running);
	pthread_join(thread, NULL);
	add(a, &r, toucher[0].faults + toucher[1].faults);
	munmap((void *)memory, PAGES * PAGE);
	close(r.fd);
}

static void read_rounds(int nap_us)
{
	struct account a = { 0 };
	int i;

	for (i = 0; i < ROUNDS; i++)
		read_beside(&a, nap_us);
	printf("reader %d %lu %lu %lu %lu %lu %s\n", nap_us / 1000, a.faults, a.delivered, a.lost,
	       a.dropped, a.twice, a.wrong ? "MISSED" : "ok");
}

int main(void)
{
	printf("throughput %.3f\n", compare_pairs());
	read_rounds(0);
	read_rounds(200000);
	return 0;
}
