// SPDX-License-Identifier: GPL-2.0
/*
 * What broke other drivers before. The file abuse has the whole table, and which tests of which
 * programs stand for each row; here are those that no other program has a place for.
 */
#include "storm.h"

#define PAGES	16

FIXTURE(abuse)
{
	struct scope s;
};

FIXTURE_SETUP(abuse)
{
	int err = scope_open_as(&self->s, MMSCOPE_PAGE, 0, PAGES);

	if (scope_missing(err))
		SKIP(return, "%s", scope_missing(err));
	ASSERT_EQ(0, err);
}

FIXTURE_TEARDOWN(abuse)
{
	EXPECT_EQ(0U, self->s.bad);
	EXPECT_TRUE(scope_adds_up(self->s.fd));
	EXPECT_EQ(0U, leftovers(self->s.fd));
	scope_close(&self->s);
}

static bool balanced(int fd, unsigned int vmas)
{
	struct mmscope_stat s;

	if (scope_stat(fd, 0, 0, &s) || s.vmas != vmas || s.maps != !!vmas || s.orphans)
		return false;
	return s.events[MMSCOPE_MMAP] + s.events[MMSCOPE_SPLIT] == s.events[MMSCOPE_UNMAP] + vmas;
}

/* A split VMA that is closed twice, or never */

TEST_F(abuse, munmap_of_every_range_of_pages_closes_each_piece_once)
{
	size_t first, end, wrong = 0;
	char *p;

	for (first = 0; first < PAGES; first++) {
		for (end = first + 1; end <= PAGES; end++) {
			p = scope_map_at(&self->s, PAGES, 0);
			ASSERT_NE(NULL, p);
			touch_pages(p, 0, PAGES);
			ASSERT_EQ(0, munmap(page(p, first), (end - first) * page_size()));
			wrong += !balanced(self->s.fd, !!first + (end < PAGES));
			read_pages(p, 0, first);
			read_pages(p, end, PAGES);
			ASSERT_EQ(0, munmap(p, PAGES * page_size()));
			wrong += !balanced(self->s.fd, 0);
			if (wrong)
				TH_LOG("pages %zu to %zu", first, end);
			ASSERT_EQ(0U, wrong);
		}
	}
	scope_drain(&self->s);
}

TEST_F(abuse, mprotect_of_every_range_of_pages_closes_each_piece_once)
{
	size_t first, end, vmas;
	char *p;

	for (first = 0; first < PAGES; first++) {
		for (end = first + 1; end <= PAGES; end++) {
			p = scope_map_at(&self->s, PAGES, 0);
			ASSERT_NE(NULL, p);
			touch_pages(p, 0, PAGES);
			ASSERT_EQ(0, mprotect(page(p, first), (end - first) * page_size(),
					      PROT_READ));
			vmas = 1 + !!first + (end < PAGES);
			EXPECT_TRUE(balanced(self->s.fd, vmas))
				TH_LOG("%zu to %zu", first, end);
			/* A piece after the other, from the middle */
			ASSERT_EQ(0, munmap(page(p, first), (end - first) * page_size()));
			EXPECT_TRUE(balanced(self->s.fd, vmas - 1))
				TH_LOG("%zu to %zu", first, end);
			ASSERT_EQ(0, munmap(p, PAGES * page_size()));
			ASSERT_TRUE(balanced(self->s.fd, 0)) TH_LOG("%zu to %zu", first, end);
		}
	}
	scope_drain(&self->s);
}

/* Forks that a driver forbade, and a process allowed; in a child that ends before its own child */
static int fork_after_dofork(const struct scope *s, int go, __u32 *mm)
{
	size_t size = PAGES * page_size();
	bool special = kernel_at_least(7, 0);
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, 0);
	struct scope own;

	if (p == MAP_FAILED || scope_open(&own))
		return 1;
	mm[0] = scope_mm(own.fd);
	touch_pages(p, 0, PAGES);
	if (madvise(page(p, 4), 8 * page_size(), MADV_DONTFORK))
		return 2;
	errno = 0;
	if (madvise(page(p, 4), 8 * page_size(), MADV_DOFORK) != (special ? -1 : 0))
		return 3;
	if (errno != (special ? EINVAL : 0))
		return 4;
	if (fork())
		return munmap(page(p, 2), 8 * page_size()) ? 5 : 0;
	if (scope_open(&own))
		_exit(1);
	mm[1] = scope_mm(own.fd);
	touch_write(p, 1);
	if (!special)
		touch_write(page(p, 5), 1);
	munmap(page(p, 6), 7 * page_size());
	sema_post(go);
	_exit(0);
}

TEST_F(abuse, fork_after_dofork_and_both_exit_ends_at_0)
{
	__u32 *mm = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			 -1, 0);
	struct mmscope_stat stat;
	int go = sema(), i;
	pid_t pid;

	ASSERT_NE(MAP_FAILED, mm);
	pid = fork();
	if (!pid)
		_exit(fork_after_dofork(&self->s, go, mm));
	EXPECT_EQ(0, wait_child(pid));
	sema_wait(go);
	for (i = 0; i < 2; i++) {
		do {
			ASSERT_EQ(0, scope_stat(self->s.fd, mm[i], 0, &stat));
		} while (stat.state != MMSCOPE_DEAD);
		EXPECT_EQ(0U, stat.vmas + stat.maps + stat.orphans);
		EXPECT_EQ(0U, stat.mapped);
		EXPECT_EQ(1U, stat.events[MMSCOPE_END]);
		EXPECT_EQ(stat.events[MMSCOPE_MMAP] + stat.events[MMSCOPE_SPLIT] +
			  stat.events[MMSCOPE_DUP], stat.events[MMSCOPE_UNMAP]);
	}
}

/* A size that changes under those who use it */

struct resizer {
	int fd;
	pthread_barrier_t *start;
	unsigned int done;
	bool wrong;
};

static void *resize_until_busy(void *arg)
{
	struct resizer *r = arg;

	pthread_barrier_wait(r->start);
	/* Each size until the first mmap(), none afterwards */
	while (!scope_setup(r->fd, r->done % 2 ? MMSCOPE_VMALLOC : MMSCOPE_PAGE, 0,
			    1 + r->done % PAGES))
		r->done++;
	r->wrong = errno != EBUSY || !scope_setup(r->fd, MMSCOPE_PAGE, 0, 1) || errno != EBUSY;
	return NULL;
}

TEST_F_TIMEOUT(abuse, resize_races_with_mmap_and_is_ebusy_ever_after, 3600)
{
	size_t rounds = scope_rounds(60, 3000), i, resized = 0;
	pthread_barrier_t start;

	pthread_barrier_init(&start, NULL, 3);
	for (i = 0; i < rounds; i++) {
		struct resizer r[2];
		struct mmscope_info info;
		pthread_t thread[2];
		struct scope s;
		char *p;
		int k;

		ASSERT_EQ(0, scope_open(&s));
		for (k = 0; k < 2; k++) {
			r[k] = (struct resizer){ .fd = s.fd, .start = &start };
			ASSERT_EQ(0, pthread_create(thread + k, NULL, resize_until_busy, r + k));
		}
		pthread_barrier_wait(&start);
		for (k = i % 7; k; k--)
			sched_yield();
		ASSERT_EQ(0, scope_info(s.fd, &info));
		p = scope_map_at(&s, 1, 0);
		EXPECT_NE(NULL, p);
		for (k = 0; k < 2; k++) {
			pthread_join(thread[k], NULL);
			EXPECT_FALSE(r[k].wrong);
			resized += r[k].done;
		}
		/* What was settled is what counts, to the page */
		ASSERT_EQ(0, scope_info(s.fd, &info));
		EXPECT_EQ(0, try_write(p));
		munmap(p, page_size());
		p = scope_map_at(&s, info.pages, 0);
		ASSERT_NE(NULL, p);
		EXPECT_EQ(0, try_write(page(p, info.pages - 1)));
		munmap(p, info.pages * page_size());
		EXPECT_EQ(NULL, scope_map_at(&s, info.pages + 1, 0));
		scope_close(&s);
	}
	EXPECT_LT(0U, resized);
	scope_attach(self->s.fd, 0, 0, MMSCOPE_ATTACH_NOW);
}

/* Memory that shows what was there before */

TEST_F(abuse, record_holds_nothing_of_the_one_it_overwrites)
{
	size_t events = scope_param("events"), i;
	const struct mmscope_event *e;
	pid_t pid;
	char *p;

	pin_to_cpu(0);
	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, MMSCOPE_ATTACH_FOLLOW));
	p = scope_map_at(&self->s, PAGES - 1, 1);
	ASSERT_NE(NULL, p);
	/* Faults fill a record to its last byte: each place of this CPU's ring is one of theirs */
	for (i = 0; i < events + PAGES; i++) {
		if (i % (PAGES - 1) == 0)
			madvise(p, (PAGES - 1) * page_size(), MADV_DONTNEED);
		touch_write(page(p, i % (PAGES - 1)), 1);
	}
	scope_skip(&self->s);
	pid = fork();
	if (!pid) {
		touch_write(p, 1);
		_exit(0);
	}
	EXPECT_EQ(0, wait_child(pid));
	e = scope_last(&self->s, MMSCOPE_FORK);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(0U, e->vma | e->flags | e->start | e->end | e->parent | e->pages);
	EXPECT_LT(0U, e->aux);
	e = scope_last(&self->s, MMSCOPE_END);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(0U, e->vma | e->flags);
	EXPECT_TRUE(scope_zero(&e->start, e + 1));
	/* scope_check() has seen that a NAME is zero behind its text */
	e = scope_last(&self->s, MMSCOPE_NAME);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(0U, e->vma | e->flags);
}

TEST_HARNESS_MAIN
