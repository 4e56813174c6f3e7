// SPDX-License-Identifier: GPL-2.0
/* Whose log a file reads: its opener's, or by ATTACH another's, for those who may */
#include "attach.h"

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

	mm = open_log_of(&other, self->ready, pid);
	ASSERT_NE(0U, mm);
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
	/* Of whom the descriptor reads it knows nothing either */
	if (stat_errno(fd, scope_mm(fd), 0) != EPERM)
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

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "inside"))
		return inside(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
	return test_harness_run(argc, argv);
}
