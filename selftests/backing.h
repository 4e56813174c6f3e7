/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of a mapping's kind share: what backs it, and what each flag of SETUP changes.
 * Every test opens a file of its own kind.
 */
#ifndef BACKING_H
#define BACKING_H

#include "scope.h"

#define PAGES	64

FIXTURE(backing)
{
	struct scope s;
	struct mmscope_info info;
	char *p;
};

FIXTURE_SETUP(backing)
{
	int err = scope_open(&self->s);

	if (scope_missing(err))
		SKIP(return, "%s", scope_missing(err));
	ASSERT_EQ(0, err);
	ASSERT_EQ(0, scope_info(self->s.fd, &self->info));
}

FIXTURE_TEARDOWN(backing)
{
	EXPECT_EQ(0U, self->s.bad);
	EXPECT_TRUE(scope_adds_up(self->s.fd));
	scope_close(&self->s);
}

/* Sets up the store and maps all of it; its records so far are left out */
static inline char *set_up(struct scope *s, __u32 backing, __u64 flags, size_t pages)
{
	char *p = NULL;

	if (!scope_setup(s->fd, backing, flags, pages))
		p = scope_map(s, pages);
	scope_skip(s);
	return p;
}

#define SET_UP(...)	ASSERT_NE(NULL, self->p = set_up(&self->s, __VA_ARGS__))

static inline __u32 flags_of(const struct mmscope_event *e)
{
	return e->flags & ~MMSCOPE_F_VMA_LOCK;
}

static inline struct mmscope_stat stat_of(struct scope *s, __u32 mm)
{
	struct mmscope_stat stat;

	if (scope_stat(s->fd, mm, 0, &stat))
		abort();
	return stat;
}

static inline __u64 held(struct scope *s)
{
	struct mmscope_info info;

	return scope_info(s->fd, &info) ? -1ULL : info.held;
}

/* A child that runs @work and exits with what it returns */
static inline int in_child(int (*work)(void *), void *arg)
{
	pid_t pid = fork();

	if (!pid)
		_exit(work(arg));
	return wait_child(pid);
}

static inline bool has_text(const char *p, size_t n)
{
	char want[64];
	int len = snprintf(want, sizeof(want), "mmscope vmalloc page %zu\n", n);

	return !memcmp(p, want, len) && scope_zero(p + len, p + page_size());
}

/* The first page without its text; @pages when all have it */
static inline size_t first_without_text(const char *p, size_t pages)
{
	size_t i;

	for (i = 0; i < pages; i++)
		if (!has_text(p + i * page_size(), i))
			break;
	return i;
}

/* As work of in_child() */
static inline int touch_and_split(void *p)
{
	touch_pages(p, 0, 16);
	return munmap(page(p, 4), 4 * page_size());
}

#endif
