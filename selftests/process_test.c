// SPDX-License-Identifier: GPL-2.0
/* What becomes of VMAs when their process forks, executes a program, or ends */
#include "vma.h"

/* A child that waits: for its log to be opened, and then for its end */
struct child {
	struct scope s;
	pid_t pid;
	int ready;
	int go;
};

static pid_t child_fork(struct child *c)
{
	memset(c, 0, sizeof(*c));
	c->ready = sema();
	c->go = sema();
	c->pid = fork();
	return c->pid;
}

/* Opens the log of the child that @s has just forked */
static int child_attach(struct child *c, struct scope *s)
{
	struct mmscope_event *e = scope_last(s, MMSCOPE_FORK);
	int err;

	if (!e || c->pid < 0)
		return -1;
	err = scope_open(&c->s);
	if (!err)
		err = scope_attach(c->s.fd, 0, e->aux, 0);
	memcpy(c->s.area, s->area, sizeof(s->area));
	c->s.areas = s->areas;
	return err;
}

static void child_pause(struct child *c)
{
	sema_post(c->ready);
	sema_wait(c->go);
}

static int child_end(struct child *c)
{
	sema_post(c->go);
	return wait_child(c->pid);
}

static void child_close(struct __test_metadata *_metadata, struct child *c)
{
	EXPECT_EQ(0U, c->s.bad);
	scope_close(&c->s);
}

TEST_F(vma, fork_opens_child_vma)
{
	struct mmscope_event *e, *forked;
	struct child c;

	if (!child_fork(&c)) {
		sema_wait(c.go);
		_exit(0);
	}
	EXPECT_STORY(&self->s, "fork: fork\n");
	forked = scope_last(&self->s, MMSCOPE_FORK);
	ASSERT_NE(NULL, forked);
	EXPECT_EQ(own_tid(), (pid_t)forked->tid);
	EXPECT_EQ(scope_mm(self->s.fd), forked->mm);
	EXPECT_NE(forked->mm, forked->aux);
	ASSERT_EQ(0, child_attach(&c, &self->s));
	EXPECT_STORY(&c.s, "fork: dup 0-16 rw-s of 0, 0 copied\n");
	e = scope_last(&c.s, MMSCOPE_DUP);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(forked->aux, e->mm);
	EXPECT_EQ(self->id, e->parent);
	EXPECT_NE(self->id, e->vma);
	EXPECT_EQ(own_tid(), (pid_t)e->tid);
	EXPECT_LE(forked->time_ns, e->time_ns);
	EXPECT_EQ(0, child_end(&c));
	child_close(_metadata, &c);
}

TEST_F(vma, fork_opens_every_vma)
{
	struct child c;

	ASSERT_EQ(0, unmap(self->p, 4, 8));
	ASSERT_EQ(0, mprotect(page(self->p, 12), 4 * page_size(), PROT_READ));
	scope_skip(&self->s);
	if (!child_fork(&c)) {
		sema_wait(c.go);
		_exit(0);
	}
	ASSERT_EQ(0, child_attach(&c, &self->s));
	EXPECT_STORY(&c.s,
		     "fork: dup 0-4 rw-s of 0, 0 copied\n"
		     "fork: dup 8-12 rw-s of 8, 0 copied\n"
		     "fork: dup 12-16 r--s of 12, 0 copied\n");
	EXPECT_EQ(0, child_end(&c));
	EXPECT_STORY(&c.s,
		     "teardown: unmap 0-4, 0 given back, partial\n"
		     "teardown: unmap 8-12, 0 given back, partial\n"
		     "teardown: unmap 12-16, 0 given back\n"
		     "teardown: end\n");
	child_close(_metadata, &c);
}

TEST_F(vma, fork_leaves_out_what_is_not_to_be_copied)
{
	struct child c;

	ASSERT_EQ(0, madvise(page(self->p, 4), 4 * page_size(), MADV_DONTFORK));
	scope_skip(&self->s);
	if (!child_fork(&c)) {
		sema_wait(c.go);
		_exit(try_read(page(self->p, 5)) != SIGSEGV);
	}
	ASSERT_EQ(0, child_attach(&c, &self->s));
	EXPECT_STORY(&c.s,
		     "fork: dup 0-4 rw-s of 0, 0 copied\n"
		     "fork: dup 8-16 rw-s of 8, 0 copied\n");
	EXPECT_EQ(0, child_end(&c));
	child_close(_metadata, &c);
}

TEST_F(vma, dofork_takes_back_dontfork_on_some_kernels)
{
	struct child c;

	ASSERT_EQ(0, madvise(self->p, 16 * page_size(), MADV_DONTFORK));
	errno = 0;
	if (madvise(self->p, 16 * page_size(), MADV_DOFORK)) {
		EXPECT_EQ(EINVAL, errno);
		EXPECT_TRUE(kernel_at_least(6, 13));
		return;
	}
	scope_skip(&self->s);
	if (!child_fork(&c)) {
		sema_wait(c.go);
		_exit(try_read(page(self->p, 5)));
	}
	ASSERT_EQ(0, child_attach(&c, &self->s));
	EXPECT_STORY(&c.s, "fork: dup 0-16 rw-s of 0, 0 copied\n");
	EXPECT_EQ(0, child_end(&c));
	EXPECT_STORY(&c.s, "teardown: unmap 0-16, 1 given back\nteardown: end\n");
	child_close(_metadata, &c);
}

TEST_F(vma, fork_copies_pages_of_a_written_private_mapping)
{
	struct mmscope_event *e;
	struct child c;
	char *q;

	q = mmap(NULL, 8 * page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE, self->s.fd, 0);
	ASSERT_NE(MAP_FAILED, q);
	scope_area(&self->s, "q", q, 8);
	touch_pages(q, 0, 3);
	if (!child_fork(&c)) {
		sema_wait(c.go);
		read_pages(q, 0, 8);
		_exit(0);
	}
	ASSERT_EQ(0, child_attach(&c, &self->s));
	scope_drain(&c.s);
	e = scope_nth(&c.s, MMSCOPE_DUP, 0);
	ASSERT_NE(NULL, e);
	/* VMAs come in the order of addresses, and this one is not the first mapped */
	if (e->start != (uintptr_t)q)
		e = scope_nth(&c.s, MMSCOPE_DUP, 1);
	ASSERT_NE(NULL, e);
	EXPECT_EQ((uintptr_t)q, e->start);
	EXPECT_EQ(3U, e->pages);
	EXPECT_EQ(0, child_end(&c));
	EXPECT_EQ(5U, scope_count(&c.s, MMSCOPE_FAULT));
	child_close(_metadata, &c);
}

TEST_F(vma, exit_closes_and_ends)
{
	struct mmscope_event *e;
	struct child c;

	if (!child_fork(&c)) {
		touch_pages(self->p, 0, 3);
		child_pause(&c);
		_exit(7);
	}
	ASSERT_EQ(0, child_attach(&c, &self->s));
	sema_wait(c.ready);
	scope_skip(&c.s);
	EXPECT_EQ(7, child_end(&c));
	EXPECT_STORY(&c.s, "teardown: unmap 0-16, 3 given back\nteardown: end\n");
	e = scope_last(&c.s, MMSCOPE_END);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(0U, e->vma);
	EXPECT_EQ(c.pid, (pid_t)e->tid);
	EXPECT_STORY(&self->s, "fork: fork\n");
	child_close(_metadata, &c);
}

TEST_F(vma, kill_closes_and_ends)
{
	struct child c;

	if (!child_fork(&c)) {
		touch_pages(self->p, 0, 3);
		child_pause(&c);
		_exit(0);
	}
	ASSERT_EQ(0, child_attach(&c, &self->s));
	sema_wait(c.ready);
	scope_skip(&c.s);
	ASSERT_EQ(0, kill(c.pid, SIGKILL));
	EXPECT_EQ(128 + SIGKILL, wait_child(c.pid));
	EXPECT_STORY(&c.s, "teardown: unmap 0-16, 3 given back\nteardown: end\n");
	child_close(_metadata, &c);
}

TEST_F(vma, exec_closes_and_ends)
{
	struct child c;

	if (!child_fork(&c)) {
		touch_pages(self->p, 0, 3);
		child_pause(&c);
		/* This program again, to say what tests there are */
		dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
		execl("/proc/self/exe", "process_test", "-l", NULL);
		_exit(99);
	}
	ASSERT_EQ(0, child_attach(&c, &self->s));
	sema_wait(c.ready);
	scope_skip(&c.s);
	EXPECT_EQ(KSFT_SKIP, child_end(&c));
	EXPECT_STORY(&c.s, "teardown: unmap 0-16, 3 given back\nteardown: end\n");
	EXPECT_EQ(c.pid, (pid_t)scope_last(&c.s, MMSCOPE_END)->tid);
	child_close(_metadata, &c);
}

TEST_F(vma, munmap_in_the_child_is_the_childs)
{
	struct child c;

	if (!child_fork(&c)) {
		touch_pages(self->p, 0, 3);
		unmap(self->p, 2, 6);
		child_pause(&c);
		_exit(0);
	}
	ASSERT_EQ(0, child_attach(&c, &self->s));
	sema_wait(c.ready);
	EXPECT_STORY(&c.s,
		     "fork: dup 0-16 rw-s of 0, 0 copied\n"
		     "munmap: may_split 0-16 at 2\n"
		     "munmap: split 0-16 at 2\n"
		     "munmap: may_split 2-16 at 6\n"
		     "munmap: split 2-16 at 6\n"
		     "munmap: unmap 2-6, 1 given back, partial\n");
	EXPECT_STORY(&self->s, "fork: fork\n");
	EXPECT_EQ(0, child_end(&c));
	child_close(_metadata, &c);
	/* The parent's pages are where they were */
	ASSERT_EQ(0, unmap(self->p, 0, 16));
	EXPECT_STORY(&self->s, "munmap: unmap 0-16, 4 given back\n");
}

TEST_F(vma, end_is_of_the_mm_not_of_its_last_mapping)
{
	ASSERT_EQ(0, unmap(self->p, 0, 16));
	EXPECT_EQ(0U, scope_count(&self->s, MMSCOPE_END));
	EXPECT_NE(NULL, scope_map(&self->s, 1));
	EXPECT_EQ(0U, scope_count(&self->s, MMSCOPE_END));
}

TEST_F(vma, fork_without_a_mapping_leaves_no_record)
{
	pid_t pid;

	ASSERT_EQ(0, unmap(self->p, 0, 16));
	scope_skip(&self->s);
	pid = fork();
	if (!pid)
		_exit(0);
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_STORY(&self->s, "");
}

TEST_HARNESS_MAIN
