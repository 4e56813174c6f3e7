// SPDX-License-Identifier: GPL-2.0
/*
 * What backs a mapping, and what each flag of SETUP changes. Every test opens a file of its own
 * kind; what is common to all kinds is in the other programs.
 */
#include "scope.h"

#include <sys/ptrace.h>
#include <sys/uio.h>

#define PAGES	64

FIXTURE(backing)
{
	struct scope s;
	struct mmscope_info info;
	char *p;
};

FIXTURE_SETUP(backing)
{
	int err = scope_open(&self->s);

	if (scope_missing(err))
		SKIP(return, "%s", scope_missing(err));
	ASSERT_EQ(0, err);
	ASSERT_EQ(0, scope_info(self->s.fd, &self->info));
}

FIXTURE_TEARDOWN(backing)
{
	EXPECT_EQ(0U, self->s.bad);
	EXPECT_TRUE(scope_adds_up(self->s.fd));
	scope_close(&self->s);
}

/* Sets up the store and maps all of it; its records so far are left out */
static char *set_up(struct scope *s, __u32 backing, __u64 flags, size_t pages)
{
	char *p = NULL;

	if (!scope_setup(s->fd, backing, flags, pages))
		p = scope_map(s, pages);
	scope_skip(s);
	return p;
}

#define SET_UP(...)	ASSERT_NE(NULL, self->p = set_up(&self->s, __VA_ARGS__))

static char *page(char *p, size_t n)
{
	return p + n * page_size();
}

static __u32 flags_of(const struct mmscope_event *e)
{
	return e->flags & ~MMSCOPE_F_VMA_LOCK;
}

static struct mmscope_stat stat_of(struct scope *s, __u32 mm)
{
	struct mmscope_stat stat;

	if (scope_stat(s->fd, mm, 0, &stat))
		abort();
	return stat;
}

static __u64 held(struct scope *s)
{
	struct mmscope_info info;

	return scope_info(s->fd, &info) ? -1ULL : info.held;
}

/* A child that runs @work and exits with what it returns */
static int in_child(int (*work)(void *), void *arg)
{
	pid_t pid = fork();

	if (!pid)
		_exit(work(arg));
	return wait_child(pid);
}

/* vmalloc */

static bool has_text(const char *p, size_t n)
{
	char want[64];
	int len = snprintf(want, sizeof(want), "mmscope vmalloc page %zu\n", n);

	return !memcmp(p, want, len) && scope_zero(p + len, p + page_size());
}

/* The first page without its text; @pages when all have it */
static size_t first_without_text(const char *p, size_t pages)
{
	size_t i;

	for (i = 0; i < pages; i++)
		if (!has_text(p + i * page_size(), i))
			break;
	return i;
}

TEST_F(backing, vmalloc_page_starts_with_its_text)
{
	SET_UP(MMSCOPE_VMALLOC, 0, PAGES);
	EXPECT_EQ((size_t)PAGES, first_without_text(self->p, PAGES));
	EXPECT_EQ((size_t)PAGES, scope_count(&self->s, MMSCOPE_FAULT));
}

TEST_F(backing, vmalloc_is_one_buffer_for_all_mappings)
{
	char *q;

	SET_UP(MMSCOPE_VMALLOC, 0, 16);
	q = scope_map_at(&self->s, 8, 8);
	ASSERT_NE(NULL, q);
	EXPECT_TRUE(has_text(q, 8));
	touch_write(page(self->p, 9) + 100, 'x');
	EXPECT_EQ('x', *(page(q, 1) + 100));
	ASSERT_EQ(0, munmap(self->p, 16 * page_size()));
	ASSERT_EQ(0, munmap(q, 8 * page_size()));
	q = scope_map_at(&self->s, 1, 9);
	ASSERT_NE(NULL, q);
	EXPECT_EQ('x', q[100]);
}

TEST_F(backing, vmalloc_takes_a_private_mapping)
{
	char *q;

	SET_UP(MMSCOPE_VMALLOC, 0, 16);
	q = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE, self->s.fd, 0);
	ASSERT_NE(MAP_FAILED, q);
	q[0] = 'X';
	EXPECT_EQ('m', self->p[0]);
	EXPECT_EQ('X', q[0]);
	EXPECT_EQ('m', q[1]);
}

static int vmalloc_is_there(void *p)
{
	return !has_text(page(p, 2), 2);
}

TEST_F(backing, vmalloc_is_the_same_for_a_child)
{
	SET_UP(MMSCOPE_VMALLOC, 0, 16);
	EXPECT_EQ(0, in_child(vmalloc_is_there, self->p));
}

/* pfn */

TEST_F(backing, pfn_faults_a_zeroed_page)
{
	struct mmscope_event *e;

	SET_UP(MMSCOPE_PFN, 0, PAGES);
	EXPECT_TRUE(scope_zero(page(self->p, 3), page(self->p, 4)));
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(MMSCOPE_F_READ | MMSCOPE_F_USER | MMSCOPE_F_SHARED, flags_of(e));
	EXPECT_EQ(3U, e->pgoff);
	EXPECT_EQ(1U, e->npages);
}

TEST_F(backing, pfn_first_write_is_asked_for)
{
	struct mmscope_event *e;

	SET_UP(MMSCOPE_PFN, 0, PAGES);
	touch_read(page(self->p, 3));
	EXPECT_EQ(0U, scope_count(&self->s, MMSCOPE_PFN_MKWRITE));
	touch_write(page(self->p, 3), 1);
	e = scope_only(&self->s, MMSCOPE_PFN_MKWRITE);
	ASSERT_NE(NULL, e);
	EXPECT_EQ((uintptr_t)page(self->p, 3), e->addr);
	EXPECT_EQ(3U, e->pgoff);
	EXPECT_NE(0U, e->flags & MMSCOPE_F_WRITE);
	EXPECT_EQ(MMSCOPE_CAUSE_USER, e->cause);
	touch_write(page(self->p, 3), 2);
	EXPECT_EQ(0U, scope_drain(&self->s));
	/* Written first: the same two questions, in two faults of the processor */
	touch_write(page(self->p, 4), 1);
	EXPECT_EQ(2U, scope_count(&self->s, MMSCOPE_FAULT));
	EXPECT_EQ(2U, scope_count(&self->s, MMSCOPE_PFN_MKWRITE));
}

TEST_F(backing, pfn_takes_no_private_writable_mapping)
{
	ASSERT_EQ(0, scope_setup(self->s.fd, MMSCOPE_PFN, 0, PAGES));
	errno = 0;
	EXPECT_EQ(MAP_FAILED, mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE,
				   self->s.fd, 0));
	EXPECT_EQ(EOPNOTSUPP, errno);
}

TEST_F(backing, pfn_never_becomes_private_and_writable)
{
	char *q;

	ASSERT_EQ(0, scope_setup(self->s.fd, MMSCOPE_PFN, 0, PAGES));
	errno = 0;
	q = mmap(NULL, page_size(), PROT_READ, MAP_PRIVATE, self->s.fd, 0);
	if (q == MAP_FAILED) {
		EXPECT_EQ(EOPNOTSUPP, errno);
		return;
	}
	errno = 0;
	EXPECT_EQ(-1, mprotect(q, page_size(), PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
}

TEST_F(backing, pfn_is_read_and_written_through_proc_mem)
{
	int fd = open("/proc/self/mem", O_RDWR);
	struct mmscope_event *e;
	char buf[200];

	ASSERT_LE(0, fd);
	SET_UP(MMSCOPE_PFN, 0, PAGES);
	memset(self->p, 'a', page_size());
	memset(page(self->p, 1), 'b', page_size());
	scope_skip(&self->s);
	ASSERT_EQ(5, pread(fd, buf, 5, (uintptr_t)self->p + 10));
	EXPECT_EQ(0, memcmp(buf, "aaaaa", 5));
	e = scope_only(&self->s, MMSCOPE_ACCESS);
	ASSERT_NE(NULL, e);
	EXPECT_EQ((uintptr_t)self->p + 10, e->addr);
	EXPECT_EQ(5U, e->npages);
	EXPECT_EQ(0U, e->pgoff);
	EXPECT_EQ(SYS_pread64, e->cause);
	EXPECT_NE(0U, e->flags & MMSCOPE_F_READ);
	EXPECT_NE(0U, e->flags & MMSCOPE_F_REMOTE);
	EXPECT_EQ(0U, e->flags & (MMSCOPE_F_WRITE | MMSCOPE_F_USER));
	/* Across the edge of a page, and into a page that nobody has touched */
	ASSERT_EQ(200, pread(fd, buf, 200, (uintptr_t)page(self->p, 1) - 100));
	EXPECT_EQ('a', buf[99]);
	EXPECT_EQ('b', buf[100]);
	ASSERT_EQ(200, pread(fd, buf, 200, (uintptr_t)page(self->p, 2) - 100));
	EXPECT_EQ('b', buf[99]);
	EXPECT_EQ(0, buf[100]);
	scope_skip(&self->s);
	ASSERT_EQ(3, pwrite(fd, "xyz", 3, (uintptr_t)page(self->p, 7) + 50));
	e = scope_only(&self->s, MMSCOPE_ACCESS);
	ASSERT_NE(NULL, e);
	EXPECT_NE(0U, e->flags & MMSCOPE_F_WRITE);
	EXPECT_EQ(SYS_pwrite64, e->cause);
	EXPECT_EQ(0, memcmp(page(self->p, 7) + 50, "xyz", 3));
	close(fd);
}

TEST_F(backing, pfn_access_ends_where_the_mapping_ends)
{
	int fd = open("/proc/self/mem", O_RDWR);
	char buf[64], *q;

	ASSERT_LE(0, fd);
	SET_UP(MMSCOPE_PFN, 0, PAGES);
	q = scope_reserve(2);
	ASSERT_EQ(q, mmap(q, page_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			  self->s.fd, (PAGES - 1) * page_size()));
	ASSERT_EQ(0, munmap(page(q, 1), page_size()));
	touch_write(page(q, 1) - 1, 'z');
	EXPECT_EQ(10, pread(fd, buf, 64, (uintptr_t)page(q, 1) - 10));
	EXPECT_EQ('z', buf[9]);
	close(fd);
}

TEST_F(backing, pfn_is_read_and_written_by_ptrace)
{
	struct mmscope_event *e;
	struct scope child;
	pid_t pid;
	long word;

	SET_UP(MMSCOPE_PFN, 0, PAGES);
	memcpy(page(self->p, 2) + 8, "mmscope", 8);
	pid = fork();
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	ASSERT_EQ(0, scope_open(&child));
	ASSERT_EQ(0, scope_attach(child.fd, pid, 0, MMSCOPE_ATTACH_NOW));
	errno = 0;
	word = ptrace(PTRACE_PEEKDATA, pid, page(self->p, 2) + 8, 0);
	EXPECT_EQ(0, errno);
	EXPECT_EQ(0, memcmp(&word, "mmscope", 8));
	e = scope_only(&child, MMSCOPE_ACCESS);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(8U, e->npages);
	EXPECT_EQ((uintptr_t)page(self->p, 2) + 8, e->addr);
	EXPECT_EQ(SYS_ptrace, e->cause);
	EXPECT_EQ(own_tid(), (pid_t)e->tid);
	EXPECT_NE(0U, e->flags & MMSCOPE_F_REMOTE);
	EXPECT_EQ(0, ptrace(PTRACE_POKEDATA, pid, page(self->p, 2) + 8, 0x21));
	EXPECT_EQ(0x21, page(self->p, 2)[8]);
	ptrace(PTRACE_CONT, pid, 0, 0);
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_EQ(0U, child.bad);
	scope_close(&child);
}

TEST_F(backing, pfn_cannot_be_pinned)
{
	struct iovec remote, iov;
	char buf[8];
	int fd[2];

	SET_UP(MMSCOPE_PFN, 0, PAGES);
	touch_write(self->p, 1);
	remote = (struct iovec){ self->p, 8 };
	iov = (struct iovec){ buf, 8 };
	errno = 0;
	EXPECT_EQ(-1, process_vm_readv(getpid(), &iov, 1, &remote, 1, 0));
	EXPECT_EQ(EFAULT, errno);
	ASSERT_EQ(0, pipe(fd));
	errno = 0;
	EXPECT_EQ(-1, vmsplice(fd[1], &remote, 1, 0));
	EXPECT_EQ(EFAULT, errno);
	/* Copying is no pinning */
	EXPECT_EQ(8, write(fd[1], self->p, 8));
	EXPECT_EQ(8, read(fd[0], page(self->p, 5), 8));
	EXPECT_EQ(1, *page(self->p, 5));
}

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

/* MKWRITE_NOTIFY */

TEST_F(backing, mkwrite_sees_the_first_write)
{
	struct mmscope_event *e;

	SET_UP(MMSCOPE_PAGE, MMSCOPE_MKWRITE_NOTIFY, PAGES);
	touch_read(page(self->p, 3));
	EXPECT_EQ(0U, scope_count(&self->s, MMSCOPE_MKWRITE));
	touch_write(page(self->p, 3), 5);
	e = scope_only(&self->s, MMSCOPE_MKWRITE);
	ASSERT_NE(NULL, e);
	EXPECT_EQ((uintptr_t)page(self->p, 3), e->addr);
	EXPECT_EQ(3U, e->pgoff);
	EXPECT_NE(0U, e->flags & MMSCOPE_F_WRITE);
	EXPECT_EQ(MMSCOPE_CAUSE_USER, e->cause);
	EXPECT_EQ(own_tid(), (pid_t)e->tid);
	EXPECT_TRUE(scope_is_touch(e->ip));
	touch_write(page(self->p, 3) + 1, 6);
	EXPECT_EQ(0U, scope_drain(&self->s));
	EXPECT_EQ(5, touch_read(page(self->p, 3)));
	EXPECT_EQ(1U, stat_of(&self->s, 0).events[MMSCOPE_MKWRITE]);
}

TEST_F(backing, mkwrite_comes_with_a_write_that_faults)
{
	SET_UP(MMSCOPE_PAGE, MMSCOPE_MKWRITE_NOTIFY, PAGES);
	touch_pages(self->p, 0, 4);
	EXPECT_EQ(4U, scope_count(&self->s, MMSCOPE_FAULT));
	EXPECT_EQ(4U, scope_count(&self->s, MMSCOPE_MKWRITE));
}

TEST_F(backing, mkwrite_by_the_kernel_has_its_cause)
{
	struct mmscope_event *e;
	int fd[2];

	SET_UP(MMSCOPE_PAGE, MMSCOPE_MKWRITE_NOTIFY, PAGES);
	touch_read(page(self->p, 3));
	ASSERT_EQ(0, pipe(fd));
	ASSERT_EQ(1, write(fd[1], "x", 1));
	ASSERT_EQ(1, read(fd[0], page(self->p, 3), 1));
	e = scope_only(&self->s, MMSCOPE_MKWRITE);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(SYS_read, e->cause);
	EXPECT_EQ('x', *page(self->p, 3));
}

TEST_F(backing, mkwrite_of_vmalloc)
{
	SET_UP(MMSCOPE_VMALLOC, MMSCOPE_MKWRITE_NOTIFY, 16);
	touch_read(page(self->p, 3));
	touch_write(page(self->p, 3), 'M');
	EXPECT_EQ(1U, scope_count(&self->s, MMSCOPE_MKWRITE));
	EXPECT_EQ('M', touch_read(page(self->p, 3)));
}

TEST_F(backing, mkwrite_with_eager_pages)
{
	SET_UP(MMSCOPE_PAGE, MMSCOPE_MKWRITE_NOTIFY | MMSCOPE_EAGER, 16);
	touch_pages(self->p, 0, 5);
	touch_pages(self->p, 0, 5);
	EXPECT_EQ(0U, scope_count(&self->s, MMSCOPE_FAULT));
	EXPECT_EQ(5U, scope_count(&self->s, MMSCOPE_MKWRITE));
}

/* GROWABLE */

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

static int touch_and_split(void *p)
{
	touch_pages(p, 0, 16);
	return munmap(page(p, 4), 4 * page_size());
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

/* DROP */

TEST_F(backing, drop_frees_a_page_that_nobody_maps)
{
	char *q;

	SET_UP(MMSCOPE_PAGE, MMSCOPE_DROP, PAGES);
	memset(self->p, 0x77, 8 * page_size());
	EXPECT_EQ(8U, held(&self->s));
	ASSERT_EQ(0, munmap(page(self->p, 2), 3 * page_size()));
	EXPECT_EQ(5U, held(&self->s));
	ASSERT_EQ(0, munmap(self->p, PAGES * page_size()));
	EXPECT_EQ(0U, held(&self->s));
	q = scope_map(&self->s, PAGES);
	ASSERT_NE(NULL, q);
	EXPECT_TRUE(scope_zero(q, page(q, 8)));
}

TEST_F(backing, without_drop_a_page_stays)
{
	char *q;

	SET_UP(MMSCOPE_PAGE, 0, PAGES);
	memset(self->p, 0x77, 8 * page_size());
	ASSERT_EQ(0, munmap(self->p, PAGES * page_size()));
	EXPECT_EQ(8U, held(&self->s));
	q = scope_map(&self->s, PAGES);
	ASSERT_NE(NULL, q);
	EXPECT_EQ(0x77, touch_read(page(q, 7)));
}

TEST_F(backing, drop_waits_for_the_last_mapping)
{
	char *q;

	SET_UP(MMSCOPE_PAGE, MMSCOPE_DROP, PAGES);
	touch_write(page(self->p, 3), 3);
	q = scope_map_at(&self->s, PAGES, 0);
	ASSERT_NE(NULL, q);
	EXPECT_EQ(3, touch_read(page(q, 3)));
	ASSERT_EQ(0, munmap(self->p, PAGES * page_size()));
	EXPECT_EQ(1U, held(&self->s));
	EXPECT_EQ(3, touch_read(page(q, 3)));
	ASSERT_EQ(0, munmap(q, PAGES * page_size()));
	EXPECT_EQ(0U, held(&self->s));
}

TEST_F(backing, drop_keeps_what_a_child_maps)
{
	int ready = sema(), go = sema();
	pid_t pid;

	SET_UP(MMSCOPE_PAGE, MMSCOPE_DROP, PAGES);
	touch_pages(self->p, 0, 4);
	pid = fork();
	if (!pid) {
		touch_read(page(self->p, 1));
		sema_post(ready);
		sema_wait(go);
		_exit(touch_read(page(self->p, 1)) != 1);
	}
	sema_wait(ready);
	ASSERT_EQ(0, munmap(self->p, PAGES * page_size()));
	EXPECT_EQ(1U, held(&self->s));
	sema_post(go);
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_EQ(0U, held(&self->s));
}

TEST_F(backing, drop_keeps_what_moves)
{
	char *q = scope_reserve(8);

	SET_UP(MMSCOPE_PAGE, MMSCOPE_DROP, PAGES);
	memset(self->p, 0x55, 8 * page_size());
	ASSERT_EQ(q, mremap(self->p, 8 * page_size(), 8 * page_size(),
			    MREMAP_MAYMOVE | MREMAP_FIXED, q));
	EXPECT_EQ(8U, held(&self->s));
	EXPECT_EQ(0x55, touch_read(page(q, 7)));
	ASSERT_EQ(0, munmap(q, 8 * page_size()));
	EXPECT_EQ(0U, held(&self->s));
}

/* VETO */

TEST_F(backing, veto_refuses_what_would_split)
{
	struct scope_vma vma[4];
	char *q = scope_reserve(4);

	SET_UP(MMSCOPE_PAGE, MMSCOPE_VETO, 16);
	touch_pages(self->p, 0, 16);
	scope_skip(&self->s);
	errno = 0;
	EXPECT_EQ(-1, munmap(page(self->p, 4), 4 * page_size()));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_STORY(&self->s, "munmap: may_split 0-16 at 4, refused\n");
	errno = 0;
	EXPECT_EQ(-1, madvise(page(self->p, 4), 4 * page_size(), MADV_SEQUENTIAL));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_STORY(&self->s, "madvise: may_split 0-16 at 4, refused\n");
	errno = 0;
	EXPECT_EQ(MAP_FAILED, mremap(page(self->p, 4), 4 * page_size(), 4 * page_size(),
				     MREMAP_MAYMOVE | MREMAP_FIXED, q));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_STORY(&self->s, "mremap: may_split 0-16 at 4, refused\n");
	errno = 0;
	EXPECT_EQ(MAP_FAILED, mmap(page(self->p, 12), 4 * page_size(), PROT_READ,
				   MAP_SHARED | MAP_FIXED, self->s.fd, 0));
	EXPECT_NE(0, errno);
	EXPECT_STORY(&self->s, "mmap: may_split 0-16 at 12, refused\n");
	/* Nothing is lost */
	EXPECT_EQ(16, scope_present(self->p, 16));
	ASSERT_EQ(1, scope_maps(0, vma, 4));
	EXPECT_EQ((uintptr_t)self->p, vma[0].start);
	EXPECT_EQ((uintptr_t)page(self->p, 16), vma[0].end);
	EXPECT_EQ(1U, stat_of(&self->s, 0).vmas);
	ASSERT_EQ(0, munmap(self->p, 16 * page_size()));
	EXPECT_STORY(&self->s, "munmap: unmap 0-16, 16 given back\n");
}

TEST_F(backing, veto_of_mprotect_comes_after_the_question)
{
	SET_UP(MMSCOPE_PAGE, MMSCOPE_VETO, 16);
	errno = 0;
	EXPECT_EQ(-1, mprotect(page(self->p, 4), 4 * page_size(), PROT_READ));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_STORY(&self->s,
		     "mprotect: mprotect 4-8 r--s\n"
		     "mprotect: may_split 0-16 at 4, refused\n");
	/* The rights are what they were */
	EXPECT_EQ(0, try_write(page(self->p, 5)));
	ASSERT_EQ(0, mprotect(self->p, 16 * page_size(), PROT_READ));
	EXPECT_EQ(SIGSEGV, try_write(page(self->p, 5)));
}

/* error_nth and delay_us */

static int set_up_limits(int fd, __u32 error_nth, __u32 delay_us, __u64 flags)
{
	struct mmscope_setup setup = {
		.size = sizeof(setup),
		.flags = flags,
		.pages = PAGES,
		.error_nth = error_nth,
		.delay_us = delay_us,
	};

	return ioctl(fd, MMSCOPE_SETUP, &setup);
}

TEST_F(backing, every_nth_fault_is_sigbus)
{
	size_t i, failed = 0, wrong = 0;
	struct mmscope_stat stat;

	ASSERT_EQ(0, set_up_limits(self->s.fd, 3, 0, 0));
	self->p = scope_map(&self->s, PAGES);
	ASSERT_NE(NULL, self->p);
	for (i = 0; i < 30; i++) {
		int sig = try_write(page(self->p, i));

		failed += sig == SIGBUS;
		wrong += sig && sig != SIGBUS;
		/* Not there: the next attempt is another fault */
		if (sig)
			wrong += !!try_write(page(self->p, i));
	}
	EXPECT_EQ(0U, wrong);
	/* 30 pages got in, and of all faults every third did not */
	EXPECT_EQ(14U, failed);
	scope_drain(&self->s);
	for (i = 0; i < self->s.nr; i++) {
		struct mmscope_event *e = self->s.ev + i;

		if (e->type == MMSCOPE_FAULT && e->npages != !(e->flags & MMSCOPE_F_ERROR))
			wrong++;
	}
	EXPECT_EQ(0U, wrong);
	stat = stat_of(&self->s, 0);
	EXPECT_EQ(failed, stat.error);
	EXPECT_EQ(30U, stat.touched);
	EXPECT_EQ(30 + failed, stat.events[MMSCOPE_FAULT]);
}

TEST_F(backing, first_fault_can_fail)
{
	struct mmscope_event *e;
	int fd[2];

	ASSERT_EQ(0, set_up_limits(self->s.fd, 1, 0, 0));
	self->p = scope_map(&self->s, PAGES);
	ASSERT_NE(NULL, self->p);
	scope_skip(&self->s);
	EXPECT_EQ(SIGBUS, try_read(self->p));
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(MMSCOPE_F_READ | MMSCOPE_F_USER | MMSCOPE_F_SHARED | MMSCOPE_F_ERROR,
		  flags_of(e));
	EXPECT_EQ(0U, e->npages);
	EXPECT_EQ(0U, held(&self->s));
	/* The kernel gets an error instead of a signal */
	ASSERT_EQ(0, pipe(fd));
	errno = 0;
	EXPECT_EQ(-1, write(fd[1], self->p, 1));
	EXPECT_EQ(EFAULT, errno);
}

TEST_F(backing, delay_makes_a_fault_slow)
{
	__u64 before;

	ASSERT_EQ(0, set_up_limits(self->s.fd, 0, 30000, MMSCOPE_LATENCY));
	self->p = scope_map(&self->s, PAGES);
	ASSERT_NE(NULL, self->p);
	before = now_ns();
	touch_write(self->p, 1);
	EXPECT_LE(30000000U, now_ns() - before);
	scope_drain(&self->s);
	EXPECT_LE(30000000U, scope_last(&self->s, MMSCOPE_FAULT)->ns);
}

TEST_F(backing, delayed_fault_can_be_killed)
{
	__u64 before = now_ns();
	pid_t pid;
	size_t i;

	ASSERT_EQ(0, set_up_limits(self->s.fd, 0, 1000000, 0));
	self->p = scope_map(&self->s, PAGES);
	ASSERT_NE(NULL, self->p);
	for (i = 0; i < 10; i++) {
		pid = fork();
		if (!pid) {
			touch_pages(self->p, 0, 20);
			_exit(0);
		}
		kill(pid, SIGKILL);
		EXPECT_EQ(128 + SIGKILL, wait_child(pid));
	}
	/* One that does sleep in the fault: it has told so by not going on */
	pid = fork();
	if (!pid) {
		touch_pages(self->p, 0, 20);
		_exit(0);
	}
	while (now_ns() - before < 200000000)
		sched_yield();
	kill(pid, SIGKILL);
	EXPECT_EQ(128 + SIGKILL, wait_child(pid));
	EXPECT_GT(10000000000ULL, now_ns() - before);
}

/* COUNT, QUIET and LATENCY */

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

TEST_F(backing, latency_is_in_the_record_and_in_the_histogram)
{
	__u64 bucket[32] = { 0 }, sum = 0, zero = 0;
	struct mmscope_stat stat;
	size_t i;

	SET_UP(MMSCOPE_PAGE, MMSCOPE_LATENCY, PAGES);
	touch_pages(self->p, 0, PAGES);
	scope_drain(&self->s);
	for (i = 0; i < self->s.nr; i++) {
		if (self->s.ev[i].type != MMSCOPE_FAULT)
			continue;
		zero += !self->s.ev[i].ns;
		sum += self->s.ev[i].ns;
		bucket[bucket_of(self->s.ev[i].ns) % 32]++;
	}
	stat = stat_of(&self->s, 0);
	EXPECT_EQ(sum, stat.ns);
	EXPECT_EQ(0, memcmp(bucket, stat.latency, sizeof(bucket)));
	/* A clock that stands still would give nothing but zeroes */
	EXPECT_LT(0U, sum);
	EXPECT_GT((__u64)PAGES, zero);
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
