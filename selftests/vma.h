/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of the life of a VMA share: which records each system call leaves, in which order,
 * with which ranges. The stories are the same on every kernel; only which half of a split is new
 * differs.
 */
#ifndef VMA_H
#define VMA_H

#include "scope.h"

#define PAGES	16

FIXTURE(vma)
{
	struct scope s;
	char *p;		/* 16 pages, of which 1, 5, 7 and 13 are touched */
	__u32 id;
};

FIXTURE_SETUP(vma)
{
	static const size_t touched[] = { 1, 5, 7, 13 };
	struct mmscope_event *e;
	int err = scope_open(&self->s);
	size_t i;

	if (scope_missing(err))
		SKIP(return, "%s", scope_missing(err));
	ASSERT_EQ(0, err);
	self->p = scope_map(&self->s, PAGES);
	ASSERT_NE(NULL, self->p);
	for (i = 0; i < ARRAY_SIZE(touched); i++)
		touch_pages(self->p, touched[i], touched[i] + 1);
	e = scope_last(&self->s, MMSCOPE_MMAP);
	ASSERT_NE(NULL, e);
	self->id = e->vma;
	scope_skip(&self->s);
}

FIXTURE_TEARDOWN(vma)
{
	EXPECT_EQ(0U, self->s.bad);
	scope_close(&self->s);
}

static inline int unmap(char *p, size_t from, size_t to)
{
	return munmap(page(p, from), (to - from) * page_size());
}

#endif
