/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests share that look at the log and the figures of another process */
#ifndef ATTACH_H
#define ATTACH_H

#include "scope.h"

FIXTURE(attach)
{
	struct scope s;
	int ready;
	int go;
};

FIXTURE_SETUP(attach)
{
	int err = scope_open(&self->s);

	if (scope_missing(err))
		SKIP(return, "%s", scope_missing(err));
	ASSERT_EQ(0, err);
	self->ready = sema();
	self->go = sema();
}

FIXTURE_TEARDOWN(attach)
{
	EXPECT_EQ(0U, self->s.bad);
	EXPECT_TRUE(scope_adds_up(self->s.fd));
	scope_close(&self->s);
}

/* A child with a store of its own, of which it has touched @pages; it waits, and exits with 0 */
static inline pid_t spawn_mapper(int ready, int go, size_t pages)
{
	struct scope s;
	pid_t pid = fork();
	char *p;

	if (pid)
		return pid;
	if (scope_open(&s))
		_exit(121);
	p = scope_map(&s, 16);
	if (!p)
		_exit(122);
	touch_pages(p, 0, pages);
	sema_post(ready);
	sema_wait(go);
	_exit(0);
}

/* Opens the log of such a child, once it waits. Returns the id of its mm, 0 if that fails. */
static inline __u32 open_log_of(struct scope *s, int ready, pid_t pid)
{
	sema_wait(ready);
	return scope_open(s) || scope_attach(s->fd, pid, 0, 0) ? 0 : scope_mm(s->fd);
}

static inline size_t count_mm(struct scope *s, __u32 mm, unsigned int type)
{
	size_t i, n = 0;

	scope_drain(s);
	for (i = 0; i < s->nr; i++)
		n += s->ev[i].mm == mm && s->ev[i].type == type;
	return n;
}

static inline int attach_errno(int fd, pid_t pid, __u32 mm)
{
	return scope_attach(fd, pid, mm, 0) ? errno : 0;
}

static inline int stat_errno(int fd, __u32 mm, __u32 flags)
{
	struct mmscope_stat stat;

	return scope_stat(fd, mm, flags, &stat) ? errno : 0;
}

#endif
