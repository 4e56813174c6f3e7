// SPDX-License-Identifier: GPL-2.0
/* What changes a part of a VMA, and which half of a split is the new one */
#include "vma.h"

TEST_F(vma, mprotect_of_the_middle_cuts_off_both_sides)
{
	ASSERT_EQ(0, mprotect(page(self->p, 4), 4 * page_size(), PROT_READ));
	EXPECT_STORY(&self->s,
		     "mprotect: mprotect 4-8 r--s\n"
		     "mprotect: may_split 0-16 at 4\n"
		     "mprotect: split 0-16 at 4\n"
		     "mprotect: may_split 4-16 at 8\n"
		     "mprotect: split 4-16 at 8\n");
	/* Which page of the store the range starts at */
	EXPECT_EQ(4U, scope_last(&self->s, MMSCOPE_MPROTECT)->aux);
	/* And back: nothing merges again */
	ASSERT_EQ(0, mprotect(page(self->p, 4), 4 * page_size(), PROT_READ | PROT_WRITE));
	EXPECT_STORY(&self->s, "mprotect: mprotect 4-8 rw-s\n");
}

TEST_F(vma, mprotect_to_what_is_asks_and_does_nothing)
{
	ASSERT_EQ(0, mprotect(page(self->p, 4), 4 * page_size(), PROT_READ | PROT_WRITE));
	EXPECT_STORY(&self->s, "mprotect: mprotect 4-8 rw-s\n");
}

TEST_F(vma, mprotect_over_several_vmas_asks_each)
{
	ASSERT_EQ(0, mprotect(page(self->p, 4), 4 * page_size(), PROT_READ));
	scope_skip(&self->s);
	ASSERT_EQ(0, mprotect(self->p, 16 * page_size(), PROT_NONE));
	EXPECT_STORY(&self->s,
		     "mprotect: mprotect 0-4 ---s\n"
		     "mprotect: mprotect 4-8 ---s\n"
		     "mprotect: mprotect 8-16 ---s\n");
}

TEST_F(vma, madvise_of_the_middle_splits)
{
	ASSERT_EQ(0, madvise(page(self->p, 4), 4 * page_size(), MADV_SEQUENTIAL));
	EXPECT_STORY(&self->s,
		     "madvise: may_split 0-16 at 4\n"
		     "madvise: split 0-16 at 4\n"
		     "madvise: may_split 4-16 at 8\n"
		     "madvise: split 4-16 at 8\n");
}

TEST_F(vma, dontneed_leaves_no_structural_record)
{
	ASSERT_EQ(0, madvise(self->p, 16 * page_size(), MADV_DONTNEED));
	EXPECT_STORY(&self->s, "");
}

TEST_F(vma, mlock_of_the_middle_does_not_split)
{
	ASSERT_EQ(0, mlock(page(self->p, 4), 4 * page_size()));
	ASSERT_EQ(0, munlock(page(self->p, 4), 4 * page_size()));
	EXPECT_STORY(&self->s, "");
	EXPECT_EQ(6U, scope_count(&self->s, MMSCOPE_FAULT));
}

#ifndef SYS_mseal
#define SYS_mseal	462
#endif

TEST_F(vma, sealed_part_is_cut_off_and_stays)
{
	if (syscall(SYS_mseal, page(self->p, 4), 4 * page_size(), 0))
		SKIP(return, "no mseal(2): %s", strerror(errno));
	EXPECT_STORY(&self->s,
		     "mseal: may_split 0-16 at 4\n"
		     "mseal: split 0-16 at 4\n"
		     "mseal: may_split 4-16 at 8\n"
		     "mseal: split 4-16 at 8\n");
	errno = 0;
	EXPECT_EQ(-1, unmap(self->p, 4, 8));
	EXPECT_EQ(EPERM, errno);
	errno = 0;
	EXPECT_EQ(-1, unmap(self->p, 5, 6));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(0U, scope_count(&self->s, MMSCOPE_UNMAP));
	EXPECT_EQ(1, touch_read(page(self->p, 5)));
}

TEST_F(vma, remap_file_pages_is_an_overlay)
{
	ASSERT_EQ(0, remap_file_pages(page(self->p, 4), 4 * page_size(), 0, 32, 0));
	EXPECT_STORY(&self->s,
		     "remap_file_pages: may_split 0-16 at 4\n"
		     "remap_file_pages: split 0-16 at 4\n"
		     "remap_file_pages: may_split 4-16 at 8\n"
		     "remap_file_pages: split 4-16 at 8\n"
		     "remap_file_pages: unmap 4-8, 2 given back, partial\n"
		     "remap_file_pages: mmap 4-8 rw-s of 32\n");
}

/* Lineage of splits: which half is new is the kernel's choice, and the record tells it */

static void expect_split(struct __test_metadata *_metadata, const struct mmscope_event *e,
			 __u32 parent, bool below)
{
	ASSERT_NE(NULL, e);
	EXPECT_EQ(parent, e->parent);
	EXPECT_NE(parent, e->vma);
	EXPECT_EQ(below, !!(e->flags & MMSCOPE_F_BELOW));
}

/* The id of the part [low, high) that @e left on its lower or upper side */
static __u32 half(const struct mmscope_event *e, bool lower)
{
	return !!(e->flags & MMSCOPE_F_BELOW) == lower ? e->vma : e->parent;
}

TEST_F(vma, new_half_of_a_munmap_is_the_kernels_choice)
{
	struct mmscope_event *first, *second;

	ASSERT_EQ(0, unmap(self->p, 4, 8));
	scope_drain(&self->s);
	first = scope_nth(&self->s, MMSCOPE_SPLIT, 0);
	second = scope_nth(&self->s, MMSCOPE_SPLIT, 1);
	expect_split(_metadata, first, self->id, split_new_is_below(true, true));
	expect_split(_metadata, second, half(first, false), split_new_is_below(true, false));
	EXPECT_EQ(half(second, true), scope_last(&self->s, MMSCOPE_UNMAP)->vma);
	/* What is left answers to the ids that the splits gave it */
	ASSERT_EQ(0, unmap(self->p, 0, 4));
	EXPECT_EQ(half(first, true), scope_last(&self->s, MMSCOPE_UNMAP)->vma);
	ASSERT_EQ(0, unmap(self->p, 8, 16));
	EXPECT_EQ(half(second, false), scope_last(&self->s, MMSCOPE_UNMAP)->vma);
}

TEST_F(vma, new_half_of_a_munmap_of_the_head)
{
	struct mmscope_event *e;

	ASSERT_EQ(0, unmap(self->p, 0, 4));
	scope_drain(&self->s);
	e = scope_nth(&self->s, MMSCOPE_SPLIT, 0);
	expect_split(_metadata, e, self->id, split_new_is_below(true, false));
	EXPECT_EQ(half(e, true), scope_last(&self->s, MMSCOPE_UNMAP)->vma);
}

TEST_F(vma, new_halves_of_mprotect_are_outside)
{
	struct mmscope_event *first, *second;

	ASSERT_EQ(0, mprotect(page(self->p, 4), 4 * page_size(), PROT_READ));
	scope_drain(&self->s);
	first = scope_nth(&self->s, MMSCOPE_SPLIT, 0);
	second = scope_nth(&self->s, MMSCOPE_SPLIT, 1);
	expect_split(_metadata, first, self->id, split_new_is_below(false, true));
	expect_split(_metadata, second, self->id, split_new_is_below(false, false));
	EXPECT_NE(first->vma, second->vma);
	/* The middle is still itself */
	ASSERT_EQ(0, unmap(self->p, 4, 8));
	EXPECT_EQ(self->id, scope_last(&self->s, MMSCOPE_UNMAP)->vma);
}

TEST_HARNESS_MAIN
