// SPDX-License-Identifier: GPL-2.0
/*
 * What of a range is without a VMA, which is why a system call fails: also where a damaged
 * recording has a VMA in two places, so that its end is before one of them.
 */
#include <unistd.h>
#include "harness.h"
#undef __printf
#undef __noreturn
#undef ARRAY_SIZE
#include "tracer/reason.h"

FIXTURE(reason)
{
	struct mm *mm;
};

FIXTURE_SETUP(reason)
{
	self->mm = mm_add(1);
}

FIXTURE_TEARDOWN(reason)
{
	mm_drop(self->mm);
}

static struct failure asked(struct mm *mm, __u64 start, __u64 end)
{
	struct failure f = { .mm = mm, .start = start, .end = end };

	reason_mapped(&f);
	return f;
}

TEST_F(reason, the_first_hole_is_told)
{
	struct failure f;

	mm_assign(self->mm, 0x10000, 0x12000, vma_add(1, 1));
	mm_assign(self->mm, 0x12000, 0x13000, vma_add(1, 2));
	mm_assign(self->mm, 0x14000, 0x15000, vma_add(1, 3));
	f = asked(self->mm, 0x11000, 0x15000);
	EXPECT_EQ(f.why, FAILURE_NOT_MAPPED);
	EXPECT_EQ(f.figure, 0x13000);
	f = asked(self->mm, 0xf000, 0x11000);
	EXPECT_EQ(f.figure, 0xf000);
	f = asked(self->mm, 0x14000, 0x16000);
	EXPECT_EQ(f.figure, 0x15000);
	EXPECT_EQ(asked(self->mm, 0x10000, 0x13000).why, 0);
	EXPECT_EQ(asked(self->mm, 0x20000, 0x20000).why, 0);
}

TEST_F(reason, a_vma_in_two_places_has_an_end)
{
	struct vma *vma = vma_add(1, 1);
	struct failure f;

	mm_assign(self->mm, 0x10000, 0x11000, vma);
	mm_assign(self->mm, 0x1000, 0x2000, vma);
	mm_assign(self->mm, 0x2000, 0x10000, vma_add(1, 2));
	ASSERT_EQ(vma->end, 0x2000);
	/* It did not come back, once. */
	alarm(5);
	f = asked(self->mm, 0x10000, 0x12000);
	alarm(0);
	EXPECT_EQ(f.why, FAILURE_NOT_MAPPED);
	EXPECT_EQ(f.figure, 0x11000);
}

TEST_HARNESS_MAIN
