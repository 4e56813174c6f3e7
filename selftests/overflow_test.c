// SPDX-License-Identifier: GPL-2.0
/*
 * What is written while nobody reads, or faster than anybody reads: every record is delivered or
 * counted as lost, for each reader, whatever else goes on.
 */
#include "one_ring.h"

#include <linux/perf_event.h>

FIXTURE(overflow)
{
	struct scope s;
	char *p;
	struct mmscope_event buf[64];
};

FIXTURE_SETUP(overflow)
{
	self->p = one_ring_open(_metadata, &self->s);
}

FIXTURE_TEARDOWN(overflow)
{
	one_ring_close(_metadata, &self->s);
}

/* @n faults on pages 0, 1, ... and again from 0 */
static void make_faults(char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (i % PAGES == 0)
			madvise(p, PAGES * page_size(), MADV_DONTNEED);
		touch_read(p + i % PAGES * page_size());
	}
}

TEST_F(overflow, what_overflow_overwrites_is_lost_to_the_record)
{
	size_t events = scope_param("events"), n = events + 1000, i, faults = 0;
	struct mmscope_info info;
	struct mmscope_stat stat;
	__u64 want;

	make_faults(self->p, n);
	ASSERT_EQ(0, scope_info(self->s.fd, &info));
	EXPECT_EQ(n + 2, info.produced);
	scope_drain(&self->s);
	ASSERT_EQ(0, scope_info(self->s.fd, &info));
	EXPECT_EQ(n + 2 - events, info.lost);
	EXPECT_EQ(info.lost, scope_lost(&self->s));
	EXPECT_EQ(events, info.delivered);
	EXPECT_EQ(0U, info.unread + info.dropped + info.skipped);
	/* The loss is told where it was: before the oldest that is left, for that CPU */
	ASSERT_EQ(events + 1, self->s.nr);
	EXPECT_EQ(MMSCOPE_LOST, (int)self->s.ev[0].type);
	EXPECT_EQ(0U, self->s.ev[0].cpu);
	EXPECT_EQ(0U, self->s.ev[0].flags & MMSCOPE_F_DROPPED);
	EXPECT_EQ(self->s.ev[1].time_ns, self->s.ev[0].time_ns);
	EXPECT_EQ(self->s.ev[1].seq, self->s.ev[0].seq);
	/* And what is left is the newest, with nothing missing */
	want = n - events;
	for (i = 1; i < self->s.nr; i++) {
		faults += self->s.ev[i].type == MMSCOPE_FAULT &&
			  self->s.ev[i].pgoff == want % PAGES;
		want++;
	}
	EXPECT_EQ(events, faults);
	/* The counters have seen all of them */
	ASSERT_EQ(0, scope_stat(self->s.fd, 0, 0, &stat));
	EXPECT_EQ(n, stat.events[MMSCOPE_FAULT]);
}

TEST_F(overflow, while_reading_is_lost_in_the_middle)
{
	size_t events = scope_param("events"), i, wrong = 0;
	struct mmscope_event *lost;

	make_faults(self->p, 100);
	EXPECT_EQ(102U, scope_drain(&self->s));
	make_faults(self->p, events + 50);
	scope_drain(&self->s);
	lost = scope_nth(&self->s, MMSCOPE_LOST, 0);
	ASSERT_NE(NULL, lost);
	EXPECT_EQ(102, lost - self->s.ev);
	EXPECT_EQ(50U, lost->count);
	EXPECT_EQ(NULL, scope_nth(&self->s, MMSCOPE_LOST, 1));
	/* The oldest that is left is the 50th of that run; nothing is missing behind it */
	for (i = 103; i < self->s.nr; i++)
		wrong += self->s.ev[i].pgoff != (i - 103 + 50) % PAGES;
	EXPECT_EQ(0U, wrong);
}

TEST_F(overflow, read_record_by_record)
{
	size_t events = scope_param("events"), i, wrong = 0;
	struct mmscope_info info;

	make_faults(self->p, events + 500);
	/* A buffer that is not there takes nothing away, not even the loss */
	errno = 0;
	EXPECT_EQ(-1, syscall(SYS_read, self->s.fd, 8, 640));
	EXPECT_EQ(EFAULT, errno);
	ASSERT_EQ(0, scope_info(self->s.fd, &info));
	EXPECT_EQ(0U, info.delivered);
	EXPECT_TRUE(scope_adds_up(self->s.fd));
	ASSERT_EQ(64, read(self->s.fd, self->buf, 64));
	EXPECT_EQ(MMSCOPE_LOST, (int)self->buf[0].type);
	EXPECT_EQ(502U, self->buf[0].count);
	for (i = 0; i < events; i++) {
		if (read(self->s.fd, self->buf, 64) != 64)
			break;
		wrong += self->buf[0].type != MMSCOPE_FAULT ||
			 self->buf[0].pgoff != (500 + i) % PAGES;
	}
	EXPECT_EQ(events, i);
	EXPECT_EQ(0U, wrong);
	EXPECT_EQ(-1, read(self->s.fd, self->buf, 64));
	ASSERT_EQ(0, scope_info(self->s.fd, &info));
	EXPECT_EQ(502U, info.lost);
	EXPECT_EQ(events, info.delivered);
}

TEST_F(overflow, of_two_cpus_is_told_for_each)
{
	size_t events = scope_param("events"), i, lost[2] = { 0 }, found[2] = { 0 };
	struct mmscope_info info;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one CPU");
	make_faults(self->p, events + 100);
	pin_to_cpu(1);
	make_faults(self->p, events + 300);
	scope_drain(&self->s);
	for (i = 0; i < self->s.nr; i++) {
		struct mmscope_event *e = self->s.ev + i;

		ASSERT_GT(2U, e->cpu);
		if (e->type == MMSCOPE_LOST)
			lost[e->cpu] += e->count;
		else
			found[e->cpu]++;
	}
	/* On the first CPU are NAME and MMAP, too */
	EXPECT_EQ(102U, lost[0]);
	EXPECT_EQ(300U, lost[1]);
	EXPECT_EQ(events, found[0]);
	EXPECT_EQ(events, found[1]);
	ASSERT_EQ(0, scope_info(self->s.fd, &info));
	EXPECT_EQ(402U, info.lost);
	EXPECT_EQ(2 * events + 402, info.produced);
}

TEST_F(overflow, getrusage_counts_the_same_faults)
{
	size_t n = scope_param("events") + 500;
	struct mmscope_info before, after;
	struct rusage was, is;

	/* All that the second round runs through is mapped by the first. */
	make_faults(self->p, 2 * PAGES);
	ASSERT_EQ(0, madvise(self->p, PAGES * page_size(), MADV_DONTNEED));
	getrusage(RUSAGE_THREAD, &was);
	make_faults(self->p, n);
	getrusage(RUSAGE_THREAD, &is);
	ASSERT_EQ(0, scope_info(self->s.fd, &before));
	ASSERT_EQ(0, madvise(self->p, PAGES * page_size(), MADV_DONTNEED));
	getrusage(RUSAGE_THREAD, &was);
	make_faults(self->p, n);
	getrusage(RUSAGE_THREAD, &is);
	ASSERT_EQ(0, scope_info(self->s.fd, &after));
	EXPECT_EQ(n, after.produced - before.produced);
	EXPECT_EQ(is.ru_minflt - was.ru_minflt, (long)(after.produced - before.produced));
	EXPECT_EQ(is.ru_majflt, was.ru_majflt);
}

TEST_F(overflow, perf_counts_the_same_faults)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_PAGE_FAULTS,
	};
	struct mmscope_info before, after;
	__u64 was, is;
	int fd;

	fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	if (fd < 0)
		SKIP(return, "no perf events: %s", strerror(errno));
	make_faults(self->p, 2 * PAGES);
	ASSERT_EQ(8, read(fd, &was, 8));
	ASSERT_EQ(8, read(fd, &is, 8));
	ASSERT_EQ(0, madvise(self->p, PAGES * page_size(), MADV_DONTNEED));
	ASSERT_EQ(0, scope_info(self->s.fd, &before));
	ASSERT_EQ(8, read(fd, &was, 8));
	make_faults(self->p, 3 * PAGES);
	ASSERT_EQ(8, read(fd, &is, 8));
	ASSERT_EQ(0, scope_info(self->s.fd, &after));
	EXPECT_EQ(is - was, after.produced - before.produced);
	close(fd);
}

/* The accounting, with threads that fault and readers that come and go */

struct worker {
	char *p;
	int cpu;
	size_t rounds;
	pthread_barrier_t *start;
};

static void *worker_faults(void *arg)
{
	struct worker *w = arg;
	size_t i;

	pin_to_cpu(w->cpu);
	pthread_barrier_wait(w->start);
	for (i = 0; i < w->rounds; i++) {
		read_pages(w->p, 0, 32);
		madvise(w->p, 32 * page_size(), MADV_DONTNEED);
	}
	return NULL;
}

struct visitor {
	pthread_barrier_t *start;
	bool stop;
	bool wrong;
};

/* A reader that opens the log, reads some of it, and closes it, again and again */
static void *visitor_visits(void *arg)
{
	struct visitor *v = arg;
	struct scope s;

	pthread_barrier_wait(v->start);
	while (!__atomic_load_n(&v->stop, __ATOMIC_RELAXED)) {
		if (scope_open(&s)) {
			v->wrong = true;
			return NULL;
		}
		if (scope_read(&s) <= 0)
			v->wrong = true;
		scope_attach(s.fd, 0, 0, MMSCOPE_ATTACH_NOW);
		scope_read(&s);
		v->wrong |= s.bad;
		scope_close(&s);
	}
	return NULL;
}

static void account(struct __test_metadata *_metadata, struct scope *s, char *p,
		    unsigned int workers)
{
	struct worker worker[4];
	struct mmscope_info info;
	struct mmscope_stat stat;
	struct visitor visitor = { 0 };
	pthread_t thread[5];
	pthread_barrier_t start;
	size_t i, rounds = 100;
	__u64 sum = 0;

	pthread_barrier_init(&start, NULL, workers + 2);
	visitor.start = &start;
	ASSERT_EQ(0, pthread_create(thread + workers, NULL, visitor_visits, &visitor));
	for (i = 0; i < workers; i++) {
		worker[i] = (struct worker){ p + i * 32 * page_size(), i, rounds, &start };
		ASSERT_EQ(0, pthread_create(thread + i, NULL, worker_faults, worker + i));
	}
	pthread_barrier_wait(&start);
	/* Read while it is written, but not fast enough to miss nothing */
	for (i = 0; i < 20; i++)
		scope_read(s);
	for (i = 0; i < workers; i++)
		pthread_join(thread[i], NULL);
	__atomic_store_n(&visitor.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread[workers], NULL);
	EXPECT_FALSE(visitor.wrong);

	EXPECT_TRUE(scope_adds_up(s->fd));
	scope_drain(s);
	EXPECT_TRUE(scope_adds_up(s->fd));
	ASSERT_EQ(0, scope_info(s->fd, &info));
	EXPECT_EQ(0U, info.unread);
	EXPECT_EQ(info.lost + info.dropped, scope_lost(s));
	ASSERT_EQ(0, scope_stat(s->fd, 0, 0, &stat));
	for (i = 0; i < MMSCOPE_NR_TYPES; i++)
		sum += stat.events[i];
	EXPECT_EQ(sum, info.produced);
	EXPECT_EQ(workers * rounds * 32, stat.events[MMSCOPE_FAULT]);
}

TEST_F(overflow, accounts_for_one_thread)
{
	account(_metadata, &self->s, self->p, 1);
}

TEST_F(overflow, accounts_for_two_threads)
{
	account(_metadata, &self->s, self->p, 2);
}

TEST_F(overflow, accounts_for_four_threads)
{
	account(_metadata, &self->s, self->p, 4);
}

TEST_HARNESS_MAIN
