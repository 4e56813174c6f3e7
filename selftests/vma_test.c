// SPDX-License-Identifier: GPL-2.0
/*
 * The life of VMAs: which records each system call leaves, in which order, with which ranges. The
 * stories are the same on every kernel; only which half of a split is new differs.
 */
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

static char *page(char *p, size_t n)
{
	return p + n * page_size();
}

static int unmap(char *p, size_t from, size_t to)
{
	return munmap(page(p, from), (to - from) * page_size());
}

TEST_F(vma, mmap_creates_one_vma)
{
	struct mmscope_event *e;
	char *q = scope_map_at(&self->s, 4, 3);

	ASSERT_NE(NULL, q);
	scope_area(&self->s, "q", q, 4);
	e = scope_last(&self->s, MMSCOPE_MMAP);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(0U, e->parent);
	EXPECT_EQ(0U, e->pages);
	EXPECT_NE(self->id, e->vma);
	EXPECT_EQ(own_tid(), (pid_t)e->tid);
	EXPECT_STORY(&self->s, "mmap: mmap q0-4 rw-s of 3\n");
}

TEST_F(vma, mmap_tells_its_rights)
{
	size_t len = 2 * page_size();
	char *q;

	q = mmap(NULL, len, PROT_READ, MAP_SHARED, self->s.fd, 0);
	scope_area(&self->s, "a", q, 2);
	q = mmap(NULL, len, PROT_READ | PROT_EXEC, MAP_PRIVATE, self->s.fd, 0);
	scope_area(&self->s, "b", q, 2);
	q = mmap(NULL, len, PROT_NONE, MAP_SHARED, self->s.fd, 0);
	scope_area(&self->s, "c", q, 2);
	EXPECT_STORY(&self->s,
		     "mmap: mmap a0-2 r--s of 0\n"
		     "mmap: mmap b0-2 r-xp of 0\n"
		     "mmap: mmap c0-2 ---s of 0\n");
}

TEST_F(vma, failed_mmap_leaves_no_record)
{
	errno = 0;
	EXPECT_EQ(MAP_FAILED, mmap(NULL, page_size(), PROT_READ, MAP_SHARED, self->s.fd,
				   scope_param("max_pages") * page_size()));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_STORY(&self->s, "");
}

TEST_F(vma, munmap_of_all_closes)
{
	ASSERT_EQ(0, unmap(self->p, 0, 16));
	EXPECT_EQ(self->id, scope_last(&self->s, MMSCOPE_UNMAP)->vma);
	EXPECT_STORY(&self->s, "munmap: unmap 0-16, 4 given back\n");
}

TEST_F(vma, munmap_of_the_head_splits_and_closes)
{
	ASSERT_EQ(0, unmap(self->p, 0, 4));
	EXPECT_STORY(&self->s,
		     "munmap: may_split 0-16 at 4\n"
		     "munmap: split 0-16 at 4\n"
		     "munmap: unmap 0-4, 1 given back, partial\n");
}

TEST_F(vma, munmap_of_the_tail_splits_and_closes)
{
	ASSERT_EQ(0, unmap(self->p, 12, 16));
	EXPECT_STORY(&self->s,
		     "munmap: may_split 0-16 at 12\n"
		     "munmap: split 0-16 at 12\n"
		     "munmap: unmap 12-16, 1 given back, partial\n");
}

TEST_F(vma, munmap_of_the_middle_splits_twice)
{
	ASSERT_EQ(0, unmap(self->p, 4, 8));
	EXPECT_STORY(&self->s,
		     "munmap: may_split 0-16 at 4\n"
		     "munmap: split 0-16 at 4\n"
		     "munmap: may_split 4-16 at 8\n"
		     "munmap: split 4-16 at 8\n"
		     "munmap: unmap 4-8, 2 given back, partial\n");
	EXPECT_EQ(0, try_read(page(self->p, 3)));
	EXPECT_EQ(SIGSEGV, try_read(page(self->p, 4)));
	EXPECT_EQ(SIGSEGV, try_read(page(self->p, 7)));
	EXPECT_EQ(0, try_read(page(self->p, 8)));
}

TEST_F(vma, munmap_of_a_byte_takes_its_page)
{
	ASSERT_EQ(0, munmap(page(self->p, 15), 1));
	EXPECT_STORY(&self->s,
		     "munmap: may_split 0-16 at 15\n"
		     "munmap: split 0-16 at 15\n"
		     "munmap: unmap 15-16, 0 given back, partial\n");
}

TEST_F(vma, munmap_over_several_vmas_closes_each)
{
	ASSERT_EQ(0, mprotect(page(self->p, 4), 4 * page_size(), PROT_READ));
	scope_skip(&self->s);
	ASSERT_EQ(0, unmap(self->p, 2, 10));
	EXPECT_STORY(&self->s,
		     "munmap: may_split 0-4 at 2\n"
		     "munmap: split 0-4 at 2\n"
		     "munmap: may_split 8-16 at 10\n"
		     "munmap: split 8-16 at 10\n"
		     "munmap: unmap 2-4, 0 given back, partial\n"
		     "munmap: unmap 4-8, 2 given back, partial\n"
		     "munmap: unmap 8-10, 0 given back, partial\n");
}

TEST_F(vma, munmap_of_a_hole_leaves_no_record)
{
	ASSERT_EQ(0, unmap(self->p, 4, 8));
	scope_skip(&self->s);
	ASSERT_EQ(0, unmap(self->p, 4, 8));
	EXPECT_STORY(&self->s, "");
}

TEST_F(vma, munmap_across_a_hole_closes_what_is_there)
{
	ASSERT_EQ(0, unmap(self->p, 4, 8));
	scope_skip(&self->s);
	ASSERT_EQ(0, unmap(self->p, 0, 16));
	EXPECT_STORY(&self->s,
		     "munmap: unmap 0-4, 1 given back, partial\n"
		     "munmap: unmap 8-16, 1 given back\n");
}

TEST_F(vma, partial_ends_with_the_last_piece)
{
	size_t i;

	for (i = 0; i < 16; i += 2)
		ASSERT_EQ(0, unmap(self->p, i, i + 1));
	scope_skip(&self->s);
	for (i = 1; i < 15; i += 2)
		ASSERT_EQ(0, unmap(self->p, i, i + 1));
	EXPECT_STORY(&self->s,
		     "munmap: unmap 1-2, 1 given back, partial\n"
		     "munmap: unmap 3-4, 0 given back, partial\n"
		     "munmap: unmap 5-6, 1 given back, partial\n"
		     "munmap: unmap 7-8, 1 given back, partial\n"
		     "munmap: unmap 9-10, 0 given back, partial\n"
		     "munmap: unmap 11-12, 0 given back, partial\n"
		     "munmap: unmap 13-14, 1 given back, partial\n");
	ASSERT_EQ(0, unmap(self->p, 15, 16));
	EXPECT_STORY(&self->s, "munmap: unmap 15-16, 0 given back\n");
}

TEST_F(vma, two_mappings_are_not_parts_of_each_other)
{
	char *q = scope_map_at(&self->s, 4, 0);

	ASSERT_NE(NULL, q);
	scope_skip(&self->s);
	ASSERT_EQ(0, unmap(self->p, 0, 16));
	EXPECT_STORY(&self->s, "munmap: unmap 0-16, 4 given back\n");
}

TEST_F(vma, given_back_is_what_was_present)
{
	static const size_t cut[][2] = { { 3, 11 }, { 40, 64 }, { 11, 12 }, { 0, 3 }, { 12, 40 } };
	char *q = scope_map_at(&self->s, 64, 0);
	__u64 bits = now_ns() * 0x9e3779b97f4a7c15ULL;
	struct mmscope_event *e;
	size_t i;
	int was;

	ASSERT_NE(NULL, q);
	for (i = 0; i < 64; i++)
		if (bits >> i & 1)
			touch_write(page(q, i), 1);
	for (i = 0; i < ARRAY_SIZE(cut); i++) {
		was = scope_present(page(q, cut[i][0]), cut[i][1] - cut[i][0]);
		scope_skip(&self->s);
		ASSERT_EQ(0, unmap(q, cut[i][0], cut[i][1]));
		e = scope_only(&self->s, MMSCOPE_UNMAP);
		ASSERT_NE(NULL, e);
		EXPECT_EQ(was, (int)e->pages)
			TH_LOG("pages %zu-%zu of %#llx", cut[i][0], cut[i][1], bits);
	}
}

TEST_F(vma, overlay_unmaps_before_it_maps)
{
	ASSERT_EQ(page(self->p, 4), mmap(page(self->p, 4), 4 * page_size(), PROT_READ,
					 MAP_SHARED | MAP_FIXED, self->s.fd, 0));
	EXPECT_STORY(&self->s,
		     "mmap: may_split 0-16 at 4\n"
		     "mmap: split 0-16 at 4\n"
		     "mmap: may_split 4-16 at 8\n"
		     "mmap: split 4-16 at 8\n"
		     "mmap: unmap 4-8, 2 given back, partial\n"
		     "mmap: mmap 4-8 r--s of 0\n");
}

TEST_F(vma, overlay_by_other_memory_unmaps)
{
	ASSERT_EQ(page(self->p, 12), mmap(page(self->p, 12), 4 * page_size(), PROT_NONE,
					  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	EXPECT_STORY(&self->s,
		     "mmap: may_split 0-16 at 12\n"
		     "mmap: split 0-16 at 12\n"
		     "mmap: unmap 12-16, 1 given back, partial\n");
}

TEST_F(vma, overlay_that_the_driver_refuses_has_unmapped)
{
	off_t behind = scope_param("max_pages") * page_size();

	errno = 0;
	EXPECT_EQ(MAP_FAILED, mmap(page(self->p, 12), 4 * page_size(), PROT_READ,
				   MAP_SHARED | MAP_FIXED, self->s.fd, behind));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_STORY(&self->s,
		     "mmap: may_split 0-16 at 12\n"
		     "mmap: split 0-16 at 12\n"
		     "mmap: unmap 12-16, 1 given back, partial\n");
	EXPECT_EQ(SIGSEGV, try_read(page(self->p, 13)));
	EXPECT_EQ(0, try_read(page(self->p, 11)));
}

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

/* Processes */

/* A child that waits: for its log to be opened, and then for its end */
struct child {
	struct scope s;
	pid_t pid;
	int ready;
	int go;
};

static void child_prepare(struct child *c)
{
	memset(c, 0, sizeof(*c));
	c->ready = sema();
	c->go = sema();
}

/* Opens the log of the child that @s has just forked */
static int child_attach(struct child *c, struct scope *s)
{
	struct mmscope_event *e = scope_last(s, MMSCOPE_FORK);
	int err;

	if (!e || c->pid < 0)
		return -1;
	err = scope_open(&c->s);
	if (!err)
		err = scope_attach(c->s.fd, 0, e->aux, 0);
	memcpy(c->s.area, s->area, sizeof(s->area));
	c->s.areas = s->areas;
	return err;
}

static void child_pause(struct child *c)
{
	sema_post(c->ready);
	sema_wait(c->go);
}

static int child_end(struct child *c)
{
	sema_post(c->go);
	return wait_child(c->pid);
}

static void child_close(struct __test_metadata *_metadata, struct child *c)
{
	EXPECT_EQ(0U, c->s.bad);
	scope_close(&c->s);
}

TEST_F(vma, fork_opens_child_vma)
{
	struct mmscope_event *e, *forked;
	struct child c;

	child_prepare(&c);
	c.pid = fork();
	if (!c.pid) {
		sema_wait(c.go);
		_exit(0);
	}
	EXPECT_STORY(&self->s, "fork: fork\n");
	forked = scope_last(&self->s, MMSCOPE_FORK);
	ASSERT_NE(NULL, forked);
	EXPECT_EQ(own_tid(), (pid_t)forked->tid);
	EXPECT_EQ(scope_mm(self->s.fd), forked->mm);
	EXPECT_NE(forked->mm, forked->aux);
	ASSERT_EQ(0, child_attach(&c, &self->s));
	EXPECT_STORY(&c.s, "fork: dup 0-16 rw-s of 0, 0 copied\n");
	e = scope_last(&c.s, MMSCOPE_DUP);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(forked->aux, e->mm);
	EXPECT_EQ(self->id, e->parent);
	EXPECT_NE(self->id, e->vma);
	EXPECT_EQ(own_tid(), (pid_t)e->tid);
	EXPECT_LE(forked->time_ns, e->time_ns);
	EXPECT_EQ(0, child_end(&c));
	child_close(_metadata, &c);
}

TEST_F(vma, fork_opens_every_vma)
{
	struct child c;

	ASSERT_EQ(0, unmap(self->p, 4, 8));
	ASSERT_EQ(0, mprotect(page(self->p, 12), 4 * page_size(), PROT_READ));
	scope_skip(&self->s);
	child_prepare(&c);
	c.pid = fork();
	if (!c.pid) {
		sema_wait(c.go);
		_exit(0);
	}
	ASSERT_EQ(0, child_attach(&c, &self->s));
	EXPECT_STORY(&c.s,
		     "fork: dup 0-4 rw-s of 0, 0 copied\n"
		     "fork: dup 8-12 rw-s of 8, 0 copied\n"
		     "fork: dup 12-16 r--s of 12, 0 copied\n");
	EXPECT_EQ(0, child_end(&c));
	EXPECT_STORY(&c.s,
		     "teardown: unmap 0-4, 0 given back, partial\n"
		     "teardown: unmap 8-12, 0 given back, partial\n"
		     "teardown: unmap 12-16, 0 given back\n"
		     "teardown: end\n");
	child_close(_metadata, &c);
}

TEST_F(vma, fork_leaves_out_what_is_not_to_be_copied)
{
	struct child c;

	ASSERT_EQ(0, madvise(page(self->p, 4), 4 * page_size(), MADV_DONTFORK));
	scope_skip(&self->s);
	child_prepare(&c);
	c.pid = fork();
	if (!c.pid) {
		sema_wait(c.go);
		_exit(try_read(page(self->p, 5)) != SIGSEGV);
	}
	ASSERT_EQ(0, child_attach(&c, &self->s));
	EXPECT_STORY(&c.s,
		     "fork: dup 0-4 rw-s of 0, 0 copied\n"
		     "fork: dup 8-16 rw-s of 8, 0 copied\n");
	EXPECT_EQ(0, child_end(&c));
	child_close(_metadata, &c);
}

TEST_F(vma, dofork_takes_back_dontfork_on_some_kernels)
{
	struct child c;

	ASSERT_EQ(0, madvise(self->p, 16 * page_size(), MADV_DONTFORK));
	errno = 0;
	if (madvise(self->p, 16 * page_size(), MADV_DOFORK)) {
		EXPECT_EQ(EINVAL, errno);
		EXPECT_TRUE(kernel_at_least(6, 13));
		return;
	}
	scope_skip(&self->s);
	child_prepare(&c);
	c.pid = fork();
	if (!c.pid) {
		sema_wait(c.go);
		_exit(try_read(page(self->p, 5)));
	}
	ASSERT_EQ(0, child_attach(&c, &self->s));
	EXPECT_STORY(&c.s, "fork: dup 0-16 rw-s of 0, 0 copied\n");
	EXPECT_EQ(0, child_end(&c));
	EXPECT_STORY(&c.s, "teardown: unmap 0-16, 1 given back\nteardown: end\n");
	child_close(_metadata, &c);
}

TEST_F(vma, fork_copies_pages_of_a_written_private_mapping)
{
	struct mmscope_event *e;
	struct child c;
	char *q;

	q = mmap(NULL, 8 * page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE, self->s.fd, 0);
	ASSERT_NE(MAP_FAILED, q);
	scope_area(&self->s, "q", q, 8);
	touch_pages(q, 0, 3);
	child_prepare(&c);
	c.pid = fork();
	if (!c.pid) {
		sema_wait(c.go);
		read_pages(q, 0, 8);
		_exit(0);
	}
	ASSERT_EQ(0, child_attach(&c, &self->s));
	scope_drain(&c.s);
	e = scope_nth(&c.s, MMSCOPE_DUP, 0);
	ASSERT_NE(NULL, e);
	/* VMAs come in the order of addresses, and this one is not the first mapped */
	if (e->start != (uintptr_t)q)
		e = scope_nth(&c.s, MMSCOPE_DUP, 1);
	ASSERT_NE(NULL, e);
	EXPECT_EQ((uintptr_t)q, e->start);
	EXPECT_EQ(3U, e->pages);
	EXPECT_EQ(0, child_end(&c));
	EXPECT_EQ(5U, scope_count(&c.s, MMSCOPE_FAULT));
	child_close(_metadata, &c);
}

TEST_F(vma, exit_closes_and_ends)
{
	struct mmscope_event *e;
	struct child c;

	child_prepare(&c);
	c.pid = fork();
	if (!c.pid) {
		touch_pages(self->p, 0, 3);
		child_pause(&c);
		_exit(7);
	}
	ASSERT_EQ(0, child_attach(&c, &self->s));
	sema_wait(c.ready);
	scope_skip(&c.s);
	EXPECT_EQ(7, child_end(&c));
	EXPECT_STORY(&c.s, "teardown: unmap 0-16, 3 given back\nteardown: end\n");
	e = scope_last(&c.s, MMSCOPE_END);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(0U, e->vma);
	EXPECT_EQ(c.pid, (pid_t)e->tid);
	EXPECT_STORY(&self->s, "fork: fork\n");
	child_close(_metadata, &c);
}

TEST_F(vma, kill_closes_and_ends)
{
	struct child c;

	child_prepare(&c);
	c.pid = fork();
	if (!c.pid) {
		touch_pages(self->p, 0, 3);
		child_pause(&c);
		_exit(0);
	}
	ASSERT_EQ(0, child_attach(&c, &self->s));
	sema_wait(c.ready);
	scope_skip(&c.s);
	ASSERT_EQ(0, kill(c.pid, SIGKILL));
	EXPECT_EQ(128 + SIGKILL, wait_child(c.pid));
	EXPECT_STORY(&c.s, "teardown: unmap 0-16, 3 given back\nteardown: end\n");
	child_close(_metadata, &c);
}

TEST_F(vma, exec_closes_and_ends)
{
	struct child c;

	child_prepare(&c);
	c.pid = fork();
	if (!c.pid) {
		touch_pages(self->p, 0, 3);
		child_pause(&c);
		/* This program again, to say what tests there are */
		dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
		execl("/proc/self/exe", "vma_test", "-l", NULL);
		_exit(99);
	}
	ASSERT_EQ(0, child_attach(&c, &self->s));
	sema_wait(c.ready);
	scope_skip(&c.s);
	EXPECT_EQ(KSFT_SKIP, child_end(&c));
	EXPECT_STORY(&c.s, "teardown: unmap 0-16, 3 given back\nteardown: end\n");
	EXPECT_EQ(c.pid, (pid_t)scope_last(&c.s, MMSCOPE_END)->tid);
	child_close(_metadata, &c);
}

TEST_F(vma, munmap_in_the_child_is_the_childs)
{
	struct child c;

	child_prepare(&c);
	c.pid = fork();
	if (!c.pid) {
		touch_pages(self->p, 0, 3);
		unmap(self->p, 2, 6);
		child_pause(&c);
		_exit(0);
	}
	ASSERT_EQ(0, child_attach(&c, &self->s));
	sema_wait(c.ready);
	EXPECT_STORY(&c.s,
		     "fork: dup 0-16 rw-s of 0, 0 copied\n"
		     "munmap: may_split 0-16 at 2\n"
		     "munmap: split 0-16 at 2\n"
		     "munmap: may_split 2-16 at 6\n"
		     "munmap: split 2-16 at 6\n"
		     "munmap: unmap 2-6, 1 given back, partial\n");
	EXPECT_STORY(&self->s, "fork: fork\n");
	EXPECT_EQ(0, child_end(&c));
	child_close(_metadata, &c);
	/* The parent's pages are where they were */
	ASSERT_EQ(0, unmap(self->p, 0, 16));
	EXPECT_STORY(&self->s, "munmap: unmap 0-16, 4 given back\n");
}

TEST_F(vma, end_is_of_the_mm_not_of_its_last_mapping)
{
	ASSERT_EQ(0, unmap(self->p, 0, 16));
	EXPECT_EQ(0U, scope_count(&self->s, MMSCOPE_END));
	EXPECT_NE(NULL, scope_map(&self->s, 1));
	EXPECT_EQ(0U, scope_count(&self->s, MMSCOPE_END));
}

TEST_F(vma, fork_without_a_mapping_leaves_no_record)
{
	pid_t pid;

	ASSERT_EQ(0, unmap(self->p, 0, 16));
	scope_skip(&self->s);
	pid = fork();
	if (!pid)
		_exit(0);
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_STORY(&self->s, "");
}

TEST_HARNESS_MAIN
