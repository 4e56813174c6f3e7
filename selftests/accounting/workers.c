// SPDX-License-Identifier: GPL-2.0
/* Those that fault, and count their faults without the module */
#include "accounting.h"

#include <linux/perf_event.h>

#define WARM_UP		(4 * PAGES)

static void make_faults(char *p, __u64 n)
{
	__u64 i;

	for (i = 0; i < n; i++) {
		if (i % PAGES == 0)
			madvise(p, PAGES * page_size(), MADV_DONTNEED);
		touch_read(p + i % PAGES * page_size());
	}
}

static int open_perf(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_PAGE_FAULTS_MIN,
	};

	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

static __u64 count_perf(int fd)
{
	__u64 n = 0;

	return fd >= 0 && read(fd, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

/* This thread's faults, all of them, between the two looks at each counter */
void *worker_run(void *arg)
{
	struct worker *w = arg;
	struct rusage was, is;
	int perf = open_perf();
	__u64 n;

	pin_to_cpu(w->cpu);
	w->no_perf = perf < 0;
	make_faults(w->p, WARM_UP);
	getrusage(RUSAGE_THREAD, &was);
	n = count_perf(perf);
	set(&w->ready);
	await_flag(w->go);
	/* Once more, and behind the waiting: now nothing else is touched for the first time */
	n = count_perf(perf);
	getrusage(RUSAGE_THREAD, &was);
	make_faults(w->p, w->faults);
	getrusage(RUSAGE_THREAD, &is);
	w->by_perf = count_perf(perf) - n;
	w->by_rusage = is.ru_minflt - was.ru_minflt;
	set(&w->done);
	close(perf);
	return NULL;
}

void worker_check(const struct worker *w, const char *name)
{
	unaccounted += difference(w->by_rusage, w->faults);
	if (w->by_rusage != w->faults)
		mismatch("%s: %llu faults, getrusage says %llu", name, w->faults, w->by_rusage);
	if (!w->no_perf && w->by_perf != w->faults)
		mismatch("%s: %llu faults, perf says %llu", name, w->faults, w->by_perf);
}
