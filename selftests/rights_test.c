// SPDX-License-Identifier: GPL-2.0
/*
 * Who may do what, and what is never shown: write access that the descriptor does not give, and
 * addresses of the kernel.
 */
#include "scope.h"

#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/uio.h>

FIXTURE(rights)
{
	struct scope s;
};

FIXTURE_SETUP(rights)
{
	int err = scope_open(&self->s);

	if (scope_missing(err))
		SKIP(return, "%s", scope_missing(err));
	ASSERT_EQ(0, err);
}

FIXTURE_TEARDOWN(rights)
{
	EXPECT_EQ(0U, self->s.bad);
	scope_close(&self->s);
}

TEST_F(rights, node_is_for_its_owner_only)
{
	struct stat st;

	ASSERT_EQ(0, stat(SCOPE_DEVICE, &st));
	EXPECT_TRUE(S_ISCHR(st.st_mode));
	EXPECT_EQ(0600U, st.st_mode & 07777);
	EXPECT_EQ(0U, st.st_uid);
	EXPECT_EQ(0U, st.st_gid);
}

TEST_F(rights, open_by_another_user_is_eacces)
{
	pid_t pid = fork();

	if (!pid) {
		static const int how[] = { O_RDONLY, O_WRONLY, O_RDWR };
		size_t i;

		become_nobody();
		for (i = 0; i < ARRAY_SIZE(how); i++)
			if (open(SCOPE_DEVICE, how[i]) >= 0 || errno != EACCES)
				_exit(1);
		_exit(0);
	}
	EXPECT_EQ(0, wait_child(pid));
}

TEST_F(rights, parameters_cannot_be_changed)
{
	static const char * const name[] = { "max_pages", "events", "idle_mms", "dead_mms" };
	char path[128];
	struct stat st;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(name); i++) {
		snprintf(path, sizeof(path), "/sys/module/mmscope/parameters/%s", name[i]);
		ASSERT_EQ(0, stat(path, &st)) TH_LOG("%s", path);
		EXPECT_EQ(0U, st.st_mode & 0222) TH_LOG("%s", path);
	}
}

/* What a descriptor for reading only must not give, for each backing */

FIXTURE(read_only)
{
	char *p;
	int fd;
};

FIXTURE_VARIANT(read_only)
{
	__u32 backing;
};

FIXTURE_VARIANT_ADD(read_only, page)
{
	.backing = MMSCOPE_PAGE,
};

FIXTURE_VARIANT_ADD(read_only, vmalloc)
{
	.backing = MMSCOPE_VMALLOC,
};

FIXTURE_VARIANT_ADD(read_only, pfn)
{
	.backing = MMSCOPE_PFN,
};

FIXTURE_SETUP(read_only)
{
	self->fd = open(SCOPE_DEVICE, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (self->fd < 0 && scope_missing(-errno))
		SKIP(return, "%s", scope_missing(-errno));
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, scope_setup(self->fd, variant->backing, 0, 16));
	self->p = mmap(NULL, 16 * page_size(), PROT_READ, MAP_SHARED, self->fd, 0);
	ASSERT_NE(MAP_FAILED, self->p);
	touch_read(self->p);
}

FIXTURE_TEARDOWN(read_only)
{
	close(self->fd);
}

TEST_F(read_only, mapping_does_not_become_writable)
{
	char was = touch_read(self->p);

	errno = 0;
	EXPECT_EQ(-1, mprotect(self->p, page_size(), PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	errno = 0;
	EXPECT_EQ(MAP_FAILED, mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_SHARED,
				   self->fd, 0));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(SIGSEGV, try_write(self->p));
	EXPECT_EQ(was, touch_read(self->p));
}

TEST_F(read_only, mapping_is_not_written_through_proc_mem)
{
	char was = touch_read(self->p), byte = was + 1;
	int mem = open("/proc/self/mem", O_RDWR);

	ASSERT_LE(0, mem);
	EXPECT_GT(1, pwrite(mem, &byte, 1, (uintptr_t)self->p));
	EXPECT_EQ(was, touch_read(self->p));
	/* Nor a page that nobody has touched */
	EXPECT_GT(1, pwrite(mem, "X", 1, (uintptr_t)self->p + 3 * page_size()));
	EXPECT_NE('X', touch_read(self->p + 3 * page_size()));
	close(mem);
}

TEST_F(read_only, mapping_is_not_written_by_ptrace)
{
	char was = touch_read(self->p);
	pid_t pid = fork();

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	errno = 0;
	EXPECT_EQ(-1, ptrace(PTRACE_POKEDATA, pid, self->p, -1L));
	EXPECT_TRUE(errno == EIO || errno == EFAULT) TH_LOG("errno %d", errno);
	ptrace(PTRACE_CONT, pid, 0, 0);
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_EQ(was, touch_read(self->p));
}

TEST_F(read_only, mapping_is_not_written_by_process_vm_writev)
{
	struct iovec remote = { self->p, 1 };
	char was = touch_read(self->p), byte = was + 1;
	struct iovec local = { &byte, 1 };

	errno = 0;
	EXPECT_EQ(-1, process_vm_writev(getpid(), &local, 1, &remote, 1, 0));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(was, touch_read(self->p));
}

TEST_F(read_only, mapping_is_not_written_by_read)
{
	char was = touch_read(self->p);
	int fd[2];

	ASSERT_EQ(0, pipe(fd));
	ASSERT_EQ(1, write(fd[1], "X", 1));
	errno = 0;
	EXPECT_EQ(-1, read(fd[0], self->p, 1));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(was, touch_read(self->p));
}

/* Writable by its descriptor, but not now */
TEST_F(rights, protected_pfn_mapping_is_not_written_through_proc_mem)
{
	int mem = open("/proc/self/mem", O_RDWR);
	char *p;

	ASSERT_LE(0, mem);
	ASSERT_EQ(0, scope_setup(self->s.fd, MMSCOPE_PFN, 0, 16));
	p = scope_map(&self->s, 16);
	ASSERT_NE(NULL, p);
	touch_write(p, 'a');
	ASSERT_EQ(0, mprotect(p, page_size(), PROT_READ));
	EXPECT_GT(1, pwrite(mem, "X", 1, (uintptr_t)p));
	EXPECT_EQ('a', touch_read(p));
	close(mem);
}

TEST_F(rights, descriptor_for_writing_only_reads_and_maps_nothing)
{
	int fd = open(SCOPE_DEVICE, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	struct mmscope_event e;

	ASSERT_LE(0, fd);
	errno = 0;
	EXPECT_EQ(-1, read(fd, &e, sizeof(e)));
	EXPECT_EQ(EBADF, errno);
	errno = 0;
	EXPECT_EQ(MAP_FAILED, mmap(NULL, page_size(), PROT_READ, MAP_SHARED, fd, 0));
	EXPECT_EQ(EACCES, errno);
	errno = 0;
	EXPECT_EQ(MAP_FAILED, mmap(NULL, page_size(), PROT_WRITE, MAP_SHARED, fd, 0));
	EXPECT_EQ(EACCES, errno);
	close(fd);
}

/* Kernel addresses */

/* Whether a text has 16 hexadecimal digits that start with ffff8 or above */
static bool shows_kernel_address(const char *text)
{
	size_t n;

	while (*text) {
		n = strspn(text, "0123456789abcdefABCDEF");
		if (n >= 16 && !strncasecmp(text + n - 16, "ffff", 4) &&
		    strchr("89abcdefABCDEF", text[n - 12])) {
			fprintf(stderr, "# %.40s\n", text);
			return true;
		}
		text += n ? n : 1;
	}
	return false;
}

/* A busy minute in the life of a process, with every type of record that it can make by itself */
static void live(struct scope *s, char *p)
{
	size_t page = page_size();
	char *q = scope_reserve(8);
	int fd[2];
	pid_t pid;

	touch_pages(p, 0, 8);
	mprotect(p + 2 * page, 2 * page, PROT_READ);
	madvise(p, page, MADV_DONTNEED);
	touch_read(p);
	if (mremap(p + 8 * page, 4 * page, 4 * page, MREMAP_MAYMOVE | MREMAP_FIXED, q) == q)
		touch_write(q, 1);
	if (!pipe(fd) && write(fd[1], p + 14 * page, 8) == 8)
		touch_write(p + 14 * page, 1);
	pid = fork();
	if (!pid) {
		touch_pages(p, 0, 2);
		_exit(0);
	}
	wait_child(pid);
	munmap(p + 4 * page, 2 * page);
	munmap(q, 4 * page);
	scope_drain(s);
}

TEST_F(rights, records_hold_no_kernel_address)
{
	size_t i, k, found = 0;
	char *p;

	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, MMSCOPE_ATTACH_FOLLOW));
	p = scope_map(&self->s, 16);
	ASSERT_NE(NULL, p);
	live(&self->s, p);
	EXPECT_LT(20U, self->s.nr);
	for (i = 0; i < self->s.nr; i++) {
		__u64 word[8];

		memcpy(word, self->s.ev + i, sizeof(word));
		for (k = 0; k < 8; k++) {
			if (word[k] < 0xffff800000000000ULL)
				continue;
			found++;
			scope_print(self->s.ev + i);
		}
	}
	EXPECT_EQ(0U, found);
}

/* Anything that is not the address of something is not shown at all: ids, counters and times */
TEST_F(rights, stat_and_info_hold_no_kernel_address)
{
	__u64 word[sizeof(struct mmscope_stat) / 8];
	struct mmscope_stat stat;
	struct mmscope_info info;
	size_t i, found = 0;
	char *p;

	p = scope_map(&self->s, 16);
	ASSERT_NE(NULL, p);
	live(&self->s, p);
	ASSERT_EQ(0, scope_stat(self->s.fd, 0, 0, &stat));
	memcpy(word, &stat, sizeof(stat));
	for (i = 0; i < sizeof(stat) / 8; i++)
		found += word[i] >= 0xffff800000000000ULL;
	ASSERT_EQ(0, scope_info(self->s.fd, &info));
	memcpy(word, &info, sizeof(info));
	for (i = 0; i < sizeof(info) / 8; i++)
		found += word[i] >= 0xffff800000000000ULL;
	EXPECT_EQ(0U, found);
	/* The name ends, and nothing is behind its end */
	i = strnlen(stat.comm, sizeof(stat.comm));
	EXPECT_TRUE(scope_zero(stat.comm + i, stat.comm + sizeof(stat.comm)));
	EXPECT_GT(sizeof(stat.comm), i);
}

TEST_F(rights, debugfs_shows_no_kernel_address)
{
	static const char * const name[] = { "stats", "mms", "events" };
	char path[64], *line = NULL, *p;
	size_t i, room = 0, lines = 0;
	FILE *f;

	p = scope_map(&self->s, 16);
	ASSERT_NE(NULL, p);
	live(&self->s, p);
	for (i = 0; i < ARRAY_SIZE(name); i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/mmscope/%s", name[i]);
		f = fopen(path, "re");
		if (!f)
			SKIP(return, "no %s: %s", path, strerror(errno));
		while (getline(&line, &room, f) > 0) {
			EXPECT_FALSE(shows_kernel_address(line)) TH_LOG("in %s", path);
			lines++;
		}
		fclose(f);
	}
	EXPECT_LT(30U, lines);
	free(line);
}

TEST_F(rights, kernel_log_shows_no_kernel_address_of_ours)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char line[2048];
	ssize_t n;

	if (fd < 0)
		SKIP(return, "no /dev/kmsg: %s", strerror(errno));
	while ((n = read(fd, line, sizeof(line) - 1)) > 0 || errno == EPIPE) {
		if (n <= 0)
			continue;
		line[n] = 0;
		if (!strstr(line, ";mmscope"))
			continue;
		EXPECT_FALSE(shows_kernel_address(line)) TH_LOG("%s", line);
	}
	close(fd);
}

TEST_F(rights, scan_for_kernel_addresses_finds_one)
{
	EXPECT_TRUE(shows_kernel_address("at ffff888012345678 it is"));
	EXPECT_TRUE(shows_kernel_address("0xffffffff81000000"));
	EXPECT_TRUE(shows_kernel_address("0xFFFFC90000000000"));
	EXPECT_FALSE(shows_kernel_address("00007fffffffffff and 7f21c000"));
	EXPECT_FALSE(shows_kernel_address("ffffffff"));
}

TEST_HARNESS_MAIN
