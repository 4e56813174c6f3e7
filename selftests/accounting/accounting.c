// SPDX-License-Identifier: GPL-2.0
/* The program: rounds with 1, 2 and 4 threads */
#include "accounting.h"

#include <getopt.h>

static const char usage[] =
"usage: mmscope_accounting [-n FAULTS]\n"
"\n"
"Makes faults (default 60000) with 1, 2 and 4 threads and a child, while readers\n"
"come, read and go. The last line is 'N faults, N mismatches, N events\n"
"unaccounted'; the status is 0 if the latter two are 0.\n";

__u64 mismatches;
__u64 unaccounted;

void mismatch(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printf("# MISMATCH: ");
	vprintf(fmt, args);
	printf("\n");
	va_end(args);
	mismatches++;
}

void give_up(const char *what)
{
	printf("# %s: %s\n", what, strerror(errno));
	exit(2);
}

__u64 difference(__u64 a, __u64 b)
{
	return a > b ? a - b : b - a;
}

static __u64 count_faults(int fd, __u32 mm)
{
	struct mmscope_stat stat;

	if (scope_stat(fd, mm, 0, &stat))
		give_up("STAT");
	return stat.events[MMSCOPE_FAULT];
}

/* The child's mm is the youngest */
static __u32 find_child(int fd)
{
	struct mmscope_stat stat;
	__u32 mm = 1, child = 0;

	while (!scope_stat(fd, mm, MMSCOPE_STAT_NEXT, &stat)) {
		child = stat.mm;
		mm = stat.mm + 1;
	}
	return child;
}

/* Memory that the child writes into and we read */
static void *share(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		give_up("mmap");
	return p;
}

/**
 * struct play - all that a round needs
 * @worker: threads, and behind them the child
 * @thread: workers, and behind them readers; in the place of who reads last, who visits
 */
struct play {
	struct scope s;
	char *p;
	bool *go;
	bool *stop;
	struct worker *worker;
	struct reader reader[READERS];
	struct reader visits;
	pthread_t thread[THREADS + READERS];
	pid_t child;
};

static void start_thread(pthread_t *thread, void *(*run)(void *), void *arg)
{
	if (pthread_create(thread, NULL, run, arg))
		give_up("a thread");
}

static void start_workers(struct play *p, unsigned int threads, __u64 faults)
{
	int i, cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct worker *child = p->worker + threads;

	for (i = 0; i <= (int)threads; i++)
		p->worker[i] = (struct worker){
			.p = p->p + i * PAGES * page_size(), .cpu = i % cpus, .go = p->go,
			.faults = faults / (threads + 1) + (i ? 0 : faults % (threads + 1)),
		};
	fflush(stdout);
	p->child = fork();
	if (!p->child) {
		worker_run(child);
		/* Its memory stays: an mm's end is recorded, too */
		for (;;)
			pause();
	}
	for (i = 0; i < (int)threads; i++)
		start_thread(p->thread + i, worker_run, p->worker + i);
	for (i = 0; i <= (int)threads; i++)
		await_flag(&p->worker[i].ready);
}

/* All start at the same place: everybody that could record waits */
static void start_readers(struct play *p)
{
	int i;

	for (i = 0; i < READERS; i++) {
		p->reader[i] = (struct reader){ .stop = p->stop };
		reader_open(p->reader + i, MMSCOPE_ATTACH_NOW |
			    (i == NOT_FOR_THE_CHILD ? 0 : MMSCOPE_ATTACH_FOLLOW));
	}
	p->visits = (struct reader){ .stop = p->stop };
	for (i = 0; i < READERS; i++)
		start_thread(p->thread + THREADS + i, reader_run[i] ?: reader_visit,
			     reader_run[i] ? p->reader + i : &p->visits);
}

static void await_workers(struct play *p, unsigned int threads)
{
	unsigned int i;

	for (i = 0; i < threads; i++)
		pthread_join(p->thread[i], NULL);
	/* The child */
	await_flag(&p->worker[threads].done);
	set(p->stop);
	for (i = 0; i < READERS; i++)
		pthread_join(p->thread[THREADS + i], NULL);
}

static void play_round(struct play *p, unsigned int threads, __u64 faults)
{
	__u32 own = scope_mm(p->s.fd), child;
	__u64 was, by_child, sum = 0;
	char name[32];
	unsigned int i;

	*p->go = false;
	*p->stop = false;
	printf("# %u threads and a child: %llu faults\n", threads, faults);
	start_workers(p, threads, faults);
	child = find_child(p->s.fd);
	was = count_faults(p->s.fd, own);
	by_child = count_faults(p->s.fd, child);
	start_readers(p);
	set(p->go);
	await_workers(p, threads);
	for (i = 0; i <= threads; i++) {
		snprintf(name, sizeof(name), i < threads ? "thread %u" : "the child", i);
		worker_check(p->worker + i, name);
		sum += p->worker[i].by_rusage;
	}
	was = count_faults(p->s.fd, own) - was;
	by_child = count_faults(p->s.fd, child) - by_child;
	if (was + by_child != sum || by_child != p->worker[threads].by_rusage)
		mismatch("%llu faults and %llu of the child in STAT, %llu by getrusage", was,
			 by_child, sum);
	readers_balance(p->reader, sum, by_child);
	printf("# %llu visitors\n", p->visits.visits);
	for (i = 0; i < READERS; i++)
		close(p->reader[i].fd);
	kill(p->child, SIGKILL);
	wait_child(p->child);
}

int main(int argc, char **argv)
{
	static const unsigned int threads[] = { 1, 2, 4 };
	static struct play p;
	__u64 faults = 60000;
	unsigned int i;
	int opt, err;

	while ((opt = getopt(argc, argv, "n:h")) >= 0) {
		if (opt != 'n') {
			fputs(usage, opt == 'h' ? stdout : stderr);
			return opt == 'h' ? 0 : 2;
		}
		faults = strtoull(optarg, NULL, 0);
	}
	/* Some for everybody */
	if (faults < 1000)
		faults = 1000;
	setvbuf(stdout, NULL, _IOLBF, 0);
	err = scope_open(&p.s);
	if (err) {
		printf("# %s\n", scope_missing(err) ? scope_missing(err) : strerror(-err));
		return 4;
	}
	if (scope_attach(p.s.fd, 0, 0, MMSCOPE_ATTACH_FOLLOW))
		give_up("ATTACH");
	p.p = scope_map(&p.s, (THREADS + 1) * PAGES);
	if (!p.p)
		give_up("mmap");
	p.worker = share((THREADS + 1) * sizeof(*p.worker));
	p.go = share(2 * sizeof(*p.go));
	p.stop = p.go + 1;
	for (i = 0; i < 3; i++)
		play_round(&p, threads[i], faults / 3 + (i ? 0 : faults % 3));
	printf("%llu faults, %llu mismatches, %llu events unaccounted\n", faults, mismatches,
	       unaccounted);
	return mismatches || unaccounted;
}
