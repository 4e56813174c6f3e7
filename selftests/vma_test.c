// SPDX-License-Identifier: GPL-2.0
/* What mmap() and munmap() leave, also where one covers another mapping */
#include "vma.h"

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

TEST_HARNESS_MAIN
