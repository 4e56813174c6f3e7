// SPDX-License-Identifier: GPL-2.0
/*
 * Mappings without VM_DONTEXPAND, which may grow and merge: the driver cannot know where they end.
 */
#include "backing.h"

TEST_F(backing, growable_grows_in_place_without_a_record)
{
	char *p = scope_reserve(32);

	ASSERT_EQ(0, scope_setup(self->s.fd, MMSCOPE_PAGE, MMSCOPE_GROWABLE, PAGES));
	ASSERT_EQ(p, mmap(p, 8 * page_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			  self->s.fd, 0));
	scope_skip(&self->s);
	ASSERT_EQ(0, munmap(page(p, 8), 24 * page_size()));
	ASSERT_EQ(p, mremap(p, 8 * page_size(), 32 * page_size(), 0));
	EXPECT_STORY(&self->s, "");
	touch_pages(p, 0, 32);
	EXPECT_EQ(32U, scope_count(&self->s, MMSCOPE_FAULT));
}

TEST_F(backing, growable_cannot_tell_a_refault)
{
	struct mmscope_event *e;

	SET_UP(MMSCOPE_PAGE, MMSCOPE_GROWABLE, PAGES);
	touch_write(page(self->p, 1), 1);
	ASSERT_EQ(0, madvise(self->p, 4 * page_size(), MADV_DONTNEED));
	scope_skip(&self->s);
	EXPECT_EQ(1, touch_read(page(self->p, 1)));
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(MMSCOPE_F_READ | MMSCOPE_F_USER | MMSCOPE_F_SHARED | MMSCOPE_F_UNTRACKED,
		  flags_of(e));
	EXPECT_EQ(2U, stat_of(&self->s, 0).events[MMSCOPE_FAULT]);
	EXPECT_EQ(0U, stat_of(&self->s, 0).refault);
	EXPECT_EQ(0U, stat_of(&self->s, 0).touched);
}

/* mremap(2) that leaves its source: nothing has moved away, so nothing ends as moved */
TEST_F(backing, growable_mremap_that_keeps_its_source)
{
	char *q = scope_reserve(32);

	SET_UP(MMSCOPE_PAGE, MMSCOPE_GROWABLE, 16);
	scope_area(&self->s, "q", q, 32);
	touch_pages(self->p, 0, 16);
	ASSERT_EQ(q, mremap(self->p, 16 * page_size(), 16 * page_size(),
			    MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, q));
	EXPECT_STORY(&self->s,
		     "mremap: copy to q0-16 rw-s of 0\n"
		     "mremap: mremap q0-16 from 0\n");
	EXPECT_EQ(1, touch_read(page(self->p, 3)));
	EXPECT_EQ(1, touch_read(page(q, 3)));
	ASSERT_EQ(0, munmap(self->p, 16 * page_size()));
	EXPECT_STORY(&self->s, "munmap: unmap 0-16, -1 given back, partial\n");
	ASSERT_EQ(0, munmap(q, 16 * page_size()));
	EXPECT_STORY(&self->s, "munmap: unmap q0-16, -1 given back\n");
	EXPECT_EQ(0U, stat_of(&self->s, 0).vmas);
}

TEST_F(backing, growable_mremap_of_nothing_duplicates)
{
	char *q = scope_reserve(16);

	SET_UP(MMSCOPE_PAGE, MMSCOPE_GROWABLE, 16);
	scope_area(&self->s, "q", q, 16);
	touch_write(page(self->p, 3), 3);
	scope_skip(&self->s);
	ASSERT_EQ(q, mremap(self->p, 0, 16 * page_size(), MREMAP_MAYMOVE | MREMAP_FIXED, q));
	EXPECT_EQ(3, touch_read(page(q, 3)));
	EXPECT_EQ(3, touch_read(page(self->p, 3)));
	EXPECT_EQ(1U, scope_count(&self->s, MMSCOPE_COPY));
	EXPECT_EQ(0U, scope_count(&self->s, MMSCOPE_MOVE));
	scope_skip(&self->s);
	ASSERT_EQ(0, munmap(self->p, 16 * page_size()));
	EXPECT_STORY(&self->s, "munmap: unmap 0-16, -1 given back, partial\n");
	ASSERT_EQ(0, munmap(q, 16 * page_size()));
	EXPECT_EQ(0U, stat_of(&self->s, 0).vmas + stat_of(&self->s, 0).maps);
}

TEST_F(backing, growable_does_not_count_pages)
{
	struct mmscope_event *e;

	SET_UP(MMSCOPE_PAGE, MMSCOPE_GROWABLE, PAGES);
	touch_pages(self->p, 0, 4);
	ASSERT_EQ(0, munmap(self->p, PAGES * page_size()));
	e = scope_only(&self->s, MMSCOPE_UNMAP);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(MMSCOPE_PAGES_UNKNOWN, e->pages);
	EXPECT_EQ(0U, stat_of(&self->s, 0).mapped);
}

TEST_F(backing, growable_moves_and_grows)
{
	char *q = scope_reserve(32);
	int there = 0, i;

	SET_UP(MMSCOPE_PAGE, MMSCOPE_GROWABLE, 16);
	scope_area(&self->s, "q", q, 32);
	touch_write(page(self->p, 3), 33);
	ASSERT_EQ(q, mremap(self->p, 16 * page_size(), 32 * page_size(),
			    MREMAP_MAYMOVE | MREMAP_FIXED, q));
	EXPECT_STORY(&self->s,
		     "mremap: copy to q0-32 rw-s of 0\n"
		     "mremap: mremap q0-32 from 0\n"
		     "mremap: move 0-16, -1 moved\n");
	EXPECT_EQ(33, touch_read(page(q, 3)));
	for (i = 0; i < 32; i++)
		there += !try_read(page(q, i));
	EXPECT_EQ(16, there);
	EXPECT_EQ(16U, stat_of(&self->s, 0).error);
	EXPECT_EQ(MMSCOPE_F_ERROR, scope_last(&self->s, MMSCOPE_FAULT)->flags & MMSCOPE_F_ERROR);
	EXPECT_EQ(0U, scope_last(&self->s, MMSCOPE_FAULT)->npages);
	ASSERT_EQ(0, munmap(q, 32 * page_size()));
	EXPECT_EQ(0U, stat_of(&self->s, 0).vmas);
	EXPECT_EQ((__u32)MMSCOPE_IDLE, stat_of(&self->s, 0).state);
}

/* Whether the kernel made one VMA of two neighbours: from 6.12 on a VMA with a ->close may grow */
static int nr_vmas(void)
{
	struct scope_vma vma[16];

	return scope_maps(0, vma, 16);
}

static int maps_next_to_each_other(struct scope *s, char *p, size_t from, size_t to)
{
	size_t i;

	for (i = from; i < to; i++)
		if (mmap(page(p, i), page_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			 s->fd, i * page_size()) == MAP_FAILED)
			return -1;
	return 0;
}

TEST_F(backing, growable_neighbours_above_may_merge_and_all_closes)
{
	char *p = scope_reserve(32);
	struct mmscope_stat stat;
	size_t i;

	ASSERT_EQ(0, scope_setup(self->s.fd, MMSCOPE_PAGE, MMSCOPE_GROWABLE, 32));
	ASSERT_EQ(0, maps_next_to_each_other(&self->s, p, 0, 32));
	for (i = 0; i < 32; i++)
		touch_write(page(p, i), i);
	for (i = 0; i < 32; i++) {
		EXPECT_EQ((char)i, touch_read(page(p, i)));
		EXPECT_EQ(0, munmap(page(p, i), page_size())) TH_LOG("page %zu", i);
	}
	stat = stat_of(&self->s, 0);
	EXPECT_EQ(0U, stat.vmas + stat.maps);
	EXPECT_EQ((__u32)MMSCOPE_IDLE, stat.state);
	EXPECT_EQ(0, nr_vmas());
	/* What was born has ended: by mmap or split here, by unmap there */
	EXPECT_EQ(stat.events[MMSCOPE_MMAP] + stat.events[MMSCOPE_SPLIT],
		  stat.events[MMSCOPE_UNMAP]);
}

TEST_F(backing, growable_neighbours_below_may_merge_and_all_closes)
{
	char *p = scope_reserve(32);
	struct mmscope_stat stat;
	size_t i, wrong = 0;

	ASSERT_EQ(0, scope_setup(self->s.fd, MMSCOPE_PAGE, MMSCOPE_GROWABLE, 32));
	for (i = 32; i-- > 0;)
		ASSERT_EQ(0, maps_next_to_each_other(&self->s, p, i, i + 1));
	for (i = 0; i < 32; i++)
		touch_write(page(p, i), i);
	ASSERT_EQ(0, munmap(page(p, 10), 10 * page_size()));
	ASSERT_EQ(0, maps_next_to_each_other(&self->s, p, 10, 20));
	for (i = 0; i < 32; i++)
		wrong += touch_read(page(p, i)) != (char)i;
	EXPECT_EQ(0U, wrong);
	ASSERT_EQ(0, munmap(p, 32 * page_size()));
	stat = stat_of(&self->s, 0);
	EXPECT_EQ(0U, stat.vmas + stat.maps);
	EXPECT_EQ(stat.events[MMSCOPE_MMAP] + stat.events[MMSCOPE_SPLIT],
		  stat.events[MMSCOPE_UNMAP]);
}

TEST_F(backing, growable_boundary_moves_by_mprotect_and_all_closes)
{
	struct mmscope_stat stat;
	size_t i, wrong = 0;

	SET_UP(MMSCOPE_PAGE, MMSCOPE_GROWABLE, 32);
	for (i = 1; i < 32; i++) {
		ASSERT_EQ(0, mprotect(self->p, i * page_size(), PROT_READ));
		ASSERT_EQ(0, mprotect(self->p, (i + 1) / 2 * page_size(), PROT_READ | PROT_WRITE));
	}
	for (i = 0; i < 32; i++)
		wrong += !!try_read(page(self->p, i));
	EXPECT_EQ(0U, wrong);
	ASSERT_EQ(0, munmap(self->p, 32 * page_size()));
	stat = stat_of(&self->s, 0);
	EXPECT_EQ(0U, stat.vmas + stat.maps);
	EXPECT_EQ(0, nr_vmas());
}

TEST_F(backing, growable_child_closes_all)
{
	__u32 mm;

	SET_UP(MMSCOPE_PAGE, MMSCOPE_GROWABLE, 16);
	EXPECT_EQ(0, in_child(touch_and_split, self->p));
	ASSERT_NE(NULL, scope_last(&self->s, MMSCOPE_FORK));
	mm = scope_last(&self->s, MMSCOPE_FORK)->aux;
	EXPECT_EQ(0U, stat_of(&self->s, mm).vmas + stat_of(&self->s, mm).maps);
	EXPECT_EQ((__u32)MMSCOPE_DEAD, stat_of(&self->s, mm).state);
}

TEST_HARNESS_MAIN
