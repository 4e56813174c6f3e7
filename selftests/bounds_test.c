// SPDX-License-Identifier: GPL-2.0
/*
 * Where the store ends: which offsets and lengths mmap() accepts, judged by an oracle that cannot
 * overflow, and what is behind the end of mappings that grow.
 */
#include "scope.h"

#define STORE	64		/* pages */

FIXTURE(bounds)
{
	struct scope s;
};

FIXTURE_SETUP(bounds)
{
	int err = scope_open_as(&self->s, MMSCOPE_PAGE, 0, STORE);

	if (scope_missing(err))
		SKIP(return, "%s", scope_missing(err));
	ASSERT_EQ(0, err);
}

FIXTURE_TEARDOWN(bounds)
{
	EXPECT_EQ(0U, self->s.bad);
	scope_close(&self->s);
}

/* mmap by raw numbers; unmaps at once. Returns 0 or errno. */
static int map_raw(int fd, unsigned long length, unsigned long offset)
{
	long p = syscall(SYS_mmap, NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);

	if (p == -1)
		return errno;
	munmap((void *)p, length);
	return 0;
}

/*
 * What mmap() must answer: 0, or what the driver says (EINVAL), or, before the driver is asked,
 * what the kernel says of what no file could hold (EOVERFLOW) or no address space (ENOMEM).
 */
static bool is_right(unsigned long length, unsigned long offset, int err)
{
	unsigned __int128 store = STORE * page_size();
	unsigned __int128 end = offset;

	/* The kernel rounds the length up to pages; it takes no offset within a page */
	end += length;
	end = (end + page_size() - 1) / page_size() * page_size();
	if (!length || offset % page_size())
		return err == EINVAL;
	if (end <= store)
		return !err;
	if (end >> 64)
		return err == EINVAL || err == EOVERFLOW || err == ENOMEM;
	return err == EINVAL || (err == ENOMEM && length >> 46);
}

TEST_F(bounds, every_offset_and_length_around_the_end)
{
	size_t offset, length;
	int err;

	for (offset = 0; offset <= STORE + 2; offset++) {
		for (length = 0; length <= STORE + 2; length++) {
			err = map_raw(self->s.fd, length * page_size(), offset * page_size());
			EXPECT_EQ(!length || offset + length > STORE ? EINVAL : 0, err)
				TH_LOG("offset %zu length %zu", offset, length);
		}
	}
}

TEST_F(bounds, a_byte_more_than_the_store_is_refused)
{
	unsigned long size = STORE * page_size();

	EXPECT_EQ(0, map_raw(self->s.fd, size - 1, 0));
	EXPECT_EQ(0, map_raw(self->s.fd, size, 0));
	EXPECT_EQ(EINVAL, map_raw(self->s.fd, size + 1, 0));
	EXPECT_EQ(0, map_raw(self->s.fd, 1, size - page_size()));
	EXPECT_EQ(EINVAL, map_raw(self->s.fd, 1, size));
	EXPECT_EQ(EINVAL, map_raw(self->s.fd, page_size() + 1, size - page_size()));
}

TEST_F(bounds, sums_that_wrap_are_refused)
{
	static const unsigned int bits[] = { 31, 32, 33, 43, 44, 52, 62, 63 };
	unsigned long offset, length, page = page_size();
	size_t i, k;
	int err;

	for (i = 0; i < ARRAY_SIZE(bits); i++) {
		/* In bytes, and in pages: as if the offset had been shifted out of its type */
		for (k = 0; k <= 2 * STORE; k++) {
			offset = (1UL << bits[i]) - STORE * page + k * page;
			length = STORE * page;
			err = map_raw(self->s.fd, length, offset);
			EXPECT_TRUE(err == EINVAL || (offset + length < offset && err == EOVERFLOW))
				TH_LOG("offset %#lx: errno %d", offset, err);
			err = map_raw(self->s.fd, page, offset);
			EXPECT_EQ(EINVAL, err) TH_LOG("offset %#lx", offset);
		}
		length = (1UL << bits[i]) + page;
		err = map_raw(self->s.fd, length, 0);
		EXPECT_TRUE(is_right(length, 0, err)) TH_LOG("length %#lx: errno %d", length, err);
		EXPECT_NE(0, err);
	}
	for (k = 1; k <= 2 * STORE; k++) {
		offset = 0 - k * page;
		for (length = page; length <= STORE * page; length += page) {
			err = map_raw(self->s.fd, length, offset);
			EXPECT_TRUE(err == EINVAL || err == EOVERFLOW)
				TH_LOG("offset %#lx length %#lx: errno %d", offset, length, err);
		}
	}
}

TEST_F(bounds, page_numbers_at_the_edges)
{
	unsigned long page = page_size();

	EXPECT_EQ(0, map_raw(self->s.fd, page, 0));
	EXPECT_EQ(0, map_raw(self->s.fd, page, page));
	EXPECT_EQ(0, map_raw(self->s.fd, page, (STORE - 1) * page));
	EXPECT_EQ(EINVAL, map_raw(self->s.fd, page, STORE * page));
	EXPECT_EQ(EINVAL, map_raw(self->s.fd, page, ((1UL << 51) - 1) * page));
	/* Page 2^52-1: its last byte is the last that an offset can name */
	EXPECT_NE(0, map_raw(self->s.fd, page, ((1UL << 52) - 1) * page));
}

static __u64 next_random(__u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* A number that is likely to hurt: near 0, the store, or a power of two */
static unsigned long awkward(__u64 *state)
{
	__u64 r = next_random(state);
	unsigned long near;

	switch (r % 8) {
	case 0:
	case 1:
	case 2:
		near = 0;
		break;
	case 3:
		near = STORE * page_size();
		break;
	case 4:
		near = 1UL << (12 + r / 8 % 52);
		break;
	case 5:
		near = (1UL << 32) - STORE / 2 * page_size();
		break;
	case 6:
		near = 0 - STORE / 2 * page_size();
		break;
	default:
		return next_random(state);
	}
	r = next_random(state);
	near += r % (STORE + 2) * page_size();
	/* One in four is off the page */
	return r >> 62 ? near : near + (r >> 32) % page_size() - page_size() / 2;
}

TEST_F_TIMEOUT(bounds, random_pairs_agree_with_an_oracle_that_cannot_overflow, 3600)
{
	__u64 seed = now_ns() | 1, state = seed;
	size_t pairs = scope_rounds(100000, 1000000), i;
	__u64 seconds = scope_rounds(10, 3600);
	unsigned int wrong = 0, good = 0;

	/* Records are not what this is about */
	ASSERT_EQ(0, scope_setup(self->s.fd, MMSCOPE_PAGE, MMSCOPE_QUIET, STORE));
	/* On a kernel with all its checks on, as many as ten seconds are enough for */
	for (i = 0; i < pairs && wrong < 10; i++) {
		if (i % 256 == 0 && i >= 2560 && now_ns() - seed > seconds * 1000000000ULL)
			break;
		unsigned long length = awkward(&state), offset = awkward(&state);
		int err;

		/* Most offsets are whole pages: others never reach the driver */
		if (next_random(&state) % 16)
			offset -= offset % page_size();
		err = map_raw(self->s.fd, length, offset);
		good += !err;
		if (is_right(length, offset, err))
			continue;
		wrong++;
		fprintf(stderr, "# seed %#llx: length %#lx offset %#lx: errno %d\n", seed, length,
			offset, err);
	}
	EXPECT_EQ(0U, wrong);
	/* The oracle has been asked both ways */
	EXPECT_LT(i / 100, good);
	EXPECT_GT(i - i / 100, good);
}

TEST_F(bounds, mapping_does_not_grow)
{
	char *p = scope_map(&self->s, STORE / 2);

	ASSERT_NE(NULL, p);
	errno = 0;
	EXPECT_EQ(MAP_FAILED, mremap(p, STORE / 2 * page_size(), STORE * page_size(), 0));
	EXPECT_EQ(EFAULT, errno);
	errno = 0;
	EXPECT_EQ(MAP_FAILED, mremap(p, STORE / 2 * page_size(), STORE * page_size(),
				     MREMAP_MAYMOVE));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(0, try_write(p + (STORE / 2 - 1) * page_size()));
}

TEST_F(bounds, largest_store_can_be_mapped_forked_and_cut)
{
	size_t pages = scope_param("max_pages"), size = pages * page_size();
	struct mmscope_stat stat;
	pid_t pid;
	char *p;

	ASSERT_EQ(0, scope_setup(self->s.fd, MMSCOPE_PAGE, 0, pages));
	p = scope_map(&self->s, pages);
	if (!p)
		SKIP(return, "no room for %zu pages: %s", pages, strerror(errno));
	touch_write(p, 1);
	touch_write(p + size - page_size(), 2);
	pid = fork();
	if (!pid)
		_exit(touch_read(p + size - page_size()) != 2);
	EXPECT_EQ(0, wait_child(pid));
	ASSERT_EQ(0, munmap(p + page_size(), size - 2 * page_size()));
	EXPECT_EQ(1, touch_read(p));
	EXPECT_EQ(2, touch_read(p + size - page_size()));
	EXPECT_EQ(0U, scope_last(&self->s, MMSCOPE_UNMAP)->pages);
	ASSERT_EQ(0, scope_stat(self->s.fd, 0, 0, &stat));
	EXPECT_EQ(2U, stat.vmas);
	EXPECT_EQ(2U, stat.mapped);
	EXPECT_EQ(EINVAL, map_raw(self->s.fd, size + page_size(), 0));
}

/* The backings that can grow, and every way to grow */
FIXTURE(growing)
{
	struct scope s;
};

FIXTURE_VARIANT(growing)
{
	__u32 backing;
};

FIXTURE_VARIANT_ADD(growing, page)
{
	.backing = MMSCOPE_PAGE,
};

FIXTURE_VARIANT_ADD(growing, vmalloc)
{
	.backing = MMSCOPE_VMALLOC,
};

FIXTURE_SETUP(growing)
{
	int err = scope_open_as(&self->s, variant->backing, MMSCOPE_GROWABLE, 16);

	if (scope_missing(err))
		SKIP(return, "%s", scope_missing(err));
	ASSERT_EQ(0, err);
}

FIXTURE_TEARDOWN(growing)
{
	EXPECT_EQ(0U, self->s.bad);
	scope_close(&self->s);
}

/* Pages of p that answer, by read and write; every other one must give SIGBUS */
static int pages_there(char *p, size_t pages)
{
	size_t i, n = 0;
	int sig;

	for (i = 0; i < pages; i++) {
		sig = try_read(p + i * page_size());
		if (sig != try_write(p + i * page_size()))
			return -1;
		if (sig && sig != SIGBUS)
			return -1;
		/* Those that answer come first */
		if (!sig && n != i)
			return -1;
		n += !sig;
	}
	return n;
}

TEST_F(growing, behind_the_end_is_sigbus_after_growing_by_move)
{
	char *p = scope_map(&self->s, 16);

	ASSERT_NE(NULL, p);
	p = mremap(p, 16 * page_size(), 600 * page_size(), MREMAP_MAYMOVE);
	ASSERT_NE(MAP_FAILED, p);
	EXPECT_EQ(16, pages_there(p, 600));
}

TEST_F(growing, behind_the_end_is_sigbus_after_growing_in_place)
{
	char *p = scope_reserve(128);

	ASSERT_NE(NULL, p);
	ASSERT_EQ(p, mmap(p, 16 * page_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			  self->s.fd, 0));
	ASSERT_EQ(0, munmap(p + 16 * page_size(), 112 * page_size()));
	ASSERT_EQ(p, mremap(p, 16 * page_size(), 128 * page_size(), 0));
	EXPECT_EQ(16, pages_there(p, 128));
}

TEST_F(growing, behind_the_end_is_sigbus_when_only_the_tail_was_mapped)
{
	char *p = scope_map_at(&self->s, 1, 15);

	ASSERT_NE(NULL, p);
	p = mremap(p, page_size(), 40 * page_size(), MREMAP_MAYMOVE);
	ASSERT_NE(MAP_FAILED, p);
	EXPECT_EQ(1, pages_there(p, 40));
}

TEST_F(growing, kernel_access_behind_the_end_is_efault)
{
	char *p = scope_map(&self->s, 16);
	int fd[2];

	ASSERT_NE(NULL, p);
	p = mremap(p, 16 * page_size(), 32 * page_size(), MREMAP_MAYMOVE);
	ASSERT_NE(MAP_FAILED, p);
	ASSERT_EQ(0, pipe(fd));
	errno = 0;
	EXPECT_EQ(-1, write(fd[1], p + 16 * page_size(), 8));
	EXPECT_EQ(EFAULT, errno);
	ASSERT_EQ(8, write(fd[1], p, 8));
	errno = 0;
	EXPECT_EQ(-1, read(fd[0], p + 31 * page_size(), 8));
	EXPECT_EQ(EFAULT, errno);
}

TEST_F(growing, page_number_wraps_nowhere)
{
	size_t pages = 1UL << 20, i;
	char *p = scope_map_at(&self->s, 1, 15);

	/* 4 GiB of address space: page numbers behind 32 bits of bytes, where one may wrap */
	ASSERT_NE(NULL, p);
	p = mremap(p, page_size(), pages * page_size(), MREMAP_MAYMOVE);
	if (p == MAP_FAILED)
		SKIP(return, "no address space to grow into: %s", strerror(errno));
	EXPECT_EQ(0, try_read(p));
	for (i = 1; i < pages; i <<= 1) {
		EXPECT_EQ(SIGBUS, try_read(p + i * page_size()))
			TH_LOG("page %zu of the store", 15 + i);
	}
	EXPECT_EQ(SIGBUS, try_read(p + (pages - 1) * page_size()));
	/* What would be page 0 of the store, if 2^20 pages were a circle */
	EXPECT_EQ(SIGBUS, try_read(p + (pages - 15) * page_size()));
}

TEST_HARNESS_MAIN
