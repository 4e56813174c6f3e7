// SPDX-License-Identifier: GPL-2.0
/* What mremap() leaves: shrinking, moving, and what it refuses */
#include "vma.h"

TEST_F(vma, mremap_shrinks_like_munmap_of_the_tail)
{
	ASSERT_EQ(self->p, mremap(self->p, 16 * page_size(), 6 * page_size(), 0));
	EXPECT_STORY(&self->s,
		     "mremap: may_split 0-16 at 6\n"
		     "mremap: split 0-16 at 6\n"
		     "mremap: unmap 6-16, 2 given back, partial\n");
}

TEST_F(vma, mremap_moves_all)
{
	struct mmscope_event *copy, *move, *mremapped;
	char *q = scope_reserve(16);

	scope_area(&self->s, "q", q, 16);
	ASSERT_EQ(q, mremap(self->p, 16 * page_size(), 16 * page_size(),
			    MREMAP_MAYMOVE | MREMAP_FIXED, q));
	EXPECT_STORY(&self->s,
		     "mremap: copy to q0-16 rw-s of 0\n"
		     "mremap: mremap q0-16 from 0\n"
		     "mremap: move 0-16, 4 moved\n");
	copy = scope_nth(&self->s, MMSCOPE_COPY, 0);
	mremapped = scope_nth(&self->s, MMSCOPE_MREMAP, 0);
	move = scope_nth(&self->s, MMSCOPE_MOVE, 0);
	ASSERT_TRUE(copy && mremapped && move);
	EXPECT_EQ(self->id, copy->parent);
	EXPECT_NE(self->id, copy->vma);
	EXPECT_EQ(copy->vma, mremapped->vma);
	EXPECT_EQ(self->id, mremapped->parent);
	EXPECT_EQ(self->id, move->vma);
	EXPECT_EQ(SIGSEGV, try_read(self->p));
	/* The pages have gone along: nothing is asked again, and all come back at the end */
	touch_read(page(q, 5));
	EXPECT_EQ(4U, scope_count(&self->s, MMSCOPE_FAULT));
	ASSERT_EQ(0, unmap(q, 0, 16));
	EXPECT_STORY(&self->s, "munmap: unmap q0-16, 4 given back\n");
}

TEST_F(vma, mremap_moves_a_part)
{
	char *q = scope_reserve(4);

	scope_area(&self->s, "q", q, 4);
	ASSERT_EQ(q, mremap(page(self->p, 4), 4 * page_size(), 4 * page_size(),
			    MREMAP_MAYMOVE | MREMAP_FIXED, q));
	EXPECT_STORY(&self->s,
		     "mremap: may_split 0-16 at 4\n"
		     "mremap: may_split 0-16 at 8\n"
		     "mremap: copy to q0-4 rw-s of 4\n"
		     "mremap: mremap q0-4 from 4\n"
		     "mremap: may_split 0-16 at 4\n"
		     "mremap: split 0-16 at 4\n"
		     "mremap: may_split 4-16 at 8\n"
		     "mremap: split 4-16 at 8\n"
		     "mremap: move 4-8, 2 moved\n");
	EXPECT_EQ(1, touch_read(page(q, 1)));
	EXPECT_EQ(SIGSEGV, try_read(page(self->p, 5)));
	ASSERT_EQ(0, unmap(q, 0, 4));
	EXPECT_STORY(&self->s, "munmap: unmap q0-4, 2 given back, partial\n");
}

TEST_F(vma, move_over_another_mapping_unmaps_that)
{
	char *q = scope_map_at(&self->s, 4, 8);

	ASSERT_NE(NULL, q);
	scope_area(&self->s, "q", q, 4);
	touch_pages(q, 0, 3);
	scope_skip(&self->s);
	ASSERT_EQ(q, mremap(self->p, 4 * page_size(), 4 * page_size(),
			    MREMAP_MAYMOVE | MREMAP_FIXED, q));
	/* What is at the destination goes first, and is no move */
	EXPECT_STORY(&self->s,
		     "mremap: unmap q0-4, 3 given back\n"
		     "mremap: may_split 0-16 at 4\n"
		     "mremap: copy to q0-4 rw-s of 0\n"
		     "mremap: mremap q0-4 from 0\n"
		     "mremap: may_split 0-16 at 4\n"
		     "mremap: split 0-16 at 4\n"
		     "mremap: move 0-4, 1 moved\n");
}

TEST_F(vma, move_and_shrink_unmaps_the_rest)
{
	char *q = scope_reserve(16);

	scope_area(&self->s, "q", q, 16);
	ASSERT_EQ(q, mremap(self->p, 16 * page_size(), 8 * page_size(),
			    MREMAP_MAYMOVE | MREMAP_FIXED, q));
	EXPECT_STORY(&self->s,
		     "mremap: may_split 0-16 at 8\n"
		     "mremap: split 0-16 at 8\n"
		     "mremap: unmap 8-16, 1 given back, partial\n"
		     "mremap: copy to q0-8 rw-s of 0\n"
		     "mremap: mremap q0-8 from 0\n"
		     "mremap: move 0-8, 3 moved\n");
}

TEST_F(vma, move_of_several_vmas_is_one_by_one_or_not_at_all)
{
	char *q = scope_reserve(16);
	void *got;

	scope_area(&self->s, "q", q, 16);
	ASSERT_EQ(0, mprotect(self->p, 8 * page_size(), PROT_READ));
	scope_skip(&self->s);
	errno = 0;
	got = mremap(self->p, 16 * page_size(), 16 * page_size(), MREMAP_MAYMOVE | MREMAP_FIXED,
		     q);
	if (got == MAP_FAILED) {
		EXPECT_EQ(EFAULT, errno);
		EXPECT_FALSE(kernel_at_least(7, 2));
		EXPECT_STORY(&self->s, "");
		return;
	}
	EXPECT_EQ(q, got);
	EXPECT_STORY(&self->s,
		     "mremap: copy to q0-8 r--s of 0\n"
		     "mremap: mremap q0-8 from 0\n"
		     "mremap: move 0-8, 3 moved\n"
		     "mremap: copy to q8-16 rw-s of 8\n"
		     "mremap: mremap q8-16 from 8\n"
		     "mremap: move 8-16, 1 moved\n");
}

TEST_F(vma, refused_mremaps_leave_no_record)
{
	errno = 0;
	EXPECT_EQ(MAP_FAILED, mremap(self->p, 16 * page_size(), 32 * page_size(), MREMAP_MAYMOVE));
	EXPECT_EQ(EFAULT, errno);
	errno = 0;
	EXPECT_EQ(MAP_FAILED, mremap(self->p, 0, 16 * page_size(), MREMAP_MAYMOVE));
	EXPECT_EQ(EFAULT, errno);
	errno = 0;
	EXPECT_EQ(MAP_FAILED, mremap(self->p, 16 * page_size(), 16 * page_size(),
				     MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_STORY(&self->s, "");
}

TEST_HARNESS_MAIN
