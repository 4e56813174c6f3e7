// SPDX-License-Identifier: GPL-2.0
/* What is kept of a fault, COUNT, QUIET and LATENCY, and the lock it is taken under */
#include "backing.h"

TEST_F(backing, count_counts_and_does_not_record)
{
	struct mmscope_stat stat;
	struct mmscope_info info;

	SET_UP(MMSCOPE_PAGE, MMSCOPE_COUNT, PAGES);
	touch_pages(self->p, 0, 10);
	ASSERT_EQ(0, madvise(self->p, page_size(), MADV_DONTNEED));
	touch_read(self->p);
	EXPECT_EQ(0U, scope_drain(&self->s));
	stat = stat_of(&self->s, 0);
	EXPECT_EQ(11U, stat.events[MMSCOPE_FAULT]);
	EXPECT_EQ(10U, stat.write);
	EXPECT_EQ(10U, stat.touched);
	EXPECT_EQ(1U, stat.refault);
	ASSERT_EQ(0, scope_info(self->s.fd, &info));
	EXPECT_EQ(2U, info.produced);
	/* What changes the set of VMAs is recorded all the same */
	ASSERT_EQ(0, munmap(self->p, PAGES * page_size()));
	EXPECT_STORY(&self->s, "munmap: unmap 0-64, 10 given back\n");
}

TEST_F(backing, quiet_does_neither)
{
	struct mmscope_stat before, after;
	char *q = scope_reserve(8);

	before = stat_of(&self->s, 0);
	ASSERT_EQ(0, scope_setup(self->s.fd, MMSCOPE_PAGE, MMSCOPE_QUIET, PAGES));
	self->p = scope_map(&self->s, PAGES);
	ASSERT_NE(NULL, self->p);
	touch_pages(self->p, 0, 10);
	ASSERT_EQ(0, munmap(page(self->p, 4), 4 * page_size()));
	ASSERT_EQ(0, mprotect(page(self->p, 20), 4 * page_size(), PROT_READ));
	ASSERT_EQ(q, mremap(page(self->p, 40), 8 * page_size(), 8 * page_size(),
			    MREMAP_MAYMOVE | MREMAP_FIXED, q));
	EXPECT_EQ(0, in_child(touch_and_split, page(self->p, 24)));
	EXPECT_EQ(1, touch_read(page(self->p, 9)));
	ASSERT_EQ(0, munmap(self->p, PAGES * page_size()));
	ASSERT_EQ(0, munmap(q, 8 * page_size()));
	after = stat_of(&self->s, 0);
	EXPECT_EQ(0, memcmp(before.events, after.events, sizeof(before.events)));
	EXPECT_EQ(0U, after.touched + after.mapped + after.given_back + after.maps + after.vmas);
	EXPECT_EQ(0U, scope_count(&self->s, MMSCOPE_MMAP));
	EXPECT_EQ(0U, scope_count(&self->s, MMSCOPE_FAULT));
	/* Ten pages of ours, and sixteen others of the child's */
	EXPECT_EQ(26U, held(&self->s));
}

static unsigned int bucket_of(__u32 ns)
{
	return ns ? 32 - __builtin_clz(ns) : 0;
}

static void expect_latency(struct __test_metadata *_metadata, struct scope *s)
{
	__u64 bucket[32] = { 0 }, sum = 0, zero = 0;
	struct mmscope_stat stat;
	size_t i;

	scope_drain(s);
	for (i = 0; i < s->nr; i++) {
		if (s->ev[i].type != MMSCOPE_FAULT)
			continue;
		zero += !s->ev[i].ns;
		sum += s->ev[i].ns;
		bucket[bucket_of(s->ev[i].ns) % 32]++;
	}
	stat = stat_of(s, 0);
	EXPECT_EQ(sum, stat.ns);
	EXPECT_EQ(0, memcmp(bucket, stat.latency, sizeof(bucket)));
	/* A clock that stands still would give nothing but zeroes */
	EXPECT_LT(0U, sum);
	EXPECT_GT((__u64)PAGES, zero);
}

TEST_F(backing, latency_is_in_the_record_and_in_the_histogram)
{
	SET_UP(MMSCOPE_PAGE, MMSCOPE_LATENCY, PAGES);
	touch_pages(self->p, 0, PAGES);
	expect_latency(_metadata, &self->s);
}

/* Another path than that of most faults */
TEST_F(backing, latency_of_a_buffer_is_too)
{
	SET_UP(MMSCOPE_VMALLOC, MMSCOPE_LATENCY, PAGES);
	touch_pages(self->p, 0, PAGES);
	expect_latency(_metadata, &self->s);
}

TEST_F(backing, latency_of_what_is_counted_is_in_the_histogram_alone)
{
	struct mmscope_stat stat;
	__u64 n = 0;
	size_t i;

	SET_UP(MMSCOPE_PAGE, MMSCOPE_COUNT | MMSCOPE_LATENCY, PAGES);
	touch_pages(self->p, 0, PAGES);
	EXPECT_EQ(0U, scope_drain(&self->s));
	stat = stat_of(&self->s, 0);
	for (i = 0; i < ARRAY_SIZE(stat.latency); i++)
		n += stat.latency[i];
	EXPECT_EQ((__u64)PAGES, n);
	EXPECT_LT(0U, stat.ns);
}

TEST_F(backing, without_latency_no_time_is_taken)
{
	struct mmscope_stat stat;

	SET_UP(MMSCOPE_PAGE, 0, PAGES);
	touch_pages(self->p, 0, PAGES);
	stat = stat_of(&self->s, 0);
	EXPECT_EQ(0U, stat.ns);
	EXPECT_TRUE(scope_zero(stat.latency, stat.latency + ARRAY_SIZE(stat.latency)));
	EXPECT_EQ(0U, scope_last(&self->s, MMSCOPE_FAULT)->ns);
}

/* The per-VMA lock */

static size_t locked_faults(struct scope *s)
{
	size_t i, n = 0;

	scope_drain(s);
	for (i = 0; i < s->nr; i++)
		n += scope_is_fault(s->ev + i) && s->ev[i].flags & MMSCOPE_F_VMA_LOCK;
	return n;
}

TEST_F(backing, faults_run_under_the_vma_lock_where_there_is_one)
{
	bool has = self->info.features & MMSCOPE_FEATURE_VMA_LOCK;

	SET_UP(MMSCOPE_PAGE, 0, PAGES);
	touch_pages(self->p, 0, PAGES / 2);
	read_pages(self->p, PAGES / 2, PAGES);
	EXPECT_EQ(has ? PAGES : 0U, locked_faults(&self->s));
	EXPECT_EQ(has ? PAGES : 0U, stat_of(&self->s, 0).vma_lock);
	EXPECT_EQ((size_t)PAGES, scope_count(&self->s, MMSCOPE_FAULT));
}

TEST_F(backing, no_vma_lock_means_mmap_lock)
{
	SET_UP(MMSCOPE_PAGE, MMSCOPE_NO_VMA_LOCK, PAGES);
	touch_pages(self->p, 0, PAGES / 2);
	read_pages(self->p, PAGES / 2, PAGES);
	EXPECT_EQ(0U, locked_faults(&self->s));
	EXPECT_EQ(0U, stat_of(&self->s, 0).vma_lock);
	/* The kernel tries twice, but asks the driver once */
	EXPECT_EQ((size_t)PAGES, scope_count(&self->s, MMSCOPE_FAULT));
}

TEST_F(backing, no_vma_lock_holds_for_every_kind_of_mapping)
{
	static const struct {
		__u32 backing;
		__u64 flags;
	} kind[] = {
		{ MMSCOPE_PAGE, MMSCOPE_MKWRITE_NOTIFY },
		{ MMSCOPE_PAGE, MMSCOPE_AROUND },
		{ MMSCOPE_VMALLOC, 0 },
		{ MMSCOPE_PFN, 0 },
	};
	bool has = self->info.features & MMSCOPE_FEATURE_VMA_LOCK;
	struct scope s;
	size_t i;
	char *p;

	for (i = 0; i < 2 * ARRAY_SIZE(kind); i++) {
		bool without = i % 2;

		ASSERT_EQ(0, scope_open_as(&s, kind[i / 2].backing, kind[i / 2].flags |
					   (without ? MMSCOPE_NO_VMA_LOCK : 0), 16));
		scope_skip(&s);
		p = scope_map(&s, 16);
		ASSERT_NE(NULL, p);
		s.nr = 0;
		touch_pages(p, 0, 16);
		EXPECT_EQ(has && !without, !!locked_faults(&s)) TH_LOG("kind %zu", i);
		scope_close(&s);
	}
}

TEST_HARNESS_MAIN
