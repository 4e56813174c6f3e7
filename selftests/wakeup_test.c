// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting for records: who is woken, when, and by whom.
 */
#include "one_ring.h"

FIXTURE(wakeup)
{
	struct scope s;
	char *p;
	struct mmscope_event buf[64];
};

FIXTURE_SETUP(wakeup)
{
	self->p = one_ring_open(_metadata, &self->s);
}

FIXTURE_TEARDOWN(wakeup)
{
	one_ring_close(_metadata, &self->s);
}

static bool is_ready(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1 && p.revents == POLLIN;
}

TEST_F(wakeup, poll_is_ready_from_the_first_record_on)
{
	EXPECT_TRUE(is_ready(self->s.fd));
	scope_drain(&self->s);
	EXPECT_FALSE(is_ready(self->s.fd));
	touch_read(self->p);
	EXPECT_TRUE(is_ready(self->s.fd));
	ASSERT_EQ(64, read(self->s.fd, self->buf, sizeof(self->buf)));
	EXPECT_FALSE(is_ready(self->s.fd));
}

TEST_F(wakeup, poll_is_ready_at_the_watermark)
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

TEST_F(wakeup, blocking_read_waits_for_the_first_record)
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

TEST_F(wakeup, blocking_read_does_not_wait_for_the_watermark)
{
	struct mmscope_attach attach = {
		.size = sizeof(attach), .flags = MMSCOPE_ATTACH_NOW, .watermark = 100,
	};

	ASSERT_EQ(0, ioctl(self->s.fd, MMSCOPE_ATTACH, &attach));
	make_blocking(self->s.fd);
	touch_read(self->p);
	EXPECT_EQ(64, read(self->s.fd, self->buf, sizeof(self->buf)));
}

TEST_F(wakeup, blocking_read_of_what_is_there_does_not_block)
{
	read_pages(self->p, 0, 10);
	make_blocking(self->s.fd);
	EXPECT_EQ(12 * 64, read(self->s.fd, self->buf, sizeof(self->buf)));
}

static void do_nothing(int sig)
{
	(void)sig;
}

TEST_F(wakeup, signal_ends_a_blocking_read)
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

TEST_F(wakeup, poll_is_woken_at_the_watermark)
{
	struct mmscope_attach attach = {
		.size = sizeof(attach), .flags = MMSCOPE_ATTACH_NOW, .watermark = 4,
	};
	struct reader r;
	pthread_t thread;

	ASSERT_EQ(0, ioctl(self->s.fd, MMSCOPE_ATTACH, &attach));
	thread = reader_start(&r, self->s.fd, reader_poll);
	read_pages(self->p, 0, 4);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(1, r.got);
}

TEST_F(wakeup, blocking_read_is_woken_by_a_cpu_that_was_silent)
{
	struct reader r;
	pthread_t thread;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one CPU");
	scope_drain(&self->s);
	make_blocking(self->s.fd);
	thread = reader_start(&r, self->s.fd, reader_read);
	/* Which has no ring yet */
	pin_to_cpu(1);
	touch_read(self->p + 3 * page_size());
	ASSERT_EQ(0, pthread_join(thread, NULL));
	ASSERT_EQ(64, r.got);
	EXPECT_EQ(1, r.buf[0].cpu);
}

TEST_F(wakeup, each_watermark_wakes_its_own_reader)
{
	struct mmscope_attach attach = { .size = sizeof(attach), .flags = MMSCOPE_ATTACH_NOW };
	pthread_t thread[3];
	struct reader r[3];
	struct scope s[3];
	size_t i, n = 0;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, scope_open(s + i));
		attach.watermark = 4 * (3 - i);
		ASSERT_EQ(0, ioctl(s[i].fd, MMSCOPE_ATTACH, &attach));
	}
	for (i = 0; i < 3; i++)
		thread[i] = reader_start(r + i, s[i].fd, reader_poll);
	/* The last has the lowest: they come back in the reverse order */
	for (i = 3; i-- > 0;) {
		for (; n < 4 * (3 - i); n++)
			touch_read(self->p + n * page_size());
		ASSERT_EQ(0, pthread_join(thread[i], NULL));
		EXPECT_EQ(1, r[i].got);
		EXPECT_TRUE(is_ready(s[i].fd));
		EXPECT_FALSE(i && is_ready(s[i - 1].fd));
	}
	for (i = 0; i < 3; i++)
		scope_close(s + i);
}

/* Gets records one by one, blocking, and says so for each */
struct echo {
	int fd;
	int got;
	size_t rounds;
	bool wrong;
};

static void *echo_records(void *arg)
{
	struct mmscope_event e;
	struct echo *echo = arg;
	size_t i;

	for (i = 0; i < echo->rounds; i++) {
		echo->wrong |= read(echo->fd, &e, sizeof(e)) != sizeof(e);
		echo->wrong |= e.type != MMSCOPE_FAULT || e.pgoff != i % PAGES;
		sema_post(echo->got);
	}
	return NULL;
}

TEST_F(wakeup, no_wakeup_is_lost)
{
	struct echo echo = { .fd = self->s.fd, .got = sema(), .rounds = 400 };
	pthread_t thread;
	size_t i;

	scope_drain(&self->s);
	make_blocking(self->s.fd);
	ASSERT_EQ(0, pthread_create(&thread, NULL, echo_records, &echo));
	/* One record at a time, from either CPU: one that wakes nobody is waited for in vain */
	for (i = 0; i < echo.rounds; i++) {
		pin_to_cpu(i / 7 % 2);
		if (i % PAGES == 0)
			madvise(self->p, PAGES * page_size(), MADV_DONTNEED);
		touch_read(self->p + i % PAGES * page_size());
		sema_wait(echo.got);
	}
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_FALSE(echo.wrong);
}

TEST_HARNESS_MAIN
