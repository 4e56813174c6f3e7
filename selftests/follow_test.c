// SPDX-License-Identifier: GPL-2.0
/* FOLLOW: children record into the log of whom they come from, where its reader may see them */
#include "attach.h"

#include <linux/capability.h>
#include <sys/prctl.h>

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
	execl("/proc/self/exe", "follow_test", "executed", NULL);
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

	mm = open_log_of(&other, self->ready, pid);
	ASSERT_NE(0U, mm);
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

/* Neither by descent, as above, nor by fork: the child has a log of its own */
TEST_F(attach, fork_after_following_has_ended_is_not_followed)
{
	char *p = scope_map(&self->s, 4);
	struct mmscope_info info;
	pid_t pid;

	ASSERT_NE(NULL, p);
	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, MMSCOPE_ATTACH_FOLLOW));
	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, MMSCOPE_ATTACH_FOLLOW));
	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, 0));
	pid = fork();
	if (!pid) {
		touch_pages(p, 0, 4);
		_exit(0);
	}
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_EQ(1U, scope_count(&self->s, MMSCOPE_FORK));
	/* Nothing of it went where this file reads */
	ASSERT_EQ(0, scope_info(self->s.fd, &info));
	EXPECT_EQ(0U, info.skipped);
	EXPECT_EQ(self->s.nr, info.produced);
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

	if (prctl(PR_SET_KEEPCAPS, 1) || setresuid(uid, uid, uid) ||
	    syscall(SYS_capset, &header, data))
		return -1;
	/* Who changes users may not be seen, until it says so */
	return prctl(PR_SET_DUMPABLE, 1);
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

#define GENERATIONS	256

/* The last of a line of descendants maps first, then the one before it, which tells who it is */
static int descend(int generation, int out)
{
	pid_t pid = getpid();
	struct scope s;
	int code;

	if (generation <= GENERATIONS) {
		pid = fork();
		if (!pid)
			_exit(descend(generation + 1, out));
		code = wait_child(pid);
		if (code)
			return code;
		pid = getpid();
	}
	if (generation < GENERATIONS)
		return 0;
	if (scope_open(&s) || !scope_map(&s, 4) || scope_count(&s, MMSCOPE_MMAP) != 1)
		return 1;
	return write(out, &pid, sizeof(pid)) != sizeof(pid);
}

TEST_F_TIMEOUT(attach, follow_reaches_as_many_generations_as_it_says, 120)
{
	pid_t pid, last[2];
	int fd[2];

	ASSERT_EQ(0, pipe(fd));
	ASSERT_EQ(0, scope_attach(self->s.fd, 0, 0, MMSCOPE_ATTACH_FOLLOW));
	pid = fork();
	if (!pid)
		_exit(descend(1, fd[1]));
	EXPECT_EQ(0, wait_child(pid));
	ASSERT_EQ(sizeof(last), read(fd[0], last, sizeof(last)));
	ASSERT_EQ(1U, scope_count(&self->s, MMSCOPE_MMAP));
	EXPECT_EQ((__u32)last[1], scope_last(&self->s, MMSCOPE_MMAP)->tid);
}

#define FOLLOWERS	64

/* A user who follows himself until it is enough. Leaves the last file to the caller. */
static int follow_often(int *fd)
{
	int i;

	if (become_user(1000, 1U << CAP_DAC_OVERRIDE))
		return 1;
	for (i = 0; i <= FOLLOWERS; i++) {
		fd[i] = open(SCOPE_DEVICE, O_RDWR | O_CLOEXEC);
		if (fd[i] < 0)
			return 2;
		if (i < FOLLOWERS && scope_attach(fd[i], 0, 0, MMSCOPE_ATTACH_FOLLOW))
			return 3;
	}
	return 0;
}

TEST_F(attach, follow_of_one_process_by_too_many_is_eusers)
{
	int ready = sema(), go = sema();
	pid_t pid = fork();

	if (!pid) {
		int fd[FOLLOWERS + 1], code = follow_often(fd);
		struct mmscope_info before, after;

		if (code)
			_exit(code);
		if (scope_info(fd[FOLLOWERS], &before))
			_exit(4);
		if (!scope_attach(fd[FOLLOWERS], 0, 0, MMSCOPE_ATTACH_FOLLOW) || errno != EUSERS)
			_exit(5);
		/* It reads on what it read; others do not count, nor does it for itself */
		if (scope_info(fd[FOLLOWERS], &after) || before.mm != after.mm)
			_exit(6);
		if (scope_attach(fd[FOLLOWERS], 0, 0, 0) ||
		    scope_attach(fd[0], 0, 0, MMSCOPE_ATTACH_FOLLOW))
			_exit(7);
		sema_post(ready);
		sema_wait(go);
		close(fd[0]);
		_exit(scope_attach(fd[FOLLOWERS], 0, 0, MMSCOPE_ATTACH_FOLLOW) ? 8 : 0);
	}
	sema_wait(ready);
	/* Nobody keeps root from following by having been faster */
	EXPECT_EQ(0, scope_attach(self->s.fd, pid, 0, MMSCOPE_ATTACH_FOLLOW));
	EXPECT_EQ(0, scope_attach(self->s.fd, 0, 0, 0));
	sema_post(go);
	EXPECT_EQ(0, wait_child(pid));
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "executed"))
		return executed();
	return test_harness_run(argc, argv);
}
