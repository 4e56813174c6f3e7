/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The books balance: of each reader, at rest, what was produced since its start is what it was
 * given, what waits for it, what was overwritten, dropped or not for it. Exactly, while rings
 * overflow, with 1, 2 and 4 threads that fault and a child that records in the same log, for a
 * reader that keeps up, one that is slow, one that reads only at the end, one that is not for the
 * child, and many that come and go. How many faults there were say getrusage(2) and perf.
 *
 *	workers.c	those that fault
 *	readers.c	those that read, and their books
 *	accounting.c	the program
 */
#ifndef ACCOUNTING_H
#define ACCOUNTING_H

#define SCOPE_WITHOUT_HARNESS
#include "../scope.h"

#include <stdarg.h>

#define THREADS		4
#define PAGES		64	/* of each thread */

/**
 * struct worker - who faults: a thread, or a child process
 * @p: memory of its own
 * @faults: to be made
 * @by_rusage: how many the kernel counted for it meanwhile, when @done
 * @by_perf: the same, of another counter; with @no_perf there is none
 * @ready: it waits for @go
 */
struct worker {
	char *p;
	int cpu;
	__u64 faults;
	__u64 by_rusage;
	__u64 by_perf;
	bool no_perf;
	bool ready;
	bool done;
	bool *go;
};

enum { KEEPS_UP, SLOW, LAST, NOT_FOR_THE_CHILD, READERS };

/**
 * struct reader - who reads, and what it has been given
 * @stop: when to stop
 * @visits: of readers that come and go: how many did
 */
struct reader {
	int fd;
	__u64 records;
	__u64 lost;
	bool *stop;
	__u64 visits;
};

extern __u64 mismatches;
extern __u64 unaccounted;

void mismatch(const char *fmt, ...) __attr(format(printf, 1, 2));
void give_up(const char *what) __attr(noreturn);
__u64 difference(__u64 a, __u64 b);

static inline bool is_set(bool *flag)
{
	return __atomic_load_n(flag, __ATOMIC_ACQUIRE);
}

static inline void set(bool *flag)
{
	__atomic_store_n(flag, true, __ATOMIC_RELEASE);
}

static inline void await_flag(bool *flag)
{
	while (!is_set(flag))
		usleep(1000);
}

/* --- workers.c --- */

void *worker_run(void *worker);
void worker_check(const struct worker *w, const char *name);

/* --- readers.c --- */

extern void *(* const reader_run[READERS])(void *reader);

void reader_open(struct reader *r, __u32 flags);
void *reader_visit(void *visits);
void readers_balance(struct reader *reader, __u64 produced, __u64 by_child);

#endif
