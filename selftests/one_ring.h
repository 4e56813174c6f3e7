/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What tests of the log begin with. It has a ring for each CPU: one CPU, one ring, unless a test
 * wants more.
 */
#ifndef ONE_RING_H
#define ONE_RING_H

#include "scope.h"

#define PAGES	256

/* A map of PAGES; NULL where the test is skipped */
static inline char *one_ring_open(struct __test_metadata *_metadata, struct scope *s)
{
	char *p;
	int err;

	pin_to_cpu(0);
	err = scope_open(s);
	if (scope_missing(err))
		SKIP(return NULL, "%s", scope_missing(err));
	ASSERT_EQ(0, err);
	p = scope_map(s, PAGES);
	ASSERT_NE(NULL, p);
	return p;
}

static inline void one_ring_close(struct __test_metadata *_metadata, struct scope *s)
{
	EXPECT_EQ(0U, s->bad);
	EXPECT_TRUE(scope_adds_up(s->fd));
	scope_close(s);
}

#endif
