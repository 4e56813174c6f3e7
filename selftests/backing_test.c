// SPDX-License-Identifier: GPL-2.0
/* What backs a mapping; what is common to all kinds is in the other programs */
#include "backing.h"

#include <sys/ptrace.h>
#include <sys/uio.h>

/* Whether all bytes of a page are this one */
static bool is_filled(const char *p, char with)
{
	return *p == with && !memcmp(p, p + 1, page_size() - 1);
}

/* page */

TEST_F(backing, page_that_nobody_maps_is_nobody_elses)
{
	char *other;
	size_t i;

	SET_UP(MMSCOPE_PAGE, 0, PAGES);
	for (i = 0; i < PAGES; i++)
		memset(page(self->p, i), 'A' + i, page_size());
	ASSERT_EQ(0, munmap(self->p, PAGES * page_size()));
	/* What a CPU has freed last is what it takes first */
	other = mmap(NULL, 8 * PAGES * page_size(), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, other);
	memset(other, 0, 8 * PAGES * page_size());
	self->p = scope_map_at(&self->s, PAGES, 0);
	ASSERT_NE(NULL, self->p);
	for (i = 0; i < PAGES; i++)
		EXPECT_TRUE(is_filled(page(self->p, i), 'A' + i)) TH_LOG("page %zu", i);
	memset(self->p, 1, PAGES * page_size());
	EXPECT_TRUE(scope_zero(other, other + 8 * PAGES * page_size()));
	munmap(other, 8 * PAGES * page_size());
}

/* vmalloc */

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
	__u32 vma;

	ASSERT_LE(0, fd);
	SET_UP(MMSCOPE_PFN, 0, PAGES);
	vma = scope_nth(&self->s, MMSCOPE_MMAP, 0)->vma;
	memset(self->p, 'a', page_size());
	memset(page(self->p, 1), 'b', page_size());
	scope_skip(&self->s);
	ASSERT_EQ(5, pread(fd, buf, 5, (uintptr_t)self->p + 10));
	EXPECT_EQ(0, memcmp(buf, "aaaaa", 5));
	e = scope_only(&self->s, MMSCOPE_ACCESS);
	ASSERT_NE(NULL, e);
	EXPECT_EQ((uintptr_t)self->p + 10, e->addr);
	EXPECT_EQ(vma, e->vma);
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
	EXPECT_EQ(MMSCOPE_CAUSE_REMOTE, e->cause);
	EXPECT_EQ(0U, e->tid);
	EXPECT_EQ(0U, e->ip);
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

TEST_HARNESS_MAIN
