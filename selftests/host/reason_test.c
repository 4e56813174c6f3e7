// SPDX-License-Identifier: GPL-2.0
/*
 * What of a range is without a VMA, which is why a system call fails: also where a damaged
 * recording has a VMA in two places, so that its end is before one of them.
 */
#include <unistd.h>
#include "kselftest_harness.h"
#undef __printf
#undef __noreturn
#undef ARRAY_SIZE
#include "tracer/reason.h"

FIXTURE(reason)
{
	struct space *space;
};

FIXTURE_SETUP(reason)
{
	self->space = space_add(1);
}

FIXTURE_TEARDOWN(reason)
{
	space_drop(self->space);
}

static struct failure asked(struct space *space, __u64 start, __u64 end)
{
	struct failure f = { .space = space, .start = start, .end = end };

	reason_mapped(&f);
	return f;
}

TEST_F(reason, the_first_hole_is_told)
{
	struct failure f;

	space_assign(self->space, 0x10000, 0x12000, area_add(1, 1));
	space_assign(self->space, 0x12000, 0x13000, area_add(1, 2));
	space_assign(self->space, 0x14000, 0x15000, area_add(1, 3));
	f = asked(self->space, 0x11000, 0x15000);
	EXPECT_EQ(f.why, FAILURE_NOT_MAPPED);
	EXPECT_EQ(f.figure, 0x13000);
	f = asked(self->space, 0xf000, 0x11000);
	EXPECT_EQ(f.figure, 0xf000);
	f = asked(self->space, 0x14000, 0x16000);
	EXPECT_EQ(f.figure, 0x15000);
	EXPECT_EQ(asked(self->space, 0x10000, 0x13000).why, 0);
	EXPECT_EQ(asked(self->space, 0x20000, 0x20000).why, 0);
}

TEST_F(reason, a_vma_in_two_places_has_an_end)
{
	struct area *area = area_add(1, 1);
	struct failure f;

	space_assign(self->space, 0x10000, 0x11000, area);
	space_assign(self->space, 0x1000, 0x2000, area);
	space_assign(self->space, 0x2000, 0x10000, area_add(1, 2));
	ASSERT_EQ(area->end, 0x2000);
	/* It did not come back, once. */
	alarm(5);
	f = asked(self->space, 0x10000, 0x12000);
	alarm(0);
	EXPECT_EQ(f.why, FAILURE_NOT_MAPPED);
	EXPECT_EQ(f.figure, 0x11000);
}

TEST_HARNESS_MAIN
