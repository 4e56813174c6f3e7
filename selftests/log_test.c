// SPDX-License-Identifier: GPL-2.0
/*
 * The log: what is written is read, in order, once for each reader; what is not is counted.
 */
#include "scope.h"

#include <linux/perf_event.h>

#define PAGES	256

FIXTURE(log)
{
	struct scope s;
	char *p;
	struct mmscope_event buf[64];
};

FIXTURE_SETUP(log)
{
	int err;

	/* The log has a ring for each CPU: one CPU, one ring, unless a test wants more */
	pin_to_cpu(0);
	err = scope_open(&self->s);
	if (scope_missing(err))
		SKIP(return, "%s", scope_missing(err));
	ASSERT_EQ(0, err);
	self->p = scope_map(&self->s, PAGES);
	ASSERT_NE(NULL, self->p);
}

FIXTURE_TEARDOWN(log)
{
	EXPECT_EQ(0U, self->s.bad);
	EXPECT_TRUE(scope_adds_up(self->s.fd));
	scope_close(&self->s);
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

static __u64 unread(int fd)
{
	struct mmscope_info info;

	return scope_info(fd, &info) ? -1ULL : info.unread;
}

TEST_F(log, structural_records_are_numbered_without_a_gap)
{
	__u32 seq = 0;
	size_t i;

	make_faults(self->p, 10);
	munmap(self->p + 8 * page_size(), 8 * page_size());
	mprotect(self->p, 4 * page_size(), PROT_READ);
	read_pages(self->p, 100, 110);
	munmap(self->p, PAGES * page_size());
	scope_drain(&self->s);
	for (i = 0; i < self->s.nr; i++) {
		if (scope_is_range(self->s.ev + i))
			seq++;
		/* Others carry the number of the one before them */
		EXPECT_EQ(seq, self->s.ev[i].seq) TH_LOG("record %zu", i);
	}
	/* mmap; 2 splits, 2 asked, 1 unmap; mprotect, asked, split; 3 unmaps */
	EXPECT_EQ(12U, seq);
}

TEST_F(log, empty_is_eagain)
{
	scope_drain(&self->s);
	errno = 0;
	EXPECT_EQ(-1, read(self->s.fd, self->buf, sizeof(self->buf)));
	EXPECT_EQ(EAGAIN, errno);
}

TEST_F(log, buffer_for_less_than_one_record_is_einval)
{
	size_t size;

	for (size = 0; size < 64; size++) {
		errno = 0;
		EXPECT_EQ(-1, read(self->s.fd, self->buf, size));
		EXPECT_EQ(EINVAL, errno) TH_LOG("%zu bytes", size);
	}
	EXPECT_EQ(64, read(self->s.fd, self->buf, 64));
}

TEST_F(log, whole_records_only)
{
	static const size_t size[] = { 64, 65, 127, 128, 191, 200, 64, 1000 };
	size_t i, n = 0;

	make_faults(self->p, 60);
	for (i = 0; i < ARRAY_SIZE(size); i++) {
		memset(self->buf, 0x5a, sizeof(self->buf));
		EXPECT_EQ((ssize_t)(size[i] / 64 * 64), read(self->s.fd, self->buf, size[i]));
		EXPECT_EQ(0x5a, ((char *)self->buf)[size[i] / 64 * 64]);
		n += size[i] / 64;
	}
	/* NAME, MMAP and the faults */
	EXPECT_EQ(62 - n, scope_drain(&self->s));
}

TEST_F(log, record_by_record_is_the_same_story)
{
	struct scope other;
	size_t i;

	make_faults(self->p, 20);
	munmap(self->p + 8 * page_size(), page_size());
	ASSERT_EQ(0, scope_open(&other));
	scope_drain(&self->s);
	for (i = 0; i < self->s.nr; i++) {
		ASSERT_EQ(64, read(other.fd, self->buf, 64));
		EXPECT_EQ(0, memcmp(self->buf, self->s.ev + i, 64)) TH_LOG("record %zu", i);
	}
	EXPECT_EQ(-1, read(other.fd, self->buf, 64));
	scope_close(&other);
}

TEST_F(log, bad_buffer_consumes_nothing)
{
	struct mmscope_info before, after;
	char *end;

	make_faults(self->p, 10);
	ASSERT_EQ(0, scope_info(self->s.fd, &before));
	EXPECT_EQ(12U, before.unread);
	errno = 0;
	EXPECT_EQ(-1, syscall(SYS_read, self->s.fd, 8, 640));
	EXPECT_EQ(EFAULT, errno);
	errno = 0;
	EXPECT_EQ(-1, syscall(SYS_read, self->s.fd, 0xffff888000000000UL, 640));
	EXPECT_EQ(EFAULT, errno);
	/* A buffer that ends within the third record */
	end = mmap(NULL, 2 * page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		   -1, 0);
	ASSERT_NE(MAP_FAILED, end);
	end += page_size();
	ASSERT_EQ(0, munmap(end, page_size()));
	errno = 0;
	EXPECT_EQ(-1, read(self->s.fd, end - 150, 640));
	EXPECT_EQ(EFAULT, errno);
	ASSERT_EQ(0, scope_info(self->s.fd, &after));
	EXPECT_EQ(before.unread, after.unread);
	EXPECT_EQ(before.delivered, after.delivered);
	EXPECT_EQ(12U, scope_drain(&self->s));
}

TEST_F(log, two_readers_do_not_take_from_each_other)
{
	struct scope other;

	make_faults(self->p, 10);
	ASSERT_EQ(0, scope_open(&other));
	EXPECT_EQ(12U, scope_drain(&self->s));
	EXPECT_EQ(12U, unread(other.fd));
	read_pages(self->p, 100, 105);
	EXPECT_EQ(17U, scope_drain(&other));
	EXPECT_EQ(5U, scope_drain(&self->s));
	EXPECT_EQ(0, memcmp(self->s.ev, other.ev, 17 * sizeof(*other.ev)));
	EXPECT_TRUE(scope_adds_up(other.fd));
	scope_close(&other);
}

TEST_F(log, copies_of_a_descriptor_are_one_reader)
{
	int copy = dup(self->s.fd);

	make_faults(self->p, 10);
	ASSERT_EQ(64, read(copy, self->buf, 64));
	EXPECT_EQ(11U, scope_drain(&self->s));
	errno = 0;
	EXPECT_EQ(-1, read(copy, self->buf, 64));
	EXPECT_EQ(EAGAIN, errno);
	close(copy);
}

TEST_F(log, reader_that_comes_late_starts_at_the_oldest)
{
	struct scope other;

	make_faults(self->p, 10);
	scope_drain(&self->s);
	ASSERT_EQ(0, scope_open(&other));
	EXPECT_EQ(12U, scope_drain(&other));
	EXPECT_EQ(MMSCOPE_NAME, (int)other.ev[0].type);
	EXPECT_EQ(MMSCOPE_MMAP, (int)other.ev[1].type);
	scope_close(&other);
}

TEST_F(log, attach_starts_again_at_the_oldest)
{
	struct mmscope_info info;

	make_faults(self->p, 10);
	EXPECT_EQ(12U, scope_drain(&self->s));
	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, 0));
	ASSERT_EQ(0, scope_info(self->s.fd, &info));
	EXPECT_EQ(12U, info.unread);
	EXPECT_EQ(0U, info.delivered);
	EXPECT_EQ(12U, scope_drain(&self->s));
	EXPECT_EQ(0, memcmp(self->s.ev, self->s.ev + 12, 12 * sizeof(*self->s.ev)));
}

TEST_F(log, now_starts_at_the_newest)
{
	struct mmscope_info info;

	make_faults(self->p, 10);
	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, MMSCOPE_ATTACH_NOW));
	ASSERT_EQ(0, scope_info(self->s.fd, &info));
	EXPECT_EQ(0U, info.produced + info.unread + info.delivered + info.lost);
	EXPECT_EQ(0U, scope_drain(&self->s));
	touch_read(self->p + 77 * page_size());
	ASSERT_EQ(1U, scope_drain(&self->s));
	EXPECT_EQ(77U, self->s.ev[0].pgoff);
}

static bool is_ready(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1 && p.revents == POLLIN;
}

TEST_F(log, poll_is_ready_from_the_first_record_on)
{
	EXPECT_TRUE(is_ready(self->s.fd));
	scope_drain(&self->s);
	EXPECT_FALSE(is_ready(self->s.fd));
	touch_read(self->p);
	EXPECT_TRUE(is_ready(self->s.fd));
	ASSERT_EQ(64, read(self->s.fd, self->buf, sizeof(self->buf)));
	EXPECT_FALSE(is_ready(self->s.fd));
}

TEST_F(log, poll_is_ready_at_the_watermark)
{
	struct mmscope_attach attach = {
		.size = sizeof(attach), .flags = MMSCOPE_ATTACH_NOW, .watermark = 4,
	};
	size_t i;

	ASSERT_EQ(0, ioctl(self->s.fd, MMSCOPE_ATTACH, &attach));
	for (i = 0; i < 3; i++) {
		touch_read(self->p + i * page_size());
		EXPECT_FALSE(is_ready(self->s.fd)) TH_LOG("after %zu records", i + 1);
	}
	touch_read(self->p + i * page_size());
	EXPECT_TRUE(is_ready(self->s.fd));
	/* Below the watermark it can be read all the same */
	ASSERT_EQ(128, read(self->s.fd, self->buf, 128));
	EXPECT_FALSE(is_ready(self->s.fd));
	ASSERT_EQ(128, read(self->s.fd, self->buf, 1024));
}

struct reader {
	int fd;
	int tid_ready;
	pid_t tid;
	ssize_t got;
	int err;
	struct mmscope_event buf[16];
};

static void *reader_read(void *arg)
{
	struct reader *r = arg;

	r->tid = own_tid();
	sema_post(r->tid_ready);
	r->got = read(r->fd, r->buf, sizeof(r->buf));
	r->err = errno;
	return NULL;
}

static void *reader_poll(void *arg)
{
	struct reader *r = arg;
	struct pollfd p = { .fd = r->fd, .events = POLLIN };

	r->tid = own_tid();
	sema_post(r->tid_ready);
	r->got = poll(&p, 1, -1);
	r->err = errno;
	return NULL;
}

static pthread_t reader_start(struct reader *r, int fd, void *(*work)(void *))
{
	pthread_t thread;

	memset(r, 0, sizeof(*r));
	r->fd = fd;
	r->tid_ready = sema();
	if (pthread_create(&thread, NULL, work, r))
		abort();
	sema_wait(r->tid_ready);
	wait_asleep(r->tid);
	return thread;
}

static void make_blocking(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
}

TEST_F(log, blocking_read_waits_for_the_first_record)
{
	struct reader r;
	pthread_t thread;

	scope_drain(&self->s);
	make_blocking(self->s.fd);
	thread = reader_start(&r, self->s.fd, reader_read);
	touch_read(self->p + 3 * page_size());
	ASSERT_EQ(0, pthread_join(thread, NULL));
	ASSERT_EQ(64, r.got);
	EXPECT_EQ(MMSCOPE_FAULT, (int)r.buf[0].type);
	EXPECT_EQ(3U, r.buf[0].pgoff);
}

TEST_F(log, blocking_read_does_not_wait_for_the_watermark)
{
	struct mmscope_attach attach = {
		.size = sizeof(attach), .flags = MMSCOPE_ATTACH_NOW, .watermark = 100,
	};

	ASSERT_EQ(0, ioctl(self->s.fd, MMSCOPE_ATTACH, &attach));
	make_blocking(self->s.fd);
	touch_read(self->p);
	EXPECT_EQ(64, read(self->s.fd, self->buf, sizeof(self->buf)));
}

TEST_F(log, blocking_read_of_what_is_there_does_not_block)
{
	make_faults(self->p, 10);
	make_blocking(self->s.fd);
	EXPECT_EQ(12 * 64, read(self->s.fd, self->buf, sizeof(self->buf)));
}

static void do_nothing(int sig)
{
	(void)sig;
}

TEST_F(log, signal_ends_a_blocking_read)
{
	struct sigaction act = { .sa_handler = do_nothing };
	struct reader r;
	pthread_t thread;

	ASSERT_EQ(0, sigaction(SIGUSR1, &act, NULL));
	scope_drain(&self->s);
	make_blocking(self->s.fd);
	thread = reader_start(&r, self->s.fd, reader_read);
	ASSERT_EQ(0, pthread_kill(thread, SIGUSR1));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(-1, r.got);
	EXPECT_EQ(EINTR, r.err);
}

TEST_F(log, poll_is_woken_at_the_watermark)
{
	struct mmscope_attach attach = {
		.size = sizeof(attach), .flags = MMSCOPE_ATTACH_NOW, .watermark = 4,
	};
	struct reader r;
	pthread_t thread;

	ASSERT_EQ(0, ioctl(self->s.fd, MMSCOPE_ATTACH, &attach));
	thread = reader_start(&r, self->s.fd, reader_poll);
	make_faults(self->p, 4);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(1, r.got);
}

TEST_F(log, read_into_the_mapping_itself)
{
	struct mmscope_event *e = (void *)(self->p + 200 * page_size());

	make_faults(self->p, 10);
	ASSERT_LE(12 * 64, read(self->s.fd, e, 60 * 64));
	EXPECT_EQ(MMSCOPE_NAME, (int)e[0].type);
	EXPECT_EQ(9U, e[11].pgoff);
	/* The reading itself leaves a record, which it may give already */
	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, 0));
	e = scope_last(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(SYS_read, e->cause);
	EXPECT_EQ(200U, e->pgoff);
	EXPECT_EQ(13U, self->s.nr);
}

TEST_F(log, what_overflow_overwrites_is_lost_to_the_record)
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

TEST_F(log, overflow_while_reading_is_lost_in_the_middle)
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

TEST_F(log, overflow_read_record_by_record)
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

TEST_F(log, overflow_of_two_cpus_is_told_for_each)
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

TEST_F(log, getrusage_counts_the_same_faults)
{
	size_t n = scope_param("events") + 500;
	struct mmscope_info before, after;
	struct rusage was, is;

	make_faults(self->p, 2 * PAGES);
	getrusage(RUSAGE_THREAD, &was);
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

TEST_F(log, perf_counts_the_same_faults)
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

TEST_F(log, accounts_for_one_thread)
{
	account(_metadata, &self->s, self->p, 1);
}

TEST_F(log, accounts_for_two_threads)
{
	account(_metadata, &self->s, self->p, 2);
}

TEST_F(log, accounts_for_four_threads)
{
	account(_metadata, &self->s, self->p, 4);
}

struct taker {
	int fd;
	bool *stop;
	size_t nr;
	bool wrong;
	unsigned char seen[20000];
};

/* Takes records until told to stop; marks the faults by their number */
static void *taker_takes(void *arg)
{
	struct mmscope_event e[7];
	struct taker *t = arg;
	bool last;
	ssize_t n;
	int i;

	do {
		last = __atomic_load_n(t->stop, __ATOMIC_ACQUIRE);
		while ((n = read(t->fd, e, sizeof(e))) > 0) {
			for (i = 0; i < n / 64; i++) {
				if (e[i].type != MMSCOPE_FAULT)
					continue;
				t->wrong |= e[i].pgoff >= sizeof(t->seen);
				if (!t->wrong)
					t->seen[e[i].pgoff]++;
				t->nr++;
			}
		}
	} while (!last);
	return NULL;
}

TEST_F(log, threads_that_share_a_descriptor_share_its_records)
{
	size_t pages = 3000, i, twice = 0, missed = 0;
	static struct taker taker[2];
	char *q = scope_map_at(&self->s, pages, 0);
	pthread_t thread[2];
	bool stop = false;

	ASSERT_NE(NULL, q);
	for (i = 0; i < 2; i++) {
		taker[i].fd = self->s.fd;
		taker[i].stop = &stop;
		ASSERT_EQ(0, pthread_create(thread + i, NULL, taker_takes, taker + i));
	}
	for (i = 0; i < pages; i++)
		touch_read(q + i * page_size());
	__atomic_store_n(&stop, true, __ATOMIC_RELEASE);
	for (i = 0; i < 2; i++) {
		pthread_join(thread[i], NULL);
		EXPECT_FALSE(taker[i].wrong);
	}
	for (i = 0; i < pages; i++) {
		twice += taker[0].seen[i] + taker[1].seen[i] > 1;
		missed += !(taker[0].seen[i] + taker[1].seen[i]);
	}
	EXPECT_EQ(0U, twice);
	EXPECT_EQ(0U, missed);
	EXPECT_EQ(pages, taker[0].nr + taker[1].nr);
}

/* A batch that ended with a record of the other CPU in sight, and then one of that CPU alone */
TEST_F(log, records_of_two_cpus_read_in_small_pieces_come_once)
{
	static const int cpu[] = { 0, 1, 1, 0 };
	struct mmscope_event e;
	int i, next = 0;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one CPU");
	scope_drain(&self->s);
	for (i = 0; i < 4; i++) {
		pin_to_cpu(cpu[i]);
		touch_read(self->p + i * page_size());
		while (i > 1 && read(self->s.fd, &e, sizeof(e)) == sizeof(e)) {
			EXPECT_EQ((__u32)MMSCOPE_FAULT, (__u32)e.type);
			EXPECT_EQ((__u64)next, e.pgoff);
			next++;
			if (i == 2 && next == 2)
				break;
		}
	}
	EXPECT_EQ(4, next);
}

TEST_F(log, records_of_two_cpus_come_in_the_order_of_time)
{
	int i, cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t k;

	if (cpus < 2)
		SKIP(return, "one CPU");
	for (i = 0; i < 20; i++) {
		pin_to_cpu(i % 2);
		touch_read(self->p + i * page_size());
		if (i % 5 == 4)
			mprotect(self->p + i * page_size(), page_size(), PROT_READ);
	}
	scope_drain(&self->s);
	/* scope_read() has checked the order by (seq, time); the pages tell the order of events */
	for (i = 0, k = 0; k < self->s.nr; k++) {
		if (self->s.ev[k].type != MMSCOPE_FAULT)
			continue;
		EXPECT_EQ((__u64)i, self->s.ev[k].pgoff);
		EXPECT_EQ(i % 2, self->s.ev[k].cpu);
		i++;
	}
	EXPECT_EQ(20, i);
}

struct racer {
	char *p;
	bool stop;
};

/* Faults as fast as it can, on a CPU of its own */
static void *racer_faults(void *arg)
{
	struct racer *r = arg;

	pin_to_cpu(1);
	while (!__atomic_load_n(&r->stop, __ATOMIC_RELAXED)) {
		read_pages(r->p, 0, 16);
		madvise(r->p, 16 * page_size(), MADV_DONTNEED);
	}
	return NULL;
}

/* Changes rights as fast as it can, in another mm of the same log */
static void racer_protects(char *p)
{
	pin_to_cpu(0);
	for (;;)
		mprotect(p, page_size(), PROT_READ | PROT_WRITE);
}

TEST_F(log, order_of_a_family_is_kept_from_read_to_read)
{
	struct racer racer = { .p = self->p };
	struct mmscope_event last = { 0 };
	size_t k, wrong = 0, from;
	pthread_t thread;
	__u64 until;
	pid_t pid;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one CPU");
	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, MMSCOPE_ATTACH_NOW | MMSCOPE_ATTACH_FOLLOW));
	pid = fork();
	if (!pid)
		racer_protects(self->p);
	ASSERT_EQ(0, pthread_create(&thread, NULL, racer_faults, &racer));
	for (until = now_ns() + 2000000000; now_ns() < until; ) {
		from = self->s.nr;
		scope_read(&self->s);
		for (k = from; k < self->s.nr; k++) {
			const struct mmscope_event *e = self->s.ev + k;

			if (!wrong && last.time_ns && scope_after(&last, e)) {
				scope_print(&last);
				scope_print(e);
			}
			wrong += last.time_ns && scope_after(&last, e);
			last = *e;
		}
		/* What was read is checked: it need not be kept */
		self->s.nr = 0;
	}
	racer.stop = true;
	pthread_join(thread, NULL);
	kill(pid, SIGKILL);
	EXPECT_EQ(128 + SIGKILL, wait_child(pid));
	EXPECT_EQ(0U, wrong);
	scope_drain(&self->s);
}

TEST_HARNESS_MAIN
