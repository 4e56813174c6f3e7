// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that are there without a fault of their own: copied at a fork, mapped by ->mmap (EAGER),
 * or beside one that faults (AROUND).
 */
#include "backing.h"

/* How many faults it took to read all of @p; for in_child(), which exits with it */
static int count_faults_of_child(void *p)
{
	struct scope s;
	size_t i, sum = 0;

	for (i = 0; i < PAGES; i++)
		sum += touch_read(page(p, i));
	if (scope_open(&s))
		return 255;
	/* What was read, and what had to be faulted in for it */
	return sum == 5 ? scope_count(&s, MMSCOPE_FAULT) : 254;
}

TEST_F(backing, fork_copies_pfn_pages)
{
	SET_UP(MMSCOPE_PFN, 0, PAGES);
	touch_pages(self->p, 0, 5);
	EXPECT_EQ(PAGES - 5, in_child(count_faults_of_child, self->p));
}

TEST_F(backing, fork_does_not_copy_ordinary_pages)
{
	SET_UP(MMSCOPE_PAGE, 0, PAGES);
	touch_pages(self->p, 0, 5);
	EXPECT_EQ(PAGES, in_child(count_faults_of_child, self->p));
}

/* EAGER */

TEST_F(backing, eager_maps_all_in_mmap)
{
	struct mmscope_event *e;

	ASSERT_EQ(0, scope_setup(self->s.fd, MMSCOPE_PAGE, MMSCOPE_EAGER, PAGES));
	self->p = scope_map(&self->s, PAGES);
	ASSERT_NE(NULL, self->p);
	e = scope_last(&self->s, MMSCOPE_MMAP);
	ASSERT_NE(NULL, e);
	EXPECT_EQ((__u32)PAGES, e->pages);
	EXPECT_EQ((__u64)PAGES, held(&self->s));
	EXPECT_EQ(PAGES, scope_present(self->p, PAGES));
	EXPECT_EQ((__u64)PAGES, stat_of(&self->s, 0).touched);
	touch_pages(self->p, 0, PAGES);
	EXPECT_EQ(0U, scope_count(&self->s, MMSCOPE_FAULT));
	ASSERT_EQ(0, munmap(page(self->p, 4), 10 * page_size()));
	EXPECT_EQ(10U, scope_last(&self->s, MMSCOPE_UNMAP)->pages);
}

TEST_F(backing, eager_maps_only_what_is_mapped)
{
	ASSERT_EQ(0, scope_setup(self->s.fd, MMSCOPE_PAGE, MMSCOPE_EAGER, PAGES));
	ASSERT_NE(NULL, scope_map_at(&self->s, 5, 9));
	EXPECT_EQ(5U, held(&self->s));
	EXPECT_EQ(5U, scope_last(&self->s, MMSCOPE_MMAP)->pages);
}

TEST_F(backing, eager_vmalloc_is_there_at_once)
{
	SET_UP(MMSCOPE_VMALLOC, MMSCOPE_EAGER, 16);
	EXPECT_EQ(16, scope_present(self->p, 16));
	EXPECT_TRUE(has_text(page(self->p, 11), 11));
	EXPECT_EQ(0U, scope_drain(&self->s));
}

TEST_F(backing, fork_copies_eager_pages)
{
	SET_UP(MMSCOPE_PAGE, MMSCOPE_EAGER, PAGES);
	touch_pages(self->p, 0, 5);
	EXPECT_EQ(0, in_child(count_faults_of_child, self->p));
}

TEST_F(backing, eager_page_that_was_zapped_is_faulted)
{
	struct mmscope_event *e;

	SET_UP(MMSCOPE_PAGE, MMSCOPE_EAGER, PAGES);
	touch_write(page(self->p, 3), 7);
	ASSERT_EQ(0, madvise(page(self->p, 3), page_size(), MADV_DONTNEED));
	EXPECT_EQ(7, touch_read(page(self->p, 3)));
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_NE(0U, e->flags & MMSCOPE_F_REFAULT);
}

/* AROUND */

static __u64 sum_npages(struct scope *s)
{
	__u64 n = 0;
	size_t i;

	scope_drain(s);
	for (i = 0; i < s->nr; i++)
		if (s->ev[i].type == MMSCOPE_FAULT)
			n += s->ev[i].npages;
	return n;
}

TEST_F(backing, around_maps_sixteen_pages_in_a_fault)
{
	struct mmscope_event *e;

	SET_UP(MMSCOPE_PAGE, MMSCOPE_AROUND, PAGES);
	touch_write(page(self->p, 20), 1);
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(16U, e->npages);
	EXPECT_EQ(20U, e->pgoff);
	EXPECT_EQ((uintptr_t)page(self->p, 20), e->addr);
	EXPECT_EQ(16, scope_present(self->p, PAGES));
	EXPECT_EQ(16U, stat_of(&self->s, 0).touched);
	EXPECT_EQ(1, scope_present(page(self->p, 20), 1));
}

TEST_F(backing, around_gives_each_page_once)
{
	SET_UP(MMSCOPE_PAGE, MMSCOPE_AROUND, PAGES);
	touch_pages(self->p, 37, 38);
	touch_pages(self->p, 0, PAGES);
	EXPECT_EQ((__u64)PAGES, sum_npages(&self->s));
	EXPECT_GE(8U, scope_count(&self->s, MMSCOPE_FAULT));
	EXPECT_EQ(PAGES, scope_present(self->p, PAGES));
	ASSERT_EQ(0, munmap(self->p, PAGES * page_size()));
	EXPECT_EQ((__u32)PAGES, scope_last(&self->s, MMSCOPE_UNMAP)->pages);
}

TEST_F(backing, around_stays_within_its_vma)
{
	struct mmscope_event *e;

	SET_UP(MMSCOPE_PAGE, MMSCOPE_AROUND, PAGES);
	ASSERT_EQ(0, mprotect(page(self->p, 18), 3 * page_size(), PROT_READ));
	scope_skip(&self->s);
	touch_read(page(self->p, 19));
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(3U, e->npages);
	EXPECT_EQ(3, scope_present(self->p, PAGES));
}

TEST_F(backing, around_stays_within_the_store)
{
	SET_UP(MMSCOPE_PAGE, MMSCOPE_AROUND, 5);
	touch_read(page(self->p, 4));
	EXPECT_EQ(5U, sum_npages(&self->s));
	EXPECT_EQ(5U, held(&self->s));
}

TEST_F(backing, around_vmalloc_has_its_text)
{
	SET_UP(MMSCOPE_VMALLOC, MMSCOPE_AROUND, PAGES);
	touch_read(page(self->p, 40));
	EXPECT_EQ((size_t)PAGES, first_without_text(self->p, PAGES));
	EXPECT_EQ((__u64)PAGES, sum_npages(&self->s));
}

TEST_F(backing, around_of_a_private_write_copies_one_page)
{
	struct mmscope_event *e;
	char *q;

	ASSERT_EQ(0, scope_setup(self->s.fd, MMSCOPE_PAGE, MMSCOPE_AROUND, PAGES));
	q = mmap(NULL, PAGES * page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE, self->s.fd, 0);
	ASSERT_NE(MAP_FAILED, q);
	scope_skip(&self->s);
	touch_write(page(q, 20), 9);
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_NE(0U, e->flags & MMSCOPE_F_COW);
	EXPECT_EQ(9, touch_read(page(q, 20)));
	self->p = scope_map(&self->s, PAGES);
	ASSERT_NE(NULL, self->p);
	EXPECT_EQ(0, touch_read(page(self->p, 20)));
}

TEST_HARNESS_MAIN
