// SPDX-License-Identifier: GPL-2.0
/*
 * The ABI as its header states it: layouts, sizes of structs, bad pointers, unknown numbers, and
 * one meaning for each errno.
 */
#include "scope.h"

struct layout {
	const char *member;
	size_t offset;
	size_t want;
};

#define MEMBER(s, m, want) \
	{ #s "." #m, offsetof(struct s, m), want }

static const struct layout layout[] = {
	MEMBER(mmscope_event, time_ns, 0),
	MEMBER(mmscope_event, mm, 8),
	MEMBER(mmscope_event, vma, 12),
	MEMBER(mmscope_event, seq, 16),
	MEMBER(mmscope_event, tid, 20),
	MEMBER(mmscope_event, cause, 28),
	MEMBER(mmscope_event, cpu, 30),
	MEMBER(mmscope_event, addr, 32),
	MEMBER(mmscope_event, ip, 40),
	MEMBER(mmscope_event, pgoff, 48),
	MEMBER(mmscope_event, npages, 56),
	MEMBER(mmscope_event, ns, 60),
	MEMBER(mmscope_event, start, 32),
	MEMBER(mmscope_event, end, 40),
	MEMBER(mmscope_event, aux, 48),
	MEMBER(mmscope_event, parent, 56),
	MEMBER(mmscope_event, pages, 60),
	MEMBER(mmscope_event, tgid, 32),
	MEMBER(mmscope_event, parent_mm, 36),
	MEMBER(mmscope_event, text, 40),
	MEMBER(mmscope_event, count, 32),

	MEMBER(mmscope_info, size, 0),
	MEMBER(mmscope_info, mm, 4),
	MEMBER(mmscope_info, features, 8),
	MEMBER(mmscope_info, backings, 16),
	MEMBER(mmscope_info, flags, 24),
	MEMBER(mmscope_info, max_pages, 32),
	MEMBER(mmscope_info, events, 40),
	MEMBER(mmscope_info, idle_mms, 44),
	MEMBER(mmscope_info, dead_mms, 48),
	MEMBER(mmscope_info, max_cpus, 52),
	MEMBER(mmscope_info, pages, 56),
	MEMBER(mmscope_info, held, 64),
	MEMBER(mmscope_info, produced, 72),
	MEMBER(mmscope_info, delivered, 80),
	MEMBER(mmscope_info, unread, 88),
	MEMBER(mmscope_info, lost, 96),
	MEMBER(mmscope_info, dropped, 104),
	MEMBER(mmscope_info, skipped, 112),
	MEMBER(mmscope_info, withheld, 120),

	MEMBER(mmscope_setup, size, 0),
	MEMBER(mmscope_setup, backing, 4),
	MEMBER(mmscope_setup, flags, 8),
	MEMBER(mmscope_setup, pages, 16),
	MEMBER(mmscope_setup, error_nth, 24),
	MEMBER(mmscope_setup, delay_us, 28),

	MEMBER(mmscope_attach, size, 0),
	MEMBER(mmscope_attach, flags, 4),
	MEMBER(mmscope_attach, pid, 8),
	MEMBER(mmscope_attach, mm, 12),
	MEMBER(mmscope_attach, watermark, 16),
	MEMBER(mmscope_attach, reserved, 20),

	MEMBER(mmscope_stat, size, 0),
	MEMBER(mmscope_stat, flags, 4),
	MEMBER(mmscope_stat, mm, 8),
	MEMBER(mmscope_stat, parent, 12),
	MEMBER(mmscope_stat, tgid, 16),
	MEMBER(mmscope_stat, state, 20),
	MEMBER(mmscope_stat, maps, 24),
	MEMBER(mmscope_stat, vmas, 28),
	MEMBER(mmscope_stat, comm, 32),
	MEMBER(mmscope_stat, events, 48),
	MEMBER(mmscope_stat, write, 304),
	MEMBER(mmscope_stat, kernel, 312),
	MEMBER(mmscope_stat, remote, 320),
	MEMBER(mmscope_stat, refault, 328),
	MEMBER(mmscope_stat, vma_lock, 336),
	MEMBER(mmscope_stat, cow, 344),
	MEMBER(mmscope_stat, major, 352),
	MEMBER(mmscope_stat, error, 360),
	MEMBER(mmscope_stat, touched, 368),
	MEMBER(mmscope_stat, given_back, 376),
	MEMBER(mmscope_stat, mapped, 384),
	MEMBER(mmscope_stat, dropped, 392),
	MEMBER(mmscope_stat, orphans, 400),
	MEMBER(mmscope_stat, ns, 408),
	MEMBER(mmscope_stat, latency, 416),
};

FIXTURE(abi)
{
	struct scope s;
	char *arg;		/* two pages, and nothing behind them */
};

FIXTURE_SETUP(abi)
{
	int err = scope_open(&self->s);

	if (scope_missing(err))
		SKIP(return, "%s", scope_missing(err));
	ASSERT_EQ(0, err);
	self->arg = mmap(NULL, 3 * page_size(), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->arg);
	ASSERT_EQ(0, mprotect(self->arg + 2 * page_size(), page_size(), PROT_NONE));
}

FIXTURE_TEARDOWN(abi)
{
	EXPECT_EQ(0U, self->s.bad);
	scope_close(&self->s);
}

TEST_F(abi, layouts_are_those_of_the_header)
{
	struct mmscope_event e = { .type = 0xab, .flags = 0x123456 };
	__u32 word;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(layout); i++) {
		EXPECT_EQ(layout[i].want, layout[i].offset)
			TH_LOG("offset of %s", layout[i].member);
	}
	EXPECT_EQ(64U, sizeof(struct mmscope_event));
	EXPECT_EQ(128U, sizeof(struct mmscope_info));
	EXPECT_EQ(32U, sizeof(struct mmscope_setup));
	EXPECT_EQ(24U, sizeof(struct mmscope_attach));
	EXPECT_EQ(672U, sizeof(struct mmscope_stat));
	memcpy(&word, (char *)&e + 24, sizeof(word));
	EXPECT_EQ(0x123456abU, word);
}

TEST_F(abi, numbers_are_those_of_the_header)
{
	EXPECT_EQ(0xbd00U, MMSCOPE_INFO);
	EXPECT_EQ(0xbd01U, MMSCOPE_SETUP);
	EXPECT_EQ(0xbd02U, MMSCOPE_ATTACH);
	EXPECT_EQ(0xbd03U, MMSCOPE_STAT);
	EXPECT_EQ(11, MMSCOPE_END);
	EXPECT_EQ(16, MMSCOPE_FAULT);
	EXPECT_EQ(19, MMSCOPE_ACCESS);
	EXPECT_EQ(24, MMSCOPE_NAME);
	EXPECT_EQ(25, MMSCOPE_LOST);
}

/* Every ioctl: what it writes back decides which pointers it may refuse */
static const struct {
	const char *name;
	unsigned int number;
	size_t size;
	size_t first;	/* size of its first version */
	bool writes;
} call[] = {
	{ "INFO", MMSCOPE_INFO, sizeof(struct mmscope_info), 120, true },
	{ "SETUP", MMSCOPE_SETUP, sizeof(struct mmscope_setup), 32, false },
	{ "ATTACH", MMSCOPE_ATTACH, sizeof(struct mmscope_attach), 24, false },
	{ "STAT", MMSCOPE_STAT, sizeof(struct mmscope_stat), sizeof(struct mmscope_stat), true },
};

/* A struct of @size bytes of zeroes at @arg, given to ioctl @i; returns 0 or errno */
static int call_sized(int fd, size_t i, char *arg, size_t real, __u32 size)
{
	memset(arg, 0, real);
	memcpy(arg, &size, real < sizeof(size) ? real : sizeof(size));
	return ioctl(fd, call[i].number, arg) ? errno : 0;
}

TEST_F(abi, size_below_the_first_version_is_refused)
{
	size_t i, size;

	for (i = 0; i < ARRAY_SIZE(call); i++) {
		for (size = 0; size < call[i].first; size++) {
			EXPECT_EQ(EINVAL, call_sized(self->s.fd, i, self->arg, 4096, size))
				TH_LOG("%s of %zu bytes", call[i].name, size);
		}
	}
}

/* It gets what it has room for, and nothing behind that is written */
TEST_F(abi, size_of_an_earlier_version_is_accepted)
{
	size_t i, size;

	for (i = 0; i < ARRAY_SIZE(call); i++) {
		for (size = call[i].first; size < call[i].size; size++) {
			EXPECT_EQ(0, call_sized(self->s.fd, i, self->arg, 4096, size))
				TH_LOG("%s of %zu bytes", call[i].name, size);
			EXPECT_TRUE(scope_zero(self->arg + size, self->arg + 4096));
		}
	}
}

TEST_F(abi, larger_struct_with_a_zero_tail_is_accepted)
{
	size_t i, size;

	for (i = 0; i < ARRAY_SIZE(call); i++) {
		for (size = call[i].size; size <= page_size(); size += size < 1024 ? 1 : 61) {
			EXPECT_EQ(0, call_sized(self->s.fd, i, self->arg, size, size))
				TH_LOG("%s of %zu bytes", call[i].name, size);
		}
		EXPECT_EQ(0, call_sized(self->s.fd, i, self->arg, page_size(), page_size()));
	}
}

TEST_F(abi, tail_that_is_not_zero_is_too_big)
{
	size_t i, at, size = 1024;
	__u32 head = size;

	for (i = 0; i < ARRAY_SIZE(call); i++) {
		for (at = call[i].size; at < size; at++) {
			memset(self->arg, 0, size);
			memcpy(self->arg, &head, sizeof(head));
			self->arg[at] = 1;
			errno = 0;
			EXPECT_EQ(-1, ioctl(self->s.fd, call[i].number, self->arg));
			EXPECT_EQ(E2BIG, errno)
				TH_LOG("%s with byte %zu set", call[i].name, at);
		}
	}
}

TEST_F(abi, only_the_struct_is_written)
{
	size_t i, at, size = 1024;

	for (i = 0; i < ARRAY_SIZE(call); i++) {
		EXPECT_EQ(0, call_sized(self->s.fd, i, self->arg, size, size));
		EXPECT_TRUE(scope_zero(self->arg + call[i].size, self->arg + size));
		/* What is behind the struct that the caller has is not the module's */
		memset(self->arg, 0x5a, size);
		EXPECT_EQ(0, call_sized(self->s.fd, i, self->arg, call[i].size, call[i].size));
		for (at = call[i].size; at < size && self->arg[at] == 0x5a; at++)
			;
		EXPECT_EQ(size, at) TH_LOG("%s wrote behind its struct", call[i].name);
	}
}

TEST_F(abi, struct_may_end_where_memory_ends)
{
	char *end = self->arg + 2 * page_size();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(call); i++) {
		EXPECT_EQ(0, call_sized(self->s.fd, i, end - call[i].size, call[i].size,
					call[i].size));
	}
}

TEST_F(abi, struct_that_runs_out_of_memory_is_a_bad_pointer)
{
	char *end = self->arg + 2 * page_size();
	size_t i, left;

	for (i = 0; i < ARRAY_SIZE(call); i++) {
		for (left = 1; left < call[i].size; left++) {
			EXPECT_EQ(EFAULT, call_sized(self->s.fd, i, end - left, left,
						     call[i].size))
				TH_LOG("%s with %zu of its bytes there", call[i].name, left);
		}
	}
}

TEST_F(abi, size_that_is_no_size_never_succeeds)
{
	static const __u32 size[] = { 1U << 16, 1U << 31, UINT_MAX - 1, UINT_MAX };
	size_t i, k;
	int err;

	for (i = 0; i < ARRAY_SIZE(call); i++) {
		for (k = 0; k < ARRAY_SIZE(size); k++) {
			err = call_sized(self->s.fd, i, self->arg, 2 * page_size(), size[k]);
			EXPECT_TRUE(err == EFAULT || err == E2BIG)
				TH_LOG("%s of %#x bytes: errno %d", call[i].name, size[k], err);
		}
	}
}

TEST_F(abi, bad_pointer_is_efault)
{
	const unsigned long bad[] = {
		0, 1, (uintptr_t)self->arg + 2 * page_size(), 0x7ffffffff000UL,
		0xffff888000000000UL, 0xffffffff81000000UL, -page_size(), -1UL,
	};
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(call); i++) {
		for (k = 0; k < ARRAY_SIZE(bad); k++) {
			errno = 0;
			EXPECT_EQ(-1, ioctl(self->s.fd, call[i].number, bad[k]));
			EXPECT_EQ(EFAULT, errno)
				TH_LOG("%s at %#lx", call[i].name, bad[k]);
		}
	}
}

TEST_F(abi, answer_into_read_only_memory_is_efault)
{
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(call); i++) {
		__u32 size = call[i].size;

		memset(self->arg, 0, page_size());
		memcpy(self->arg, &size, sizeof(size));
		ASSERT_EQ(0, mprotect(self->arg, page_size(), PROT_READ));
		err = ioctl(self->s.fd, call[i].number, self->arg) ? errno : 0;
		EXPECT_EQ(call[i].writes ? EFAULT : 0, err)
			TH_LOG("%s", call[i].name);
		ASSERT_EQ(0, mprotect(self->arg, page_size(), PROT_READ | PROT_WRITE));
	}
}

TEST_F(abi, arguments_may_lie_in_the_mapping_itself)
{
	struct scope file;
	size_t i;
	char *p;

	/* Each call's struct is alone in a page that nobody has touched: the call faults it in */
	ASSERT_EQ(0, scope_open(&file));
	p = scope_map(&file, ARRAY_SIZE(call));
	ASSERT_NE(NULL, p);
	for (i = 0; i < ARRAY_SIZE(call); i++) {
		errno = 0;
		EXPECT_EQ(-1, ioctl(self->s.fd, call[i].number, p + i * page_size()));
		EXPECT_EQ(EINVAL, errno) TH_LOG("%s", call[i].name);
	}
	EXPECT_EQ(ARRAY_SIZE(call), scope_count(&file, MMSCOPE_FAULT));
	for (i = 0; i < ARRAY_SIZE(call); i++) {
		EXPECT_EQ(0, call_sized(self->s.fd, i, p + i * page_size(), call[i].size,
					call[i].size)) TH_LOG("%s", call[i].name);
	}
	EXPECT_EQ(0U, file.bad);
	scope_close(&file);
}

TEST_F(abi, unknown_number_is_enotty)
{
	unsigned int nr, i;

	static const unsigned int dir[] = {
		_IOC_NONE, _IOC_READ, _IOC_WRITE, _IOC_READ | _IOC_WRITE,
	};

	for (nr = 0; nr < 256; nr++) {
		for (i = 0; i < ARRAY_SIZE(dir); i++) {
			if (nr < ARRAY_SIZE(call) && dir[i] == _IOC_NONE)
				continue;
			errno = 0;
			EXPECT_EQ(-1, ioctl(self->s.fd, _IOC(dir[i], MMSCOPE_IOC, nr, 0),
					    self->arg));
			EXPECT_EQ(ENOTTY, errno) TH_LOG("number %u", nr);
			EXPECT_EQ(-1, ioctl(self->s.fd, _IOC(dir[i], MMSCOPE_IOC, nr, 32),
					    self->arg));
			EXPECT_EQ(ENOTTY, errno) TH_LOG("number %u", nr);
		}
	}
}

TEST_F(abi, other_letters_are_enotty)
{
	unsigned int letter, nr;

	/* 0 and T have numbers that the VFS answers for every file */
	for (letter = 1; letter < 256; letter++) {
		if (letter == MMSCOPE_IOC || letter == 'T')
			continue;
		for (nr = 0; nr < 4; nr++) {
			errno = 0;
			EXPECT_EQ(-1, ioctl(self->s.fd, _IO(letter, nr), self->arg));
			EXPECT_EQ(ENOTTY, errno) TH_LOG("letter %#x number %u", letter, nr);
		}
	}
}

/* SETUP */

#define EVERY_FLAG	((1ULL << 10) - 1)

/* The rows of the header's EOPNOTSUPP */
static const struct {
	__u64 backings;		/* bit N: backing N */
	__u64 all;		/* flags that make it unsupported, together */
} unsupported[] = {
	{ 1 << MMSCOPE_PFN, MMSCOPE_EAGER },
	{ 1 << MMSCOPE_PFN, MMSCOPE_AROUND },
	{ 7, MMSCOPE_EAGER | MMSCOPE_AROUND },
	{ 7, MMSCOPE_DROP | MMSCOPE_GROWABLE },
	{ 7, MMSCOPE_DROP | MMSCOPE_QUIET },
	{ 1 << MMSCOPE_VMALLOC | 1 << MMSCOPE_PFN, MMSCOPE_DROP },
	{ 7, MMSCOPE_GROWABLE | MMSCOPE_EAGER },
	{ 7, MMSCOPE_GROWABLE | MMSCOPE_AROUND },
	{ 1 << MMSCOPE_PFN, MMSCOPE_GROWABLE },
	{ 7, MMSCOPE_VETO | MMSCOPE_QUIET },
	{ 7, MMSCOPE_COUNT | MMSCOPE_QUIET },
	{ 7, MMSCOPE_LATENCY | MMSCOPE_QUIET },
	{ 1 << MMSCOPE_PFN, MMSCOPE_MKWRITE_NOTIFY },
};

static bool is_supported(unsigned int backing, __u64 flags)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(unsupported); i++)
		if (unsupported[i].backings >> backing & 1 &&
		    (flags & unsupported[i].all) == unsupported[i].all)
			return false;
	return true;
}

TEST_F(abi, setup_of_what_cannot_work_is_eopnotsupp)
{
	unsigned int backing;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(unsupported); i++) {
		for (backing = MMSCOPE_PAGE; backing <= MMSCOPE_PFN; backing++) {
			if (!(unsupported[i].backings >> backing & 1))
				continue;
			errno = 0;
			EXPECT_EQ(-1, scope_setup(self->s.fd, backing, unsupported[i].all, 0));
			EXPECT_EQ(EOPNOTSUPP, errno)
				TH_LOG("backing %u flags %#llx", backing, unsupported[i].all);
		}
	}
}

TEST_F(abi, setup_of_every_other_combination_works)
{
	unsigned int backing;
	__u64 flags;

	for (backing = MMSCOPE_PAGE; backing <= MMSCOPE_PFN; backing++) {
		for (flags = 0; flags <= EVERY_FLAG; flags++) {
			errno = 0;
			scope_setup(self->s.fd, backing, flags, 16);
			EXPECT_EQ(is_supported(backing, flags) ? 0 : EOPNOTSUPP, errno)
				TH_LOG("backing %u flags %#llx", backing, flags);
		}
	}
}

TEST_F(abi, setup_out_of_range_is_einval)
{
	const struct mmscope_setup bad[] = {
		{ .backing = 3 },
		{ .backing = 1U << 31 },
		{ .backing = UINT_MAX },
		{ .pages = scope_param("max_pages") + 1 },
		{ .pages = 1ULL << 32 },
		{ .pages = 1ULL << 52 },
		{ .pages = 1ULL << 63 },
		{ .pages = -1ULL },
		{ .delay_us = 1000001 },
		{ .delay_us = UINT_MAX },
	};
	struct mmscope_setup setup;
	unsigned int bit;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		setup = bad[i];
		setup.size = sizeof(setup);
		errno = 0;
		EXPECT_EQ(-1, ioctl(self->s.fd, MMSCOPE_SETUP, &setup));
		EXPECT_EQ(EINVAL, errno) TH_LOG("row %zu", i);
	}
	for (bit = 10; bit < 64; bit++) {
		errno = 0;
		EXPECT_EQ(-1, scope_setup(self->s.fd, MMSCOPE_PAGE, 1ULL << bit, 0));
		EXPECT_EQ(EINVAL, errno) TH_LOG("flag %u", bit);
	}
}

TEST_F(abi, refused_setup_changes_nothing)
{
	struct mmscope_info info;

	ASSERT_EQ(0, scope_setup(self->s.fd, MMSCOPE_PAGE, 0, 5));
	EXPECT_EQ(-1, scope_setup(self->s.fd, MMSCOPE_PFN, MMSCOPE_EAGER, 9));
	EXPECT_EQ(-1, scope_setup(self->s.fd, MMSCOPE_PAGE, 0, -1ULL));
	EXPECT_EQ(-1, scope_setup(self->s.fd, 3, 0, 9));
	ASSERT_EQ(0, scope_info(self->s.fd, &info));
	EXPECT_EQ(5U, info.pages);
	/* Still the page backing: a private writable mapping is one that pfn would refuse */
	EXPECT_NE(MAP_FAILED, mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE,
				   self->s.fd, 0));
}

TEST_F(abi, setup_after_mmap_is_ebusy)
{
	char *p;

	ASSERT_EQ(0, scope_setup(self->s.fd, MMSCOPE_PAGE, 0, 16));
	ASSERT_EQ(0, scope_setup(self->s.fd, MMSCOPE_PAGE, 0, 8));
	p = scope_map(&self->s, 1);
	ASSERT_NE(NULL, p);
	errno = 0;
	EXPECT_EQ(-1, scope_setup(self->s.fd, MMSCOPE_PAGE, 0, 8));
	EXPECT_EQ(EBUSY, errno);
	ASSERT_EQ(0, munmap(p, page_size()));
	errno = 0;
	EXPECT_EQ(-1, scope_setup(self->s.fd, MMSCOPE_VMALLOC, 0, 8));
	EXPECT_EQ(EBUSY, errno);
}

TEST_F(abi, setup_pages_of_zero_is_the_most)
{
	struct mmscope_info info;

	ASSERT_EQ(0, scope_info(self->s.fd, &info));
	EXPECT_EQ(info.max_pages, info.pages);
	ASSERT_EQ(0, scope_setup(self->s.fd, MMSCOPE_PAGE, 0, 7));
	ASSERT_EQ(0, scope_info(self->s.fd, &info));
	EXPECT_EQ(7U, info.pages);
	ASSERT_EQ(0, scope_setup(self->s.fd, MMSCOPE_PFN, 0, 0));
	ASSERT_EQ(0, scope_info(self->s.fd, &info));
	EXPECT_EQ(info.max_pages, info.pages);
	ASSERT_EQ(0, scope_setup(self->s.fd, MMSCOPE_VMALLOC, 0, 0));
	ASSERT_EQ(0, scope_info(self->s.fd, &info));
	EXPECT_EQ(16U, info.pages);
	ASSERT_EQ(0, scope_setup(self->s.fd, MMSCOPE_PAGE, 0, info.max_pages));
	ASSERT_EQ(0, scope_info(self->s.fd, &info));
	EXPECT_EQ(info.max_pages, info.pages);
}

/* ATTACH and STAT */

TEST_F(abi, attach_out_of_range_is_einval)
{
	struct mmscope_attach bad[] = {
		{ .reserved = 1 },
		{ .reserved = UINT_MAX },
		{ .watermark = scope_param("events") + 1 },
		{ .watermark = UINT_MAX },
		{ .pid = -1 },
		{ .pid = INT_MIN },
		{ .pid = 1, .mm = 1 },
	};
	unsigned int bit;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		bad[i].size = sizeof(bad[i]);
		errno = 0;
		EXPECT_EQ(-1, ioctl(self->s.fd, MMSCOPE_ATTACH, bad + i));
		EXPECT_EQ(EINVAL, errno) TH_LOG("row %zu", i);
	}
	for (bit = 2; bit < 32; bit++) {
		errno = 0;
		EXPECT_EQ(-1, scope_attach(self->s.fd, 0, 0, 1U << bit));
		EXPECT_EQ(EINVAL, errno) TH_LOG("flag %u", bit);
	}
}

TEST_F(abi, attach_takes_every_watermark_up_to_events)
{
	struct mmscope_attach attach = { .size = sizeof(attach) };
	long long events = scope_param("events");

	EXPECT_EQ(0, ioctl(self->s.fd, MMSCOPE_ATTACH, &attach));
	attach.watermark = 1;
	EXPECT_EQ(0, ioctl(self->s.fd, MMSCOPE_ATTACH, &attach));
	attach.watermark = events;
	EXPECT_EQ(0, ioctl(self->s.fd, MMSCOPE_ATTACH, &attach));
}

TEST_F(abi, stat_of_unknown_flags_is_einval)
{
	struct mmscope_stat stat;
	unsigned int bit;

	for (bit = 1; bit < 32; bit++) {
		errno = 0;
		EXPECT_EQ(-1, scope_stat(self->s.fd, 0, 1U << bit, &stat));
		EXPECT_EQ(EINVAL, errno) TH_LOG("flag %u", bit);
	}
}

TEST_F(abi, stat_says_back_what_it_was_asked)
{
	struct mmscope_stat stat;

	ASSERT_EQ(0, scope_stat(self->s.fd, 0, 0, &stat));
	EXPECT_EQ(sizeof(stat), stat.size);
	EXPECT_EQ(0U, stat.flags);
	EXPECT_EQ(scope_mm(self->s.fd), stat.mm);
	ASSERT_EQ(0, scope_stat(self->s.fd, stat.mm, MMSCOPE_STAT_NEXT, &stat));
	EXPECT_EQ((__u32)MMSCOPE_STAT_NEXT, stat.flags);
	EXPECT_EQ(scope_mm(self->s.fd), stat.mm);
}

/* INFO */

TEST_F(abi, info_is_the_module_parameters)
{
	struct mmscope_info info;

	ASSERT_EQ(0, scope_info(self->s.fd, &info));
	EXPECT_EQ(sizeof(info), info.size);
	EXPECT_EQ(scope_param("max_pages"), (long long)info.max_pages);
	EXPECT_EQ(scope_param("events"), info.events);
	EXPECT_EQ(scope_param("idle_mms"), info.idle_mms);
	EXPECT_EQ(scope_param("dead_mms"), info.dead_mms);
	EXPECT_EQ(7U, info.backings);
	EXPECT_EQ(EVERY_FLAG, info.flags);
	EXPECT_LE(sysconf(_SC_NPROCESSORS_CONF), info.max_cpus);
	EXPECT_EQ(info.max_pages, info.pages);
	EXPECT_EQ(0U, info.held);
	EXPECT_NE(0U, info.mm);
	EXPECT_EQ(0U, info.events & (info.events - 1));
}

TEST_F(abi, info_features_are_the_kernels)
{
	struct mmscope_info info;

	ASSERT_EQ(0, scope_info(self->s.fd, &info));
	EXPECT_EQ(kernel_at_least(6, 4), !!(info.features & MMSCOPE_FEATURE_VMA_LOCK));
	EXPECT_EQ(0U, info.features >> 2);
}

TEST_F(abi, info_held_counts_pages_of_the_store)
{
	struct mmscope_info info;
	char *p = scope_map(&self->s, 8);

	ASSERT_NE(NULL, p);
	touch_pages(p, 0, 5);
	ASSERT_EQ(0, scope_info(self->s.fd, &info));
	EXPECT_EQ(5U, info.held);
	/* The store keeps its pages until the file is closed */
	ASSERT_EQ(0, munmap(p, 8 * page_size()));
	ASSERT_EQ(0, scope_info(self->s.fd, &info));
	EXPECT_EQ(5U, info.held);
}

/* The file itself */

TEST_F(abi, two_files_of_a_process_read_one_mm_and_map_two_stores)
{
	struct scope other;
	char *p, *q;

	ASSERT_EQ(0, scope_open(&other));
	EXPECT_EQ(scope_mm(self->s.fd), scope_mm(other.fd));
	p = scope_map(&self->s, 1);
	q = scope_map(&other, 1);
	ASSERT_NE(NULL, p);
	ASSERT_NE(NULL, q);
	touch_write(p, 7);
	EXPECT_EQ(0, touch_read(q));
	EXPECT_EQ(7, touch_read(p));
	scope_close(&other);
}

TEST_F(abi, seek_and_write_are_refused)
{
	errno = 0;
	EXPECT_EQ(-1, lseek(self->s.fd, 0, SEEK_SET));
	EXPECT_EQ(ESPIPE, errno);
	errno = 0;
	EXPECT_EQ(-1, write(self->s.fd, "x", 1));
	EXPECT_EQ(EINVAL, errno);
}

TEST_HARNESS_MAIN
