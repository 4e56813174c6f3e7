// SPDX-License-Identifier: GPL-2.0
/*
 * What outlives what: mappings their descriptor, files their opener, figures their process; and
 * that nothing is left when all have gone, however they went.
 */
#include "storm.h"

#include <spawn.h>
#include <sys/socket.h>

#define PAGES	STORM_PAGES

FIXTURE(lifetime)
{
	struct scope s;
	char *p;
	int ready;
	int go;
};

FIXTURE_SETUP(lifetime)
{
	int err = scope_open(&self->s);

	if (scope_missing(err))
		SKIP(return, "%s", scope_missing(err));
	ASSERT_EQ(0, err);
	self->p = scope_map(&self->s, PAGES);
	ASSERT_NE(NULL, self->p);
	self->ready = sema();
	self->go = sema();
}

FIXTURE_TEARDOWN(lifetime)
{
	EXPECT_EQ(0U, self->s.bad);
	EXPECT_TRUE(self->s.fd < 0 || scope_adds_up(self->s.fd));
	scope_close(&self->s);
}

/* Memory that nobody uses, in KiB */
static long long free_memory(void)
{
	return number_in("/proc/meminfo", "MemFree:");
}

TEST_F(lifetime, mapping_lives_on_when_its_descriptor_is_closed)
{
	struct scope other;

	touch_write(page(self->p, 1), 11);
	close(self->s.fd);
	self->s.fd = -1;
	EXPECT_EQ(11, touch_read(page(self->p, 1)));
	touch_write(page(self->p, 2), 12);
	ASSERT_EQ(0, munmap(page(self->p, 8), 4 * page_size()));
	EXPECT_EQ(12, touch_read(page(self->p, 2)));
	/* Another file of the same process reads the same log */
	ASSERT_EQ(0, scope_open(&other));
	EXPECT_EQ(2U, scope_count(&other, MMSCOPE_FAULT));
	EXPECT_EQ(1U, scope_count(&other, MMSCOPE_UNMAP));
	ASSERT_EQ(0, munmap(self->p, PAGES * page_size()));
	EXPECT_EQ(3U, scope_count(&other, MMSCOPE_UNMAP));
	EXPECT_EQ(0U, other.bad);
	scope_close(&other);
}

TEST_F(lifetime, store_is_freed_with_its_file)
{
	long long before = 0, after;
	struct scope other;
	size_t i, pages = 1000, rounds = 25;
	char *p;

	/* Once to warm up, then 25 times 4 MB: a leak would be seen through any noise */
	for (i = 0; i <= rounds; i++) {
		if (i == 1)
			before = free_memory();
		ASSERT_EQ(0, scope_open_as(&other, i % 2 ? MMSCOPE_PAGE : MMSCOPE_PFN, 0, pages));
		p = scope_map(&other, pages);
		ASSERT_NE(NULL, p);
		touch_pages(p, 0, pages);
		ASSERT_EQ(0, munmap(p, pages * page_size()));
		scope_close(&other);
	}
	after = free_memory();
	EXPECT_GT((long long)(rounds * pages * page_size() / 1024 / 3), before - after);
}

TEST_F(lifetime, failing_mmap_leaks_nothing)
{
	long long before, after;
	struct mmscope_stat stat;
	struct scope other;
	size_t i;

	ASSERT_EQ(0, scope_open_as(&other, MMSCOPE_PFN, 0, 8));
	before = free_memory();
	for (i = 0; i < 5000; i++) {
		EXPECT_EQ(MAP_FAILED, mmap(NULL, 9 * page_size(), PROT_READ, MAP_SHARED, other.fd,
					   0));
		EXPECT_EQ(MAP_FAILED, mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE,
					   other.fd, 0));
	}
	after = free_memory();
	EXPECT_GT(5000, before - after);
	ASSERT_EQ(0, scope_stat(self->s.fd, 0, 0, &stat));
	EXPECT_EQ(1U, stat.maps);
	EXPECT_EQ(1U, stat.vmas);
	scope_close(&other);
}

/* Sends a descriptor, or receives one */
static int send_fd(int to, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(fd))] = { 0 };
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(to, &msg, 0) == 1 ? 0 : -1;
}

static int receive_fd(int from)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	int fd = -1;

	if (recvmsg(from, &msg, 0) == 1 && CMSG_FIRSTHDR(&msg))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

TEST_F(lifetime, descriptor_sent_through_a_socket)
{
	struct scope file;
	int pair[2];
	pid_t pid;
	char *p;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	pid = fork();
	if (!pid) {
		__u32 mm = scope_mm(self->s.fd);
		struct scope got = { .fd = receive_fd(pair[1]) };

		/* It reads its opener's log, and gives its opener's memory */
		if (scope_mm(got.fd) != mm)
			_exit(1);
		p = scope_map(&got, 4);
		if (!p || touch_read(page(p, 2)) != 22)
			_exit(2);
		touch_write(page(p, 3), 33);
		close(got.fd);
		_exit(touch_read(page(p, 3)) != 33);
	}
	ASSERT_EQ(0, scope_open(&file));
	p = scope_map(&file, 4);
	ASSERT_NE(NULL, p);
	touch_write(page(p, 2), 22);
	scope_skip(&file);
	ASSERT_EQ(0, send_fd(pair[0], file.fd));
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_EQ(33, touch_read(page(p, 3)));
	/* What the child did with it is in the child's log */
	EXPECT_EQ(1U, scope_drain(&file));
	EXPECT_EQ(MMSCOPE_FAULT, (int)file.ev[file.nr - 1].type);
	scope_close(&file);
}

TEST_F(lifetime, descriptor_in_a_socket_that_nobody_reads)
{
	struct scope file;
	long long before = references();
	int pair[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	ASSERT_EQ(0, scope_open(&file));
	ASSERT_EQ(0, send_fd(pair[0], file.fd));
	scope_close(&file);
	EXPECT_EQ(before + 1, references());
	close(pair[0]);
	close(pair[1]);
	/* The kernel may collect it a little later */
	while (references() > before)
		sched_yield();
	EXPECT_EQ(before, references());
}

TEST_F(lifetime, store_outlives_the_process_that_opened_it)
{
	struct scope dead = { .max_cpus = UINT_MAX };
	char *p = NULL;
	int pair[2];
	pid_t pid;
	int fd;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	pid = fork();
	if (!pid) {
		struct scope file;

		if (scope_open(&file))
			_exit(1);
		p = scope_map(&file, 4);
		touch_write(page(p, 1), 44);
		_exit(send_fd(pair[1], file.fd) ? 2 : 0);
	}
	EXPECT_EQ(0, wait_child(pid));
	fd = receive_fd(pair[0]);
	ASSERT_LE(0, fd);
	p = mmap(NULL, 4 * page_size(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, p);
	EXPECT_EQ(44, touch_read(page(p, 1)));
	/* And its log still tells the end of the one it belongs to */
	dead.fd = fd;
	ASSERT_EQ(1U, scope_count(&dead, MMSCOPE_END));
	EXPECT_EQ((__u32)pid, scope_last(&dead, MMSCOPE_END)->tid);
	EXPECT_TRUE(scope_adds_up(fd));
	EXPECT_EQ(0U, dead.bad);
	scope_close(&dead);
	touch_write(page(p, 2), 1);
	EXPECT_EQ(44, touch_read(page(p, 1)));
}

/* vfork and posix_spawn share the mm: no fork of it, and no end */

TEST_F(lifetime, vfork_shares_the_mm)
{
	struct mmscope_event *e;
	pid_t pid, tid = own_tid();

	scope_skip(&self->s);
	pid = vfork();
	if (!pid) {
		touch_write(page(self->p, 1), 5);
		_exit(0);
	}
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_EQ(5, touch_read(page(self->p, 1)));
	e = scope_only(&self->s, MMSCOPE_FAULT);
	ASSERT_NE(NULL, e);
	EXPECT_EQ(scope_mm(self->s.fd), e->mm);
	EXPECT_EQ((__u32)pid, e->tid);
	EXPECT_NE((__u32)tid, e->tid);
	EXPECT_EQ(0U, scope_count(&self->s, MMSCOPE_FORK));
	EXPECT_EQ(0U, scope_count(&self->s, MMSCOPE_END));
}

TEST_F(lifetime, vfork_and_exec_end_nothing)
{
	pid_t pid;

	touch_write(page(self->p, 1), 5);
	scope_skip(&self->s);
	pid = vfork();
	if (!pid) {
		execl("/proc/self/exe", "lifetime_test", "nothing", NULL);
		_exit(127);
	}
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_STORY(&self->s, "");
	EXPECT_EQ(5, touch_read(page(self->p, 1)));
	EXPECT_EQ(1U, scope_count(&self->s, MMSCOPE_FAULT));
}

TEST_F(lifetime, posix_spawn_ends_nothing)
{
	static const char * const args[] = { "lifetime_test", "nothing", NULL };
	pid_t pid;

	scope_skip(&self->s);
	ASSERT_EQ(0, posix_spawn(&pid, "/proc/self/exe", NULL, NULL, (char **)args, environ));
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_STORY(&self->s, "");
}

/* exec: the descriptor goes along, and what it reads is the mm that has gone */
static int executed(int fd, __u32 mm)
{
	struct scope s = { .fd = fd, .max_cpus = UINT_MAX };
	struct mmscope_stat stat;
	struct scope own;

	if (scope_mm(fd) != mm)
		return 1;
	if (scope_count(&s, MMSCOPE_END) != 1)
		return 2;
	if (scope_stat(fd, 0, 0, &stat) || stat.state != MMSCOPE_DEAD || stat.vmas || stat.maps)
		return 3;
	/* This program has another mm, and may still map what the descriptor owns */
	if (scope_open(&own) || scope_mm(own.fd) == mm)
		return 4;
	if (!scope_map(&s, 2) || touch_read(page((char *)s.area[0].base, 1)) != 66)
		return 5;
	return scope_count(&own, MMSCOPE_FAULT) != 1;
}

TEST_F(lifetime, descriptor_goes_through_exec)
{
	pid_t pid = fork();

	if (!pid) {
		char fd[16], mm[16];
		struct scope s;

		if (scope_open(&s) || !scope_map(&s, 4))
			_exit(101);
		touch_write(page((char *)s.area[0].base, 1), 66);
		fcntl(s.fd, F_SETFD, 0);
		snprintf(fd, sizeof(fd), "%d", s.fd);
		snprintf(mm, sizeof(mm), "%u", scope_mm(s.fd));
		execl("/proc/self/exe", "lifetime_test", fd, mm, NULL);
		_exit(127);
	}
	EXPECT_EQ(0, wait_child(pid));
}

/* Ends in the middle of things */

static int nr_vmas(void)
{
	struct scope_vma vma[256];

	return scope_maps(0, vma, 256);
}

TEST_F_TIMEOUT(lifetime, threads_that_unmap_fork_close_and_resize_at_once_leave_nothing, 120)
{
	struct mmscope_stat stat;
	size_t done = 0;

	EXPECT_TRUE(make_storm(self->s.fd, 77, 150, &done));
	EXPECT_EQ(600U, done);
	ASSERT_EQ(0, scope_stat(self->s.fd, 0, 0, &stat));
	EXPECT_EQ(nr_vmas(), (int)stat.vmas);
	EXPECT_EQ(stat.events[MMSCOPE_MMAP] + stat.events[MMSCOPE_SPLIT] +
		  stat.events[MMSCOPE_COPY],
		  stat.events[MMSCOPE_UNMAP] + stat.events[MMSCOPE_MOVE] + stat.vmas);
	EXPECT_EQ(0U, stat.dropped + stat.orphans);
	EXPECT_EQ(0U, leftovers(self->s.fd));
}

/* Threads that touch what others take away: under the per-VMA lock this is a race to survive */

struct racer {
	char *p;
	bool *stop;
	size_t there;
};

static void *touch_what_may_be_gone(void *arg)
{
	struct racer *r = arg;
	size_t i;

	for (i = 0; !__atomic_load_n(r->stop, __ATOMIC_RELAXED); i++) {
		if (sigsetjmp(scope_jump, 0))
			continue;
		if (i % 2)
			touch_write(page(r->p, i % PAGES), 1);
		else
			touch_read(page(r->p, i % PAGES));
		__atomic_fetch_add(&r->there, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

TEST_F_TIMEOUT(lifetime, faults_race_with_what_takes_the_mapping_away, 120)
{
	struct sigaction act = { .sa_handler = scope_caught, .sa_flags = SA_NODEFER };
	char *p = scope_reserve(PAGES), *q = scope_reserve(PAGES);
	struct mmscope_stat stat;
	struct racer racer[3];
	pthread_t thread[3];
	bool stop = false;
	size_t i;

	ASSERT_EQ(0, sigaction(SIGSEGV, &act, NULL));
	for (i = 0; i < 3; i++) {
		racer[i] = (struct racer){ .p = p, .stop = &stop };
		ASSERT_EQ(0, pthread_create(thread + i, NULL, touch_what_may_be_gone, racer + i));
	}
	/* All of them run before anything is taken away */
	mmap(p, PAGES * page_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, self->s.fd, 0);
	for (i = 0; i < 3; i++)
		while (!__atomic_load_n(&racer[i].there, __ATOMIC_RELAXED))
			sched_yield();
	for (i = 0; i < 80; i++) {
		mmap(p, PAGES * page_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		     self->s.fd, 0);
		sched_yield();
		madvise(p, PAGES * page_size(), MADV_DONTNEED);
		mprotect(page(p, i % 16), 8 * page_size(), PROT_READ);
		mremap(page(p, 4), 8 * page_size(), 8 * page_size(),
		       MREMAP_MAYMOVE | MREMAP_FIXED, q);
		mmap(page(p, i % PAGES), page_size(), PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	mmap(p, PAGES * page_size(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	mmap(q, PAGES * page_size(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	ASSERT_EQ(0, scope_stat(self->s.fd, 0, 0, &stat));
	EXPECT_EQ(1U, stat.vmas);
	EXPECT_EQ(1U, stat.maps);
	EXPECT_EQ(0U, stat.mapped);
	scope_drain(&self->s);
}

static size_t *shared_counter(void)
{
	return mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

TEST_F_TIMEOUT(lifetime, process_killed_in_the_middle_leaves_nothing, 120)
{
	size_t *done = shared_counter(), round;
	struct mmscope_stat stat;
	struct scope child;
	__u32 mm;
	pid_t pid;

	ASSERT_NE(MAP_FAILED, done);
	for (round = 0; round < 8; round++) {
		*done = 0;
		pid = fork();
		if (!pid) {
			make_storm(self->s.fd, 77, 100000, done);
			_exit(0);
		}
		while (__atomic_load_n(done, __ATOMIC_RELAXED) < 20 + 10 * round)
			sched_yield();
		ASSERT_EQ(0, scope_open(&child));
		ASSERT_EQ(0, scope_attach(child.fd, pid, 0, 0));
		mm = scope_mm(child.fd);
		ASSERT_EQ(0, kill(pid, SIGKILL));
		EXPECT_EQ(128 + SIGKILL, wait_child(pid));
		ASSERT_EQ(0, scope_stat(self->s.fd, mm, 0, &stat));
		EXPECT_EQ((__u32)MMSCOPE_DEAD, stat.state);
		EXPECT_EQ(0U, stat.vmas + stat.maps);
		EXPECT_EQ(0U, stat.mapped);
		EXPECT_EQ(1U, stat.events[MMSCOPE_END]);
		scope_drain(&child);
		EXPECT_TRUE(scope_adds_up(child.fd));
		EXPECT_EQ(0U, child.bad);
		scope_close(&child);
	}
	/* Its children may not have ended yet; all that have are gone without a rest */
	EXPECT_EQ(0U, leftovers(self->s.fd));
}

static int family(char *p, int depth)
{
	pid_t pid[3];
	int i, code = 0;

	touch_pages(p, 0, 4);
	for (i = 0; i < 3 && depth; i++) {
		pid[i] = fork();
		if (!pid[i])
			_exit(family(p, depth - 1));
		if (pid[i] < 0)
			return 1;
	}
	munmap(page(p, 2), page_size());
	for (i = 0; i < 3 && depth; i++)
		code |= wait_child(pid[i]);
	return code;
}

TEST_F(lifetime, large_family_leaves_nothing)
{
	struct mmscope_stat stat;

	EXPECT_EQ(0, family(self->p, 4));
	EXPECT_EQ(0U, leftovers(self->s.fd));
	ASSERT_EQ(0, scope_stat(self->s.fd, 0, 0, &stat));
	EXPECT_EQ(3U, stat.events[MMSCOPE_FORK]);
	EXPECT_EQ(1U, stat.maps);
	EXPECT_EQ(2U, stat.vmas);
}

/* The last process of a pid namespace cannot fork: that is found out after the mm was copied */
static int fork_that_fails(char *p)
{
	struct mmscope_stat stat;
	struct scope s;
	pid_t pid;

	if (unshare(CLONE_NEWPID))
		return 77;
	pid = fork();
	if (!pid)
		_exit(0);
	wait_child(pid);
	if (scope_open(&s))
		return 1;
	touch_pages(p, 0, 3);
	scope_skip(&s);
	if (fork() >= 0 || errno != ENOMEM)
		return 2;
	if (strcmp(scope_story(&s), "fork: fork\n"))
		return 3;
	if (scope_stat(s.fd, scope_last(&s, MMSCOPE_FORK)->aux, 0, &stat))
		return 4;
	if (stat.state != MMSCOPE_DEAD || stat.vmas || stat.maps)
		return 5;
	/* It was born and has ended, without ever having had a process */
	if (stat.events[MMSCOPE_DUP] != 1 || stat.events[MMSCOPE_UNMAP] != 1 || stat.tgid)
		return 6;
	if (stat.events[MMSCOPE_END] != 1 || stat.parent != scope_mm(s.fd))
		return 7;
	/* And one's own mapping is what it was */
	if (scope_stat(s.fd, 0, 0, &stat) || stat.vmas != 1 || stat.mapped != 3)
		return 8;
	return s.bad;
}

TEST_F(lifetime, fork_that_fails_leaves_nothing)
{
	pid_t pid = fork();
	int code;

	if (!pid)
		_exit(fork_that_fails(self->p));
	code = wait_child(pid);
	if (code == 77)
		SKIP(return, "no pid namespaces");
	EXPECT_EQ(0, code);
}

TEST_F(lifetime, child_that_outlives_its_parent_keeps_the_mapping)
{
	size_t *done = shared_counter();
	pid_t pid = fork();

	ASSERT_NE(MAP_FAILED, done);
	if (!pid) {
		touch_write(page(self->p, 1), 99);
		if (!fork()) {
			sema_wait(self->go);
			*done = touch_read(page(self->p, 1));
			touch_write(page(self->p, 2), 98);
			sema_post(self->ready);
			_exit(0);
		}
		_exit(0);
	}
	EXPECT_EQ(0, wait_child(pid));
	sema_post(self->go);
	sema_wait(self->ready);
	EXPECT_EQ(99U, *done);
	EXPECT_EQ(98, touch_read(page(self->p, 2)));
}

/* The module stays while it is used. It is never tried when nothing holds it: it would go. */

static int unload_errno(void)
{
	if (references() <= 0)
		return -1;
	return syscall(SYS_delete_module, "mmscope", O_NONBLOCK) ? errno : 0;
}

TEST_F(lifetime, module_stays_while_a_descriptor_is_open)
{
	ASSERT_EQ(0, munmap(self->p, PAGES * page_size()));
	EXPECT_EQ(EWOULDBLOCK, unload_errno());
	EXPECT_LE(0U, scope_drain(&self->s));
}

TEST_F(lifetime, module_stays_while_a_mapping_exists)
{
	close(self->s.fd);
	self->s.fd = -1;
	EXPECT_EQ(EWOULDBLOCK, unload_errno());
	touch_write(self->p, 1);
	EXPECT_EQ(1, touch_read(self->p));
}

TEST_F(lifetime, references_are_given_back)
{
	struct scope other;
	long long before;
	char *p;

	before = references();
	ASSERT_LT(0, before);
	ASSERT_EQ(0, scope_open(&other));
	p = scope_map(&other, 4);
	ASSERT_NE(NULL, p);
	EXPECT_LT(before, references());
	scope_close(&other);
	EXPECT_LT(before, references());
	ASSERT_EQ(0, munmap(p, 4 * page_size()));
	EXPECT_EQ(before, references());
}

TEST_F(lifetime, debugfs_file_that_is_open_holds_the_module)
{
	int fd = open("/sys/kernel/debug/mmscope/stats", O_RDONLY | O_CLOEXEC);
	long long before;
	char byte;

	if (fd < 0)
		SKIP(return, "no /sys/kernel/debug/mmscope/stats: %s", strerror(errno));
	before = references();
	EXPECT_EQ(1, read(fd, &byte, 1));
	close(fd);
	EXPECT_GT(before, references());
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "nothing"))
		return 0;
	if (argc == 3 && argv[1][0] != '-')
		return executed(atoi(argv[1]), atoi(argv[2]));
	return test_harness_run(argc, argv);
}
