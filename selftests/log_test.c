// SPDX-License-Identifier: GPL-2.0
/*
 * The log: what is written is read, in order, once for each reader; what is not is counted.
 */
#include "one_ring.h"

FIXTURE(log)
{
	struct scope s;
	char *p;
	struct mmscope_event buf[64];
};

FIXTURE_SETUP(log)
{
	self->p = one_ring_open(_metadata, &self->s);
}

FIXTURE_TEARDOWN(log)
{
	one_ring_close(_metadata, &self->s);
}

static __u64 unread(int fd)
{
	struct mmscope_info info;

	return scope_info(fd, &info) ? -1ULL : info.unread;
}

TEST_F(log, structural_records_are_numbered_without_a_gap)
{
	__u32 seq = 0;
	size_t i;

	read_pages(self->p, 0, 10);
	munmap(self->p + 8 * page_size(), 8 * page_size());
	mprotect(self->p, 4 * page_size(), PROT_READ);
	read_pages(self->p, 100, 110);
	munmap(self->p, PAGES * page_size());
	scope_drain(&self->s);
	for (i = 0; i < self->s.nr; i++) {
		if (scope_is_range(self->s.ev + i))
			seq++;
		/* Others carry the number of the one before them */
		EXPECT_EQ(seq, self->s.ev[i].seq) TH_LOG("record %zu", i);
	}
	/* mmap; 2 splits, 2 asked, 1 unmap; mprotect, asked, split; 3 unmaps */
	EXPECT_EQ(12U, seq);
}

TEST_F(log, empty_is_eagain)
{
	scope_drain(&self->s);
	errno = 0;
	EXPECT_EQ(-1, read(self->s.fd, self->buf, sizeof(self->buf)));
	EXPECT_EQ(EAGAIN, errno);
}

TEST_F(log, buffer_for_less_than_one_record_is_einval)
{
	size_t size;

	for (size = 0; size < 64; size++) {
		errno = 0;
		EXPECT_EQ(-1, read(self->s.fd, self->buf, size));
		EXPECT_EQ(EINVAL, errno) TH_LOG("%zu bytes", size);
	}
	EXPECT_EQ(64, read(self->s.fd, self->buf, 64));
}

TEST_F(log, whole_records_only)
{
	static const size_t size[] = { 64, 65, 127, 128, 191, 200, 64, 1000 };
	size_t i, n = 0;

	read_pages(self->p, 0, 60);
	for (i = 0; i < ARRAY_SIZE(size); i++) {
		memset(self->buf, 0x5a, sizeof(self->buf));
		EXPECT_EQ((ssize_t)(size[i] / 64 * 64), read(self->s.fd, self->buf, size[i]));
		EXPECT_EQ(0x5a, ((char *)self->buf)[size[i] / 64 * 64]);
		n += size[i] / 64;
	}
	/* NAME, MMAP and the faults */
	EXPECT_EQ(62 - n, scope_drain(&self->s));
}

TEST_F(log, record_by_record_is_the_same_story)
{
	struct scope other;
	size_t i;

	read_pages(self->p, 0, 20);
	munmap(self->p + 8 * page_size(), page_size());
	ASSERT_EQ(0, scope_open(&other));
	scope_drain(&self->s);
	for (i = 0; i < self->s.nr; i++) {
		ASSERT_EQ(64, read(other.fd, self->buf, 64));
		EXPECT_EQ(0, memcmp(self->buf, self->s.ev + i, 64)) TH_LOG("record %zu", i);
	}
	EXPECT_EQ(-1, read(other.fd, self->buf, 64));
	scope_close(&other);
}

TEST_F(log, bad_buffer_consumes_nothing)
{
	struct mmscope_info before, after;
	char *end;

	read_pages(self->p, 0, 10);
	ASSERT_EQ(0, scope_info(self->s.fd, &before));
	EXPECT_EQ(12U, before.unread);
	errno = 0;
	EXPECT_EQ(-1, syscall(SYS_read, self->s.fd, 8, 640));
	EXPECT_EQ(EFAULT, errno);
	errno = 0;
	EXPECT_EQ(-1, syscall(SYS_read, self->s.fd, 0xffff888000000000UL, 640));
	EXPECT_EQ(EFAULT, errno);
	/* A buffer that ends within the third record */
	end = mmap(NULL, 2 * page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		   -1, 0);
	ASSERT_NE(MAP_FAILED, end);
	end += page_size();
	ASSERT_EQ(0, munmap(end, page_size()));
	errno = 0;
	EXPECT_EQ(-1, read(self->s.fd, end - 150, 640));
	EXPECT_EQ(EFAULT, errno);
	ASSERT_EQ(0, scope_info(self->s.fd, &after));
	EXPECT_EQ(before.unread, after.unread);
	EXPECT_EQ(before.delivered, after.delivered);
	EXPECT_EQ(12U, scope_drain(&self->s));
}

TEST_F(log, two_readers_do_not_take_from_each_other)
{
	struct scope other;

	read_pages(self->p, 0, 10);
	ASSERT_EQ(0, scope_open(&other));
	EXPECT_EQ(12U, scope_drain(&self->s));
	EXPECT_EQ(12U, unread(other.fd));
	read_pages(self->p, 100, 105);
	EXPECT_EQ(17U, scope_drain(&other));
	EXPECT_EQ(5U, scope_drain(&self->s));
	EXPECT_EQ(0, memcmp(self->s.ev, other.ev, 17 * sizeof(*other.ev)));
	EXPECT_TRUE(scope_adds_up(other.fd));
	scope_close(&other);
}

TEST_F(log, copies_of_a_descriptor_are_one_reader)
{
	int copy = dup(self->s.fd);

	read_pages(self->p, 0, 10);
	ASSERT_EQ(64, read(copy, self->buf, 64));
	EXPECT_EQ(11U, scope_drain(&self->s));
	errno = 0;
	EXPECT_EQ(-1, read(copy, self->buf, 64));
	EXPECT_EQ(EAGAIN, errno);
	close(copy);
}

TEST_F(log, reader_that_comes_late_starts_at_the_oldest)
{
	struct scope other;

	read_pages(self->p, 0, 10);
	scope_drain(&self->s);
	ASSERT_EQ(0, scope_open(&other));
	EXPECT_EQ(12U, scope_drain(&other));
	EXPECT_EQ(MMSCOPE_NAME, (int)other.ev[0].type);
	EXPECT_EQ(MMSCOPE_MMAP, (int)other.ev[1].type);
	scope_close(&other);
}

TEST_F(log, attach_starts_again_at_the_oldest)
{
	struct mmscope_info info;

	read_pages(self->p, 0, 10);
	EXPECT_EQ(12U, scope_drain(&self->s));
	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, 0));
	ASSERT_EQ(0, scope_info(self->s.fd, &info));
	EXPECT_EQ(12U, info.unread);
	EXPECT_EQ(0U, info.delivered);
	EXPECT_EQ(12U, scope_drain(&self->s));
	EXPECT_EQ(0, memcmp(self->s.ev, self->s.ev + 12, 12 * sizeof(*self->s.ev)));
}

TEST_F(log, now_starts_at_the_newest)
{
	struct mmscope_info info;

	read_pages(self->p, 0, 10);
	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, MMSCOPE_ATTACH_NOW));
	ASSERT_EQ(0, scope_info(self->s.fd, &info));
	EXPECT_EQ(0U, info.produced + info.unread + info.delivered + info.lost);
	EXPECT_EQ(0U, scope_drain(&self->s));
	touch_read(self->p + 77 * page_size());
	ASSERT_EQ(1U, scope_drain(&self->s));
	EXPECT_EQ(77U, self->s.ev[0].pgoff);
}

TEST_F(log, read_into_the_mapping_itself)
{
	struct mmscope_event *e = (void *)(self->p + 200 * page_size());

	read_pages(self->p, 0, 10);
	ASSERT_LE(12 * 64, read(self->s.fd, e, 60 * 64));
	EXPECT_EQ(MMSCOPE_NAME, (int)e[0].type);
	EXPECT_EQ(9U, e[11].pgoff);
	/* The reading itself leaves a record, which it may give already */
	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, 0));
	e = scope_last(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(SYS_read, e->cause);
	EXPECT_EQ(200U, e->pgoff);
	EXPECT_EQ(13U, self->s.nr);
}

TEST_HARNESS_MAIN
