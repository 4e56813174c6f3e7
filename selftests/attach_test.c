// SPDX-License-Identifier: GPL-2.0
/*
 * Whose log a file reads: its opener's, or by ATTACH another's, for those who may; and what STAT
 * says of the living, the idle and the dead.
 */
#include "scope.h"

#include <linux/capability.h>
#include <sys/prctl.h>

FIXTURE(attach)
{
	struct scope s;
	int ready;
	int go;
};

FIXTURE_SETUP(attach)
{
	int err = scope_open(&self->s);

	if (scope_missing(err))
		SKIP(return, "%s", scope_missing(err));
	ASSERT_EQ(0, err);
	self->ready = sema();
	self->go = sema();
}

FIXTURE_TEARDOWN(attach)
{
	EXPECT_EQ(0U, self->s.bad);
	EXPECT_TRUE(scope_adds_up(self->s.fd));
	scope_close(&self->s);
}

/*
 * A child with a store of its own, of which it has touched @pages; it waits, and exits with 0.
 * Through @mm it tells the id of its mm.
 */
static pid_t spawn_mapper(int ready, int go, size_t pages)
{
	struct scope s;
	pid_t pid = fork();
	char *p;

	if (pid)
		return pid;
	if (scope_open(&s))
		_exit(121);
	p = scope_map(&s, 16);
	if (!p)
		_exit(122);
	touch_pages(p, 0, pages);
	sema_post(ready);
	sema_wait(go);
	_exit(0);
}

static size_t count_mm(struct scope *s, __u32 mm, unsigned int type)
{
	size_t i, n = 0;

	scope_drain(s);
	for (i = 0; i < s->nr; i++)
		n += s->ev[i].mm == mm && s->ev[i].type == type;
	return n;
}

static int attach_errno(int fd, pid_t pid, __u32 mm)
{
	return scope_attach(fd, pid, mm, 0) ? errno : 0;
}

static int stat_errno(int fd, __u32 mm, __u32 flags)
{
	struct mmscope_stat stat;

	return scope_stat(fd, mm, flags, &stat) ? errno : 0;
}

TEST_F(attach, to_oneself_by_pid_and_by_id)
{
	__u32 mm = scope_mm(self->s.fd);

	ASSERT_NE(NULL, scope_map(&self->s, 4));
	ASSERT_EQ(0, scope_attach(self->s.fd, getpid(), 0, 0));
	EXPECT_EQ(mm, scope_mm(self->s.fd));
	EXPECT_EQ(1U, scope_count(&self->s, MMSCOPE_MMAP));
	ASSERT_EQ(0, scope_attach(self->s.fd, 0, mm, 0));
	EXPECT_EQ(mm, scope_mm(self->s.fd));
	EXPECT_EQ(2U, scope_count(&self->s, MMSCOPE_MMAP));
}

TEST_F(attach, to_another_process_by_pid)
{
	pid_t pid = spawn_mapper(self->ready, self->go, 3);
	__u32 mm = scope_mm(self->s.fd);

	sema_wait(self->ready);
	ASSERT_EQ(0, scope_attach(self->s.fd, pid, 0, 0));
	EXPECT_NE(mm, scope_mm(self->s.fd));
	EXPECT_EQ(3U, scope_count(&self->s, MMSCOPE_FAULT));
	EXPECT_EQ(3U, count_mm(&self->s, scope_mm(self->s.fd), MMSCOPE_FAULT));
	EXPECT_EQ(pid, (pid_t)scope_last(&self->s, MMSCOPE_FAULT)->tid);
	EXPECT_EQ(pid, (pid_t)scope_last(&self->s, MMSCOPE_NAME)->tgid);
	sema_post(self->go);
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_EQ(1U, scope_count(&self->s, MMSCOPE_END));
	/* And back */
	ASSERT_EQ(0, scope_attach(self->s.fd, getpid(), 0, 0));
	EXPECT_EQ(mm, scope_mm(self->s.fd));
}

TEST_F(attach, to_another_process_by_id)
{
	pid_t pid = spawn_mapper(self->ready, self->go, 3);
	struct scope other;
	__u32 mm;

	sema_wait(self->ready);
	ASSERT_EQ(0, scope_open(&other));
	ASSERT_EQ(0, scope_attach(other.fd, pid, 0, 0));
	mm = scope_mm(other.fd);
	ASSERT_EQ(0, scope_attach(self->s.fd, 0, mm, 0));
	EXPECT_EQ(mm, scope_mm(self->s.fd));
	EXPECT_EQ(3U, scope_count(&self->s, MMSCOPE_FAULT));
	sema_post(self->go);
	EXPECT_EQ(0, wait_child(pid));
	scope_close(&other);
}

TEST_F(attach, before_the_process_maps_anything)
{
	struct scope child;
	pid_t pid = fork();

	if (!pid) {
		sema_wait(self->go);
		if (scope_open(&child) || !scope_map(&child, 4))
			_exit(1);
		_exit(0);
	}
	ASSERT_EQ(0, scope_attach(self->s.fd, pid, 0, 0));
	EXPECT_EQ(0U, scope_count(&self->s, MMSCOPE_MMAP));
	sema_post(self->go);
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_EQ(1U, scope_count(&self->s, MMSCOPE_MMAP));
	EXPECT_EQ(1U, scope_count(&self->s, MMSCOPE_END));
}

TEST_F(attach, to_nobody_is_esrch)
{
	__u32 mm = scope_mm(self->s.fd);
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	ASSERT_EQ(0, wait_child(pid));
	EXPECT_EQ(ESRCH, attach_errno(self->s.fd, pid, 0));
	EXPECT_EQ(ESRCH, attach_errno(self->s.fd, 0, mm + 100000));
	EXPECT_EQ(ESRCH, attach_errno(self->s.fd, 0, UINT_MAX));
	/* Refused: the file reads what it read */
	EXPECT_EQ(mm, scope_mm(self->s.fd));
}

TEST_F(attach, to_a_kernel_thread_is_esrch)
{
	char name[64] = "";
	FILE *f = fopen("/proc/2/comm", "re");

	if (!f || !fgets(name, sizeof(name), f) || strcmp(name, "kthreadd\n"))
		SKIP(return, "process 2 is no kernel thread here");
	fclose(f);
	EXPECT_EQ(ESRCH, attach_errno(self->s.fd, 2, 0));
}

TEST_F(attach, to_a_zombie_is_esrch)
{
	siginfo_t info;
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	ASSERT_EQ(0, waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	EXPECT_EQ(ESRCH, attach_errno(self->s.fd, pid, 0));
	EXPECT_EQ(0, wait_child(pid));
}

TEST_F(attach, without_the_right_to_trace_is_eperm)
{
	pid_t parent = getpid(), pid;
	__u32 mm = scope_mm(self->s.fd);

	ASSERT_NE(NULL, scope_map(&self->s, 1));
	pid = fork();
	if (!pid) {
		struct mmscope_info info;

		become_nobody();
		/* The descriptor it was given reads on */
		if (scope_info(self->s.fd, &info) || info.mm != mm)
			_exit(1);
		/* Its own mm it may always read */
		if (attach_errno(self->s.fd, getpid(), 0))
			_exit(2);
		if (scope_mm(self->s.fd) == mm)
			_exit(3);
		if (attach_errno(self->s.fd, parent, 0) != EPERM)
			_exit(4);
		if (attach_errno(self->s.fd, 0, mm) != EPERM)
			_exit(5);
		if (attach_errno(self->s.fd, 1, 0) != EPERM)
			_exit(6);
		if (scope_mm(self->s.fd) == mm)
			_exit(7);
		/* To start again is no other mm */
		if (attach_errno(self->s.fd, 0, 0))
			_exit(8);
		_exit(0);
	}
	EXPECT_EQ(0, wait_child(pid));
	ASSERT_EQ(0, scope_attach(self->s.fd, parent, 0, 0));
}

TEST_F(attach, stat_without_the_right_to_trace_is_eperm)
{
	pid_t pid = spawn_mapper(self->ready, self->go, 1), nobody;
	struct scope other;
	__u32 mm;

	sema_wait(self->ready);
	ASSERT_EQ(0, scope_open(&other));
	ASSERT_EQ(0, scope_attach(other.fd, pid, 0, 0));
	mm = scope_mm(other.fd);
	EXPECT_EQ(0, stat_errno(self->s.fd, mm, 0));
	nobody = fork();
	if (!nobody) {
		struct mmscope_stat stat;

		become_nobody();
		if (stat_errno(self->s.fd, mm, 0) != EPERM)
			_exit(1);
		/* NEXT passes over what may not be seen */
		memset(&stat, 0, sizeof(stat));
		stat.mm = 1;
		while (!scope_stat(self->s.fd, stat.mm, MMSCOPE_STAT_NEXT, &stat)) {
			if (stat.mm == mm)
				_exit(2);
			stat.mm++;
		}
		_exit(errno == ESRCH ? 0 : 3);
	}
	EXPECT_EQ(0, wait_child(nobody));
	sema_post(self->go);
	EXPECT_EQ(0, wait_child(pid));
	/* Nor of the dead */
	nobody = fork();
	if (!nobody) {
		become_nobody();
		_exit(stat_errno(self->s.fd, mm, 0) != EPERM);
	}
	EXPECT_EQ(0, wait_child(nobody));
	EXPECT_EQ(0, stat_errno(self->s.fd, mm, 0));
	scope_close(&other);
}

struct waiter {
	int fd;
	int ready;
	pid_t tid;
	ssize_t got;
	struct mmscope_event buf[32];
};

static void *wait_for_record(void *arg)
{
	struct waiter *w = arg;

	w->tid = own_tid();
	sema_post(w->ready);
	w->got = read(w->fd, w->buf, sizeof(w->buf));
	return NULL;
}

TEST_F(attach, wakes_a_reader_that_waits_for_the_old_log)
{
	pid_t pid = spawn_mapper(self->ready, self->go, 3);
	struct waiter w = { .fd = self->s.fd, .ready = sema() };
	pthread_t thread;

	sema_wait(self->ready);
	scope_drain(&self->s);
	fcntl(self->s.fd, F_SETFL, 0);
	ASSERT_EQ(0, pthread_create(&thread, NULL, wait_for_record, &w));
	sema_wait(w.ready);
	wait_asleep(w.tid);
	ASSERT_EQ(0, scope_attach(self->s.fd, pid, 0, 0));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	/* NAME, MMAP and three faults of the other process */
	EXPECT_EQ(5 * 64, w.got);
	EXPECT_EQ(scope_mm(self->s.fd), w.buf[0].mm);
	fcntl(self->s.fd, F_SETFL, O_NONBLOCK);
	sema_post(self->go);
	EXPECT_EQ(0, wait_child(pid));
}

/* The descriptor */

TEST_F(attach, inherited_descriptor_reads_its_openers_log)
{
	__u32 mm = scope_mm(self->s.fd);
	pid_t pid = fork();

	if (!pid)
		_exit(scope_mm(self->s.fd) != mm || !scope_map(&self->s, 4));
	EXPECT_EQ(0, wait_child(pid));
	/* The child mapped it: that is in the child's log, not in the one this file reads */
	EXPECT_EQ(0U, scope_count(&self->s, MMSCOPE_MMAP));
	ASSERT_NE(NULL, scope_map(&self->s, 4));
	EXPECT_EQ(1U, scope_count(&self->s, MMSCOPE_MMAP));
}

TEST_F(attach, child_without_follow_has_a_log_of_its_own)
{
	pid_t pid;
	char *p = scope_map(&self->s, 4);
	size_t i, others = 0;

	ASSERT_NE(NULL, p);
	pid = fork();
	if (!pid) {
		touch_pages(p, 0, 4);
		munmap(p, 4 * page_size());
		_exit(0);
	}
	EXPECT_EQ(0, wait_child(pid));
	scope_drain(&self->s);
	for (i = 0; i < self->s.nr; i++)
		others += self->s.ev[i].mm != scope_mm(self->s.fd);
	EXPECT_EQ(0U, others);
	EXPECT_EQ(1U, scope_count(&self->s, MMSCOPE_FORK));
	EXPECT_EQ(0U, scope_count(&self->s, MMSCOPE_FAULT));
}

/* FOLLOW */

TEST_F(attach, follow_brings_a_forked_child_into_the_log)
{
	__u32 own = scope_mm(self->s.fd), mm;
	char *p = scope_map(&self->s, 4);
	pid_t pid;

	ASSERT_NE(NULL, p);
	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, MMSCOPE_ATTACH_FOLLOW));
	pid = fork();
	if (!pid) {
		touch_pages(p, 0, 3);
		munmap(p, 2 * page_size());
		_exit(0);
	}
	EXPECT_EQ(0, wait_child(pid));
	ASSERT_NE(NULL, scope_last(&self->s, MMSCOPE_FORK));
	mm = scope_last(&self->s, MMSCOPE_FORK)->aux;
	EXPECT_NE(own, mm);
	EXPECT_EQ(1U, count_mm(&self->s, mm, MMSCOPE_DUP));
	EXPECT_EQ(3U, count_mm(&self->s, mm, MMSCOPE_FAULT));
	EXPECT_EQ(2U, count_mm(&self->s, mm, MMSCOPE_UNMAP));
	EXPECT_EQ(1U, count_mm(&self->s, mm, MMSCOPE_END));
	EXPECT_EQ(1U, count_mm(&self->s, mm, MMSCOPE_NAME));
	EXPECT_EQ(0U, count_mm(&self->s, own, MMSCOPE_FAULT));
	EXPECT_EQ(own, scope_mm(self->s.fd));
}

/* What the program does that a followed child executes: see main() */
static int executed(void)
{
	struct scope s;
	char *p;

	if (scope_open(&s))
		return 1;
	p = scope_map(&s, 4);
	if (!p)
		return 2;
	touch_pages(p, 0, 3);
	munmap(p, page_size());
	/* Its own reader: of a followed log it sees only itself */
	return scope_count(&s, MMSCOPE_FAULT) != 3;
}

static void execute_itself(void)
{
	execl("/proc/self/exe", "attach_test", "executed", NULL);
	_exit(127);
}

/* The mm, other than @own, that made an MMAP record; 0 when there is none or several */
static __u32 other_mapper(struct scope *s, __u32 own)
{
	__u32 mm = 0;
	size_t i;

	scope_drain(s);
	for (i = 0; i < s->nr; i++) {
		if (s->ev[i].type != MMSCOPE_MMAP || s->ev[i].mm == own)
			continue;
		if (mm && mm != s->ev[i].mm)
			return 0;
		mm = s->ev[i].mm;
	}
	return mm;
}

TEST_F(attach, follow_goes_through_fork_and_exec)
{
	__u32 mm;
	pid_t pid;

	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, MMSCOPE_ATTACH_FOLLOW));
	pid = fork();
	if (!pid)
		execute_itself();
	EXPECT_EQ(0, wait_child(pid));
	mm = other_mapper(&self->s, scope_mm(self->s.fd));
	EXPECT_NE(0U, mm);
	EXPECT_EQ(3U, count_mm(&self->s, mm, MMSCOPE_FAULT));
	EXPECT_EQ(2U, count_mm(&self->s, mm, MMSCOPE_UNMAP));
	EXPECT_EQ(1U, count_mm(&self->s, mm, MMSCOPE_END));
}

TEST_F(attach, exec_without_follow_is_not_seen)
{
	pid_t pid = fork();

	if (!pid)
		execute_itself();
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_EQ(0U, scope_count(&self->s, MMSCOPE_MMAP));
}

TEST_F(attach, follow_reaches_grandchildren)
{
	pid_t pid;
	__u32 mm;

	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, MMSCOPE_ATTACH_FOLLOW));
	pid = fork();
	if (!pid) {
		pid = fork();
		if (!pid)
			execute_itself();
		_exit(wait_child(pid));
	}
	EXPECT_EQ(0, wait_child(pid));
	mm = other_mapper(&self->s, scope_mm(self->s.fd));
	EXPECT_NE(0U, mm);
	EXPECT_EQ(3U, count_mm(&self->s, mm, MMSCOPE_FAULT));
}

TEST_F(attach, follow_reaches_an_orphan)
{
	pid_t pid, orphan;
	__u32 mm;

	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, MMSCOPE_ATTACH_FOLLOW));
	pid = fork();
	if (!pid) {
		if (fork())
			_exit(0);
		sema_wait(self->go);
		execute_itself();
	}
	EXPECT_EQ(0, wait_child(pid));
	/* Now it is a child of this process, which has taken it in */
	sema_post(self->go);
	orphan = waitpid(-1, NULL, 0);
	EXPECT_LT(0, orphan);
	mm = other_mapper(&self->s, scope_mm(self->s.fd));
	EXPECT_NE(0U, mm);
	EXPECT_EQ(3U, count_mm(&self->s, mm, MMSCOPE_FAULT));
}

TEST_F(attach, follow_of_another_process_follows_its_children)
{
	pid_t pid = fork(), inner;
	__u32 mm;

	if (!pid) {
		sema_wait(self->go);
		inner = fork();
		if (!inner)
			execute_itself();
		_exit(wait_child(inner));
	}
	ASSERT_EQ(0, scope_attach(self->s.fd, pid, 0, MMSCOPE_ATTACH_FOLLOW));
	/* One's own children are not meant */
	inner = fork();
	if (!inner)
		execute_itself();
	EXPECT_EQ(0, wait_child(inner));
	EXPECT_EQ(0U, scope_count(&self->s, MMSCOPE_MMAP));
	sema_post(self->go);
	EXPECT_EQ(0, wait_child(pid));
	mm = other_mapper(&self->s, scope_mm(self->s.fd));
	EXPECT_NE(0U, mm);
	EXPECT_EQ(3U, count_mm(&self->s, mm, MMSCOPE_FAULT));
}

TEST_F(attach, follow_takes_no_log_from_one_that_has_its_own)
{
	pid_t pid = spawn_mapper(self->ready, self->go, 2);
	struct scope other;
	__u32 mm;

	sema_wait(self->ready);
	ASSERT_EQ(0, scope_open(&other));
	ASSERT_EQ(0, scope_attach(other.fd, pid, 0, 0));
	mm = scope_mm(other.fd);
	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, MMSCOPE_ATTACH_FOLLOW));
	sema_post(self->go);
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_EQ(1U, count_mm(&other, mm, MMSCOPE_END));
	EXPECT_EQ(0U, count_mm(&self->s, mm, MMSCOPE_END));
	scope_close(&other);
}

TEST_F(attach, attach_without_follow_ends_following)
{
	pid_t pid;

	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, MMSCOPE_ATTACH_FOLLOW));
	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, 0));
	pid = fork();
	if (!pid)
		execute_itself();
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_EQ(0U, scope_count(&self->s, MMSCOPE_MMAP));
}

TEST_F(attach, reader_of_a_shared_log_gets_its_own_mm_only)
{
	char *p = scope_map(&self->s, 4);
	struct scope child;
	pid_t pid;

	ASSERT_NE(NULL, p);
	touch_pages(p, 0, 2);
	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, MMSCOPE_ATTACH_FOLLOW));
	pid = fork();
	if (!pid) {
		struct mmscope_info info;
		size_t i;

		touch_pages(p, 0, 4);
		if (scope_open(&child))
			_exit(1);
		if (scope_count(&child, MMSCOPE_FAULT) != 4)
			_exit(2);
		for (i = 0; i < child.nr; i++)
			if (child.ev[i].mm != scope_mm(child.fd))
				_exit(3);
		/* The parent's records were in the way: NAME, MMAP, two faults, FORK */
		if (scope_info(child.fd, &info) || info.skipped < 5)
			_exit(4);
		if (!scope_adds_up(child.fd) || child.bad)
			_exit(5);
		_exit(0);
	}
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_EQ(6U, scope_count(&self->s, MMSCOPE_FAULT));
}

/* Keeps these capabilities while giving up root for another user */
static int become_user(uid_t uid, __u32 keep)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { .effective = keep, .permitted = keep } };

	if (prctl(PR_SET_KEEPCAPS, 1) || setresuid(uid, uid, uid))
		return -1;
	return syscall(SYS_capset, &header, data);
}

TEST_F(attach, follow_leaves_out_whom_its_opener_may_not_trace)
{
	const __u32 caps = 1U << CAP_DAC_OVERRIDE | 1U << CAP_SETUID;
	struct scope s;
	pid_t pid = fork();

	if (!pid) {
		/* A user who can open the node, but may trace only what is the user's own */
		if (become_user(1000, caps) || scope_open(&s))
			_exit(1);
		if (scope_attach(s.fd, 0, 0, MMSCOPE_ATTACH_FOLLOW))
			_exit(2);
		pid = fork();
		if (!pid) {
			if (setresuid(2000, 2000, 2000) || scope_open(&s) || !scope_map(&s, 4))
				_exit(3);
			_exit(scope_count(&s, MMSCOPE_MMAP) != 1);
		}
		if (wait_child(pid))
			_exit(4);
		if (scope_count(&s, MMSCOPE_MMAP))
			_exit(5);
		pid = fork();
		if (!pid) {
			struct scope own;

			_exit(scope_open(&own) || !scope_map(&own, 4));
		}
		if (wait_child(pid))
			_exit(6);
		_exit(scope_count(&s, MMSCOPE_MMAP) == 1 ? 0 : 7);
	}
	EXPECT_EQ(0, wait_child(pid));
}

TEST_F(attach, follow_with_anothers_descriptor_is_eperm)
{
	pid_t pid = fork();

	if (!pid) {
		become_nobody();
		if (!scope_attach(self->s.fd, 0, 0, MMSCOPE_ATTACH_FOLLOW) || errno != EPERM)
			_exit(1);
		if (!scope_attach(self->s.fd, getpid(), 0, MMSCOPE_ATTACH_FOLLOW) ||
		    errno != EPERM)
			_exit(2);
		/* Its own log, without those of its children, it may read */
		_exit(scope_attach(self->s.fd, getpid(), 0, 0));
	}
	EXPECT_EQ(0, wait_child(pid));
}

TEST_F(attach, follow_of_a_log_made_for_another_is_eperm)
{
	pid_t pid;

	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, MMSCOPE_ATTACH_FOLLOW));
	pid = fork();
	if (!pid) {
		struct scope s;

		/* This one records in its parent's log: to follow there is to see the parent */
		if (become_user(1000, 1U << CAP_DAC_OVERRIDE) || scope_open(&s))
			_exit(1);
		if (!scope_attach(s.fd, 0, 0, MMSCOPE_ATTACH_FOLLOW) || errno != EPERM)
			_exit(2);
		if (!scope_map(&s, 4) || scope_count(&s, MMSCOPE_MMAP) != 1)
			_exit(3);
		_exit(s.bad);
	}
	EXPECT_EQ(0, wait_child(pid));
	/* But the parent has it in its own */
	EXPECT_EQ(1U, scope_count(&self->s, MMSCOPE_MMAP));
}

/* With a descriptor it was given, in a user namespace of its own, where it may all */
static int root_of_namespace(int fd, pid_t outside)
{
	int ready = sema(), go = sema();
	char text[3][16];
	pid_t pid;

	if (unshare(CLONE_NEWUSER))
		return 77;
	if (attach_errno(fd, outside, 0) != EPERM)
		return 1;
	if (stat_errno(fd, scope_mm(fd), 0))
		return 2;
	snprintf(text[0], sizeof(text[0]), "%d", fd);
	snprintf(text[1], sizeof(text[1]), "%d", ready);
	snprintf(text[2], sizeof(text[2]), "%d", go);
	fcntl(fd, F_SETFD, 0);
	pid = fork();
	if (!pid) {
		/* What it executes belongs to the namespace */
		execl("/proc/self/exe", "attach_test", "inside", text[0], text[1], text[2], NULL);
		_exit(127);
	}
	sema_wait(ready);
	if (attach_errno(fd, pid, 0))
		return 3;
	sema_post(go);
	return wait_child(pid);
}

static int inside(int fd, int ready, int go)
{
	void *p = mmap(NULL, page_size(), PROT_READ, MAP_SHARED, fd, 0);

	sema_post(ready);
	sema_wait(go);
	return p == MAP_FAILED;
}

TEST_F(attach, right_counts_in_the_user_namespace_of_the_mm)
{
	pid_t pid;
	int code;

	ASSERT_NE(NULL, scope_map(&self->s, 1));
	pid = fork();
	if (!pid)
		_exit(root_of_namespace(self->s.fd, getppid()));
	code = wait_child(pid);
	if (code == 77)
		SKIP(return, "no user namespaces");
	EXPECT_EQ(0, code);
	ASSERT_EQ(0, scope_attach(self->s.fd, getpid(), 0, 0));
}

/* Pid namespaces */

/* In a pid namespace of its own: a process that maps, and knows itself as number 1 */
static int first_of_namespace(int ready, int go)
{
	struct scope s;
	char *p;

	if (getpid() != 1 || scope_open(&s))
		return 1;
	p = scope_map(&s, 4);
	if (!p)
		return 2;
	touch_write(p, 1);
	if (attach_errno(s.fd, 1, 0))
		return 3;
	/* It has no number 2, whatever there is outside */
	if (attach_errno(s.fd, 2, 0) != ESRCH)
		return 4;
	sema_post(ready);
	sema_wait(go);
	return 0;
}

TEST_F(attach, pid_is_the_callers_and_tid_the_initial_namespaces)
{
	pid_t pid, inner = 0;
	int fd[2];

	ASSERT_EQ(0, pipe(fd));
	pid = fork();
	if (!pid) {
		if (unshare(CLONE_NEWPID))
			_exit(77);
		inner = fork();
		if (!inner)
			_exit(first_of_namespace(self->ready, self->go));
		if (write(fd[1], &inner, sizeof(inner)) != sizeof(inner))
			_exit(78);
		_exit(wait_child(inner));
	}
	close(fd[1]);
	if (read(fd[0], &inner, sizeof(inner)) != sizeof(inner)) {
		ASSERT_EQ(77, wait_child(pid));
		SKIP(return, "no pid namespaces");
	}
	sema_wait(self->ready);
	ASSERT_EQ(0, scope_attach(self->s.fd, inner, 0, 0));
	ASSERT_EQ(1U, scope_count(&self->s, MMSCOPE_FAULT));
	EXPECT_EQ(inner, (int)scope_last(&self->s, MMSCOPE_FAULT)->tid);
	EXPECT_EQ(inner, (int)scope_last(&self->s, MMSCOPE_NAME)->tgid);
	sema_post(self->go);
	EXPECT_EQ(0, wait_child(pid));
}

/* STAT */

TEST_F(attach, stat_of_oneself_follows_what_one_does)
{
	struct mmscope_stat stat;
	char *p;

	ASSERT_EQ(0, scope_stat(self->s.fd, 0, 0, &stat));
	EXPECT_EQ((__u32)MMSCOPE_IDLE, stat.state);
	EXPECT_EQ(0U, stat.maps + stat.vmas);
	EXPECT_EQ(0U, stat.parent);
	p = scope_map(&self->s, 16);
	ASSERT_NE(NULL, p);
	touch_pages(p, 0, 5);
	munmap(p + 4 * page_size(), 4 * page_size());
	ASSERT_EQ(0, scope_stat(self->s.fd, 0, 0, &stat));
	EXPECT_EQ((__u32)MMSCOPE_LIVE, stat.state);
	EXPECT_EQ(1U, stat.maps);
	EXPECT_EQ(2U, stat.vmas);
	EXPECT_EQ(getpid(), stat.tgid);
	EXPECT_STREQ("attach_test", stat.comm);
	EXPECT_EQ(5U, stat.events[MMSCOPE_FAULT]);
	EXPECT_EQ(5U, stat.write);
	EXPECT_EQ(5U, stat.touched);
	EXPECT_EQ(1U, stat.given_back);
	EXPECT_EQ(4U, stat.mapped);
	EXPECT_EQ(2U, stat.events[MMSCOPE_SPLIT]);
	EXPECT_EQ(1U, stat.events[MMSCOPE_UNMAP]);
	munmap(p, 16 * page_size());
	ASSERT_EQ(0, scope_stat(self->s.fd, 0, 0, &stat));
	EXPECT_EQ((__u32)MMSCOPE_IDLE, stat.state);
	EXPECT_EQ(0U, stat.maps + stat.vmas);
	EXPECT_EQ(5U, stat.given_back);
	EXPECT_EQ(0U, stat.mapped);
}

TEST_F(attach, figures_stay_when_the_process_is_gone)
{
	pid_t pid = spawn_mapper(self->ready, self->go, 3);
	struct mmscope_stat live, dead;
	struct scope other;
	__u32 mm;

	sema_wait(self->ready);
	ASSERT_EQ(0, scope_open(&other));
	ASSERT_EQ(0, scope_attach(other.fd, pid, 0, 0));
	mm = scope_mm(other.fd);
	scope_close(&other);
	ASSERT_EQ(0, scope_stat(self->s.fd, mm, 0, &live));
	EXPECT_EQ((__u32)MMSCOPE_LIVE, live.state);
	EXPECT_EQ(1U, live.maps);
	EXPECT_EQ(1U, live.vmas);
	EXPECT_EQ(3U, live.events[MMSCOPE_FAULT]);
	sema_post(self->go);
	EXPECT_EQ(0, wait_child(pid));
	ASSERT_EQ(0, scope_stat(self->s.fd, mm, 0, &dead));
	EXPECT_EQ((__u32)MMSCOPE_DEAD, dead.state);
	EXPECT_EQ(0U, dead.maps + dead.vmas);
	EXPECT_EQ(mm, dead.mm);
	EXPECT_EQ(pid, dead.tgid);
	EXPECT_STREQ("attach_test", dead.comm);
	EXPECT_EQ(3U, dead.events[MMSCOPE_FAULT]);
	EXPECT_EQ(1U, dead.events[MMSCOPE_END]);
	EXPECT_EQ(1U, dead.events[MMSCOPE_UNMAP]);
	EXPECT_EQ(3U, dead.touched);
	EXPECT_EQ(0U, dead.mapped);
}

TEST_F(attach, stat_of_a_forked_child_names_its_parent)
{
	struct mmscope_stat stat;
	struct mmscope_event *e;
	pid_t pid;

	ASSERT_NE(NULL, scope_map(&self->s, 4));
	pid = fork();
	if (!pid) {
		sema_wait(self->go);
		_exit(0);
	}
	e = scope_last(&self->s, MMSCOPE_FORK);
	ASSERT_NE(NULL, e);
	ASSERT_EQ(0, scope_stat(self->s.fd, e->aux, 0, &stat));
	EXPECT_EQ(scope_mm(self->s.fd), stat.parent);
	EXPECT_EQ((__u32)MMSCOPE_LIVE, stat.state);
	EXPECT_EQ(1U, stat.maps);
	sema_post(self->go);
	EXPECT_EQ(0, wait_child(pid));
}

TEST_F(attach, stat_of_nobody_is_esrch)
{
	__u32 mm = scope_mm(self->s.fd);

	EXPECT_EQ(ESRCH, stat_errno(self->s.fd, mm + 100000, 0));
	EXPECT_EQ(ESRCH, stat_errno(self->s.fd, UINT_MAX, 0));
	EXPECT_EQ(ESRCH, stat_errno(self->s.fd, mm + 100000, MMSCOPE_STAT_NEXT));
	EXPECT_EQ(ESRCH, stat_errno(self->s.fd, UINT_MAX, MMSCOPE_STAT_NEXT));
}

TEST_F(attach, next_visits_every_mm_in_the_order_of_ids)
{
	pid_t pid = spawn_mapper(self->ready, self->go, 1);
	__u32 own = scope_mm(self->s.fd), mm, last = 0;
	struct mmscope_stat stat = { .mm = 0 };
	bool seen_own = false, seen_child = false;
	struct scope other;
	size_t n = 0;

	sema_wait(self->ready);
	ASSERT_EQ(0, scope_open(&other));
	ASSERT_EQ(0, scope_attach(other.fd, pid, 0, 0));
	mm = scope_mm(other.fd);
	while (!scope_stat(self->s.fd, last + 1, MMSCOPE_STAT_NEXT, &stat)) {
		ASSERT_LT(last, stat.mm);
		last = stat.mm;
		seen_own |= last == own;
		seen_child |= last == mm;
		EXPECT_EQ(0, stat_errno(self->s.fd, last, 0)) TH_LOG("mm %u", last);
		n++;
	}
	EXPECT_EQ(ESRCH, errno);
	EXPECT_TRUE(seen_own);
	EXPECT_TRUE(seen_child);
	EXPECT_LE(2U, n);
	sema_post(self->go);
	EXPECT_EQ(0, wait_child(pid));
	scope_close(&other);
}

TEST_F(attach, mapping_and_unmapping_keeps_one_id)
{
	__u32 mm = scope_mm(self->s.fd);
	struct mmscope_stat stat;
	size_t i;

	for (i = 0; i < 100; i++) {
		char *p = scope_map_at(&self->s, 4, 0);

		ASSERT_NE(NULL, p);
		touch_write(p, 1);
		ASSERT_EQ(0, munmap(p, 4 * page_size()));
	}
	EXPECT_EQ(mm, scope_mm(self->s.fd));
	ASSERT_EQ(0, scope_stat(self->s.fd, 0, 0, &stat));
	EXPECT_EQ(mm, stat.mm);
	EXPECT_EQ(100U, stat.events[MMSCOPE_MMAP]);
	EXPECT_EQ(100U, stat.events[MMSCOPE_UNMAP]);
	EXPECT_EQ(100U, stat.given_back);
	EXPECT_EQ(100U, count_mm(&self->s, mm, MMSCOPE_UNMAP));
	EXPECT_EQ(1U, scope_count(&self->s, MMSCOPE_NAME));
}

TEST_F(attach, file_that_is_closed_and_opened_again_reads_the_same_mm)
{
	__u32 mm = scope_mm(self->s.fd);
	struct scope other;
	size_t i;

	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, scope_open(&other));
		EXPECT_EQ(mm, scope_mm(other.fd));
		scope_close(&other);
	}
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "executed"))
		return executed();
	if (argc == 5 && !strcmp(argv[1], "inside"))
		return inside(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
	return test_harness_run(argc, argv);
}
