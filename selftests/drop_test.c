// SPDX-License-Identifier: GPL-2.0
/*
 * Who has a page is counted exactly: with DROP a page stays as long as somebody maps it and no
 * longer, also after refaults, failing faults beside good ones, and forks that copy entries.
 */
#include "backing.h"

/* The same file's pages, as another mapping sees them: how many of [0, end) hold @value */
static size_t seen(struct scope *s, size_t end, char value)
{
	char *p = scope_map_at(s, end, 0);
	size_t i, n = 0;

	for (i = 0; p && i < end; i++)
		n += touch_read(page(p, i)) == value;
	munmap(p, end * page_size());
	return n;
}

TEST_F(backing, drop_counts_a_refault_once)
{
	int i;

	SET_UP(MMSCOPE_PAGE, MMSCOPE_DROP, PAGES);
	for (i = 0; i < 4; i++) {
		touch_pages(self->p, 0, 8);
		ASSERT_EQ(0, madvise(self->p, 8 * page_size(), MADV_DONTNEED));
	}
	touch_pages(self->p, 0, 8);
	EXPECT_EQ(8, stat_of(&self->s, 0).mapped);
	EXPECT_EQ(32U, stat_of(&self->s, 0).refault);
	ASSERT_EQ(0, munmap(self->p, PAGES * page_size()));
	EXPECT_EQ(0U, held(&self->s));
	EXPECT_EQ(0, stat_of(&self->s, 0).mapped);
}

TEST_F(backing, drop_counts_a_refault_around_once)
{
	int i;

	SET_UP(MMSCOPE_PAGE, MMSCOPE_DROP | MMSCOPE_AROUND, PAGES);
	for (i = 0; i < 4; i++) {
		touch_pages(self->p, 0, 32);
		ASSERT_EQ(0, madvise(self->p, 32 * page_size(), MADV_DONTNEED));
	}
	touch_pages(self->p, 0, 1);
	EXPECT_EQ(32, stat_of(&self->s, 0).mapped);
	ASSERT_EQ(0, munmap(self->p, PAGES * page_size()));
	EXPECT_EQ(0U, held(&self->s));
	EXPECT_EQ(0, stat_of(&self->s, 0).mapped);
}

/* A child gets the entries with the fork: what it unmaps, we still have, and the other way round */
static void share_by_fork(struct __test_metadata *_metadata, struct _test_data_backing *self)
{
	int gone = sema(), go = sema();
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid) {
		if (munmap(self->p, 16 * page_size()))
			_exit(1);
		sema_post(gone);
		sema_wait(go);
		_exit(touch_read(page(self->p, 31)) != 1);
	}
	sema_wait(gone);
	EXPECT_EQ(32U, held(&self->s));
	EXPECT_EQ(32U, seen(&self->s, 32, 1));
	ASSERT_EQ(0, munmap(page(self->p, 16), 16 * page_size()));
	EXPECT_EQ(32U, held(&self->s));
	sema_post(go);
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_EQ(16U, held(&self->s));
	EXPECT_EQ(16, scope_present(self->p, 16));
	ASSERT_EQ(0, munmap(self->p, 16 * page_size()));
	EXPECT_EQ(0U, held(&self->s));
}

TEST_F(backing, drop_shares_eager_pages_by_fork)
{
	SET_UP(MMSCOPE_PAGE, MMSCOPE_DROP | MMSCOPE_EAGER, 32);
	touch_pages(self->p, 0, 32);
	share_by_fork(_metadata, self);
}

TEST_F(backing, drop_shares_pages_around_by_fork)
{
	SET_UP(MMSCOPE_PAGE, MMSCOPE_DROP | MMSCOPE_AROUND, 32);
	touch_pages(self->p, 0, 32);
	share_by_fork(_metadata, self);
}

/* Many children, each killed at some moment of its life */
TEST_F(backing, drop_outlives_killed_children)
{
	int i;

	SET_UP(MMSCOPE_PAGE, MMSCOPE_DROP | MMSCOPE_EAGER, 32);
	touch_pages(self->p, 0, 32);
	for (i = 0; i < 20; i++) {
		pid_t pid = fork();

		if (!pid) {
			munmap(page(self->p, i), page_size());
			for (;;)
				pause();
		}
		usleep(i * 500);
		kill(pid, SIGKILL);
		EXPECT_EQ(128 + SIGKILL, wait_child(pid));
	}
	EXPECT_EQ(32U, held(&self->s));
	EXPECT_EQ(32U, seen(&self->s, 32, 1));
	ASSERT_EQ(0, munmap(self->p, 32 * page_size()));
	EXPECT_EQ(0U, held(&self->s));
	EXPECT_EQ(0, stat_of(&self->s, 0).mapped);
}

/* Two threads touch the same page: the one that comes first fails, as every second fault does */

struct racer {
	char *p;
	unsigned int wait_us;
	int err;
};

static void *populate(void *arg)
{
	struct racer *r = arg;

	usleep(r->wait_us);
	r->err = madvise(r->p, page_size(), MADV_POPULATE_READ) ? errno : 0;
	return NULL;
}

static bool race(char *p)
{
	struct racer one = { .p = p }, two = { .p = p, .wait_us = 150000 };
	pthread_t thread[2];

	pthread_create(&thread[0], NULL, populate, &one);
	pthread_create(&thread[1], NULL, populate, &two);
	pthread_join(thread[0], NULL);
	pthread_join(thread[1], NULL);
	return one.err && !two.err;
}

static void fail_beside_good(struct __test_metadata *_metadata, struct _test_data_backing *self,
			     __u64 flags, int more)
{
	struct mmscope_setup setup = {
		.size = sizeof(setup), .flags = flags, .pages = PAGES, .error_nth = 2,
		.delay_us = 400000,
	};
	struct mmscope_stat stat;
	char *q;

	ASSERT_EQ(0, ioctl(self->s.fd, MMSCOPE_SETUP, &setup));
	ASSERT_NE(NULL, self->p = scope_map(&self->s, PAGES));
	ASSERT_EQ(0, madvise(page(self->p, 40), page_size(), MADV_POPULATE_READ));
	if (!race(self->p)) {
		scope_drain(&self->s);
		SKIP(return, "the second came first");
	}
	stat = stat_of(&self->s, 0);
	EXPECT_EQ(2 + more, scope_present(self->p, PAGES));
	EXPECT_EQ(2 + more, stat.mapped);
	EXPECT_EQ(1, stat.error);
	EXPECT_EQ(0, stat.refault);
	EXPECT_EQ(2 + more, held(&self->s));
	/* Another mapping has the page and leaves it, and we still have it */
	touch_write(self->p, 'A');
	q = scope_map_at(&self->s, 1, 0);
	ASSERT_NE(NULL, q);
	if (madvise(q, page_size(), MADV_POPULATE_READ))
		ASSERT_EQ(0, madvise(q, page_size(), MADV_POPULATE_READ));
	EXPECT_EQ('A', touch_read(q));
	ASSERT_EQ(0, munmap(q, page_size()));
	EXPECT_EQ(2 + more, held(&self->s));
	ASSERT_EQ(0, munmap(self->p, PAGES * page_size()));
	EXPECT_EQ(0, stat_of(&self->s, 0).mapped);
	EXPECT_EQ(flags & MMSCOPE_DROP ? 0 : 2 + more, held(&self->s));
}

TEST_F(backing, a_failing_fault_leaves_the_good_one_counted)
{
	fail_beside_good(_metadata, self, 0, 0);
}

TEST_F(backing, a_failing_fault_leaves_a_page_that_is_dropped_counted)
{
	fail_beside_good(_metadata, self, MMSCOPE_DROP, 0);
}

TEST_F(backing, a_failing_fault_leaves_the_pages_around_counted)
{
	fail_beside_good(_metadata, self, MMSCOPE_DROP | MMSCOPE_AROUND, 30);
}

TEST_HARNESS_MAIN
