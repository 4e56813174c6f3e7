// SPDX-License-Identifier: GPL-2.0
/* What flags let a driver do: see the first write, free, refuse, fail and be late */
#include "backing.h"

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

/* A child reads a page, and this process writes it there, as a debugger does */
TEST_F(backing, mkwrite_by_another_process_is_remote)
{
	int ready = sema(), go = sema(), mem;
	struct mmscope_event *e;
	char path[64];
	pid_t pid;

	SET_UP(MMSCOPE_PAGE, MMSCOPE_MKWRITE_NOTIFY, PAGES);
	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, MMSCOPE_ATTACH_FOLLOW));
	pid = fork();
	if (!pid) {
		touch_read(page(self->p, 3));
		sema_post(ready);
		sema_wait(go);
		_exit(touch_read(page(self->p, 3)) != 'r');
	}
	sema_wait(ready);
	scope_skip(&self->s);
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	mem = open(path, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, mem);
	EXPECT_EQ(1, pwrite(mem, "r", 1, (uintptr_t)page(self->p, 3)));
	close(mem);
	e = scope_only(&self->s, MMSCOPE_MKWRITE);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(MMSCOPE_F_WRITE | MMSCOPE_F_SHARED | MMSCOPE_F_REMOTE, flags_of(e));
	EXPECT_EQ(MMSCOPE_CAUSE_REMOTE, e->cause);
	EXPECT_EQ(0U, e->tid);
	EXPECT_EQ(0U, e->ip);
	EXPECT_NE(scope_mm(self->s.fd), e->mm);
	sema_post(go);
	EXPECT_EQ(0, wait_child(pid));
}

TEST_F(backing, mkwrite_of_a_quiet_mapping_is_not_told)
{
	SET_UP(MMSCOPE_PAGE, MMSCOPE_MKWRITE_NOTIFY | MMSCOPE_QUIET, 16);
	touch_read(page(self->p, 3));
	touch_write(page(self->p, 3), 'q');
	EXPECT_EQ(0U, scope_drain(&self->s));
	EXPECT_EQ(0U, stat_of(&self->s, 0).events[MMSCOPE_MKWRITE]);
	EXPECT_EQ('q', touch_read(page(self->p, 3)));
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

TEST_HARNESS_MAIN
