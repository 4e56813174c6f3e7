// SPDX-License-Identifier: GPL-2.0
/*
 * Pointers to what has gone: VMAs, mms, readers and threads that end while others look at them.
 */
#include "storm.h"

#include <dirent.h>

#define DEBUGFS	"/sys/kernel/debug/mmscope"
#define PAGES	16

FIXTURE(stale)
{
	struct scope s;
};

FIXTURE_SETUP(stale)
{
	int err = scope_open_as(&self->s, MMSCOPE_PAGE, 0, PAGES);

	if (scope_missing(err))
		SKIP(return, "%s", scope_missing(err));
	ASSERT_EQ(0, err);
}

FIXTURE_TEARDOWN(stale)
{
	EXPECT_EQ(0U, self->s.bad);
	EXPECT_TRUE(scope_adds_up(self->s.fd));
	EXPECT_EQ(0U, leftovers(self->s.fd));
	scope_close(&self->s);
}

struct bystander {
	unsigned int done;
	bool stop;
};

static void *read_debugfs(void *arg)
{
	static const char * const name[] = { "stats", "mms", "events" };
	char path[64], text[4096];
	struct bystander *b = arg;
	size_t i;
	int fd;

	while (!__atomic_load_n(&b->stop, __ATOMIC_RELAXED)) {
		for (i = 0; i < 3; i++) {
			snprintf(path, sizeof(path), DEBUGFS "/%s", name[i]);
			fd = open(path, O_RDONLY | O_CLOEXEC);
			while (read(fd, text, sizeof(text)) > 0)
				;
			close(fd);
		}
		__atomic_fetch_add(&b->done, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void *drop_caches(void *arg)
{
	struct bystander *b = arg;
	int fd;

	while (!__atomic_load_n(&b->stop, __ATOMIC_RELAXED)) {
		fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
		if (write(fd, "3", 1) == 1)
			__atomic_fetch_add(&b->done, 1, __ATOMIC_RELAXED);
		close(fd);
		usleep(1000);
	}
	return NULL;
}

static int map_touch_and_exit(struct scope *s)
{
	char *p = scope_map_at(s, PAGES, 0);

	if (!p)
		return 1;
	touch_pages(p, 0, PAGES);
	return munmap(page(p, 3), 5 * page_size()) ? 1 : 0;
}

TEST_F_TIMEOUT(stale, munmap_and_exit_race_with_debugfs_readers_and_drop_caches, 3600)
{
	size_t rounds = scope_rounds(40, 2000), i;
	struct bystander b[3] = { { 0 } };
	pthread_t thread[3];
	pid_t pid;

	if (access(DEBUGFS "/mms", R_OK) || access("/proc/sys/vm/drop_caches", W_OK))
		SKIP(return, "no " DEBUGFS " or drop_caches");
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, pthread_create(thread + i, NULL, i ? read_debugfs : drop_caches,
					    b + i));
	for (i = 0; i < rounds || !b[0].done || !b[1].done || !b[2].done; i++) {
		char *p = scope_map_at(&self->s, PAGES, 0);

		ASSERT_NE(NULL, p);
		touch_pages(p, 0, PAGES);
		munmap(page(p, i % PAGES), page_size());
		pid = fork();
		if (!pid)
			_exit(map_touch_and_exit(&self->s));
		munmap(p, PAGES * page_size());
		EXPECT_EQ(0, wait_child(pid));
	}
	for (i = 0; i < 3; i++)
		__atomic_store_n(&b[i].stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
}

/* A reader that dies where it waits */

static void read_for_ever(pid_t of, int how)
{
	struct pollfd p = { .events = POLLIN };
	struct mmscope_event e[16];
	struct scope s;

	if (scope_open(&s) || scope_attach(s.fd, of, 0, how % 2 ? MMSCOPE_ATTACH_FOLLOW : 0))
		_exit(1);
	fcntl(s.fd, F_SETFL, 0);
	p.fd = s.fd;
	for (;;) {
		if (how < 2)
			poll(&p, 1, -1);
		if (read(s.fd, e, sizeof(e)) < 0)
			_exit(2);
	}
}

TEST_F_TIMEOUT(stale, readers_that_are_killed_leave_the_log_to_others, 3600)
{
	size_t rounds = scope_rounds(20, 500), i, k;
	char *p = scope_map(&self->s, PAGES);
	pid_t pid[4];

	ASSERT_NE(NULL, p);
	for (i = 0; i < rounds; i++) {
		for (k = 0; k < 4; k++) {
			pid[k] = fork();
			if (!pid[k])
				read_for_ever(getppid(), k);
		}
		for (k = 0; k < 4; k++) {
			madvise(p, PAGES * page_size(), MADV_DONTNEED);
			read_pages(p, 0, i % PAGES + 1);
			usleep(i % 8 * 500);
			kill(pid[k], SIGKILL);
			EXPECT_EQ(128 + SIGKILL, wait_child(pid[k]));
		}
		read_pages(p, 0, PAGES);
		ASSERT_LT(0U, scope_drain(&self->s));
		self->s.nr = 0;
	}
}

/* A thread that executes a program becomes the leader, which goes */

static void *execute_on_and_on(void *arg)
{
	execl("/proc/self/exe", "stale_test", "execute", NULL);
	return arg;
}

static int executing(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, execute_on_and_on, NULL))
		return 1;
	pause();
	return 2;
}

/* The highest thread id of a process, which is not its own if it has another thread */
static pid_t last_thread(pid_t pid)
{
	char path[32];
	struct dirent *e;
	int last = pid;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (e = readdir(dir)))
		if (atoi(e->d_name) > last)
			last = atoi(e->d_name);
	if (dir)
		closedir(dir);
	return last;
}

TEST_F_TIMEOUT(stale, attach_to_threads_that_become_leaders, 3600)
{
	size_t rounds = scope_rounds(300, 5000), i, attached = 0;
	pid_t pid = fork();
	int tid, err;

	if (!pid) {
		execute_on_and_on(NULL);
		_exit(1);
	}
	for (i = 0; i < rounds || !attached; i++) {
		tid = i % 2 ? last_thread(pid) : pid;
		err = scope_attach(self->s.fd, tid, 0, 0) ? errno : 0;
		EXPECT_TRUE(!err || err == ESRCH) TH_LOG("errno %d", err);
		attached += !err;
	}
	kill(pid, SIGKILL);
	EXPECT_EQ(128 + SIGKILL, wait_child(pid));
	EXPECT_EQ(0, scope_attach(self->s.fd, getpid(), 0, 0));
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "nothing"))
		return 0;
	if (argc == 2 && !strcmp(argv[1], "execute"))
		return executing();
	return test_harness_run(argc, argv);
}
