// SPDX-License-Identifier: GPL-2.0
/*
 * Nothing stays behind: what the kernel charges to a memory cgroup for files, mappings, processes
 * and readers is the same after many of them as it was before. Where the kernel charges nobody, it
 * is the machine's memory that has to be the same.
 */
#include "delays.h"
#include "storm.h"
#include "process.h"

#include <signal.h>
#include <sys/stat.h>

#define CGROUP	"/sys/fs/cgroup"
#define MINE	CGROUP "/mmscope_leak"
#define FILES	"/sys/kernel/debug/mmscope/"
#define PAGES	20

static const struct way {
	__u32 backing;
	__u64 flags;
} ways[] = {
	{ MMSCOPE_PAGE, 0 },
	{ MMSCOPE_PAGE, MMSCOPE_DROP },
	{ MMSCOPE_PAGE, MMSCOPE_DROP | MMSCOPE_EAGER },
	{ MMSCOPE_PAGE, MMSCOPE_EAGER },
	{ MMSCOPE_PAGE, MMSCOPE_AROUND },
	{ MMSCOPE_PAGE, MMSCOPE_QUIET },
	{ MMSCOPE_PAGE, MMSCOPE_GROWABLE },
	{ MMSCOPE_PAGE, MMSCOPE_COUNT },
	{ MMSCOPE_VMALLOC, 0 },
	{ MMSCOPE_PFN, 0 },
};

/* A file in each way, with a mapping that is cut, moved and refused */
static int use_files(void)
{
	char *p, *to = scope_reserve(PAGES);
	struct scope s;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		/* The store that it has at first is given back */
		if (scope_open(&s) || scope_setup(s.fd, ways[i].backing, ways[i].flags, PAGES))
			return 1;
		p = scope_map_at(&s, PAGES, 0);
		if (!p)
			return 2;
		touch_pages(p, 0, PAGES);
		munmap(page(p, 4), 2 * page_size());
		if (mremap(page(p, 8), 4 * page_size(), 4 * page_size(),
			   MREMAP_MAYMOVE | MREMAP_FIXED, to) == MAP_FAILED)
			return 3;
		if (scope_map_at(&s, PAGES + 1, 0))
			return 4;
		munmap(to, PAGES * page_size());
		munmap(p, PAGES * page_size());
		scope_close(&s);
	}
	return 0;
}

/* A child with its parent's mapping and one of its own, which is killed */
static int use_process(bool follow)
{
	struct scope s, own;
	char *p;
	pid_t pid;

	if (scope_open(&s))
		return 1;
	if (follow && scope_attach(s.fd, 0, 0, MMSCOPE_ATTACH_FOLLOW))
		return 1;
	p = scope_map(&s, PAGES);
	if (!p)
		return 2;
	touch_pages(p, 0, PAGES);
	pid = fork();
	if (!pid) {
		touch_pages(p, 0, PAGES);
		munmap(page(p, 3), page_size());
		if (scope_open(&own) || !scope_map(&own, PAGES))
			_exit(1);
		kill(getpid(), SIGKILL);
	}
	if (wait_child(pid) != 128 + SIGKILL)
		return 3;
	munmap(p, PAGES * page_size());
	scope_close(&s);
	return 0;
}

/* With a log of the child's own, and with its parent's */
static int use_processes(void)
{
	return use_process(false) ?: use_process(true);
}

static void *touch_late(void *p)
{
	pin_to_cpu(1);
	delays_begin();
	touch_write(p, 1);
	return NULL;
}

/* Two threads touch a page at once: the one that is late has made another for nothing */
static int race_at(const char *place)
{
	int hits = delays_hits();
	pthread_t thread;
	struct scope s;
	char *p;

	if (scope_open_as(&s, MMSCOPE_PAGE, 0, PAGES) || delays_set("place", place))
		return 1;
	p = scope_map(&s, PAGES);
	if (!p || pthread_create(&thread, NULL, touch_late, p))
		return 2;
	delays_wait(hits + 1);
	touch_write(p, 2);
	pthread_join(thread, NULL);
	munmap(p, PAGES * page_size());
	scope_close(&s);
	return 0;
}

static int use_races(void)
{
	return race_at("mmscope_store_fill") ?: race_at("mmscope_store_chunk");
}

/* A file that reads this log, then another, follows, and asks for what it does not get */
static int use_readers(void)
{
	struct mmscope_stat stat;
	int ready = sema(), go = sema();
	struct scope s;
	pid_t pid;
	__u32 mm;

	pid = fork();
	if (!pid) {
		sema_post(ready);
		sema_wait(go);
		_exit(0);
	}
	sema_wait(ready);
	if (scope_open(&s))
		return 1;
	mm = scope_mm(s.fd);
	if (scope_attach(s.fd, pid, 0, MMSCOPE_ATTACH_FOLLOW) ||
	    scope_attach(s.fd, 0, mm, MMSCOPE_ATTACH_NOW) ||
	    scope_attach(s.fd, pid, 0, MMSCOPE_ATTACH_FOLLOW | MMSCOPE_ATTACH_NOW) ||
	    scope_attach(s.fd, pid, 0, MMSCOPE_ATTACH_FOLLOW) || scope_stat(s.fd, mm, 0, &stat))
		return 2;
	/* A kernel thread; nobody; an mm that will be later */
	if (!scope_attach(s.fd, 2, 0, 0) || !scope_attach(s.fd, INT_MAX, 0, 0) ||
	    !scope_attach(s.fd, 0, UINT_MAX, 0) || !scope_stat(s.fd, UINT_MAX, 0, &stat))
		return 3;
	sema_post(go);
	if (wait_child(pid))
		return 4;
	/* One that is no more */
	if (!scope_attach(s.fd, pid, 0, MMSCOPE_ATTACH_FOLLOW))
		return 5;
	scope_drain(&s);
	scope_close(&s);
	close(ready);
	close(go);
	return 0;
}

/* More readers wait than whoever records wakes himself: the log is needed until all are awake */
static int use_waiters(void)
{
	struct pollfd waiter[20];
	struct scope s;
	size_t i;
	char *p;
	pid_t pid = fork();

	if (pid)
		return wait_child(pid);
	if (scope_open(&s))
		_exit(1);
	p = scope_map(&s, 1);
	if (!p)
		_exit(2);
	for (i = 0; i < ARRAY_SIZE(waiter); i++) {
		waiter[i] = (struct pollfd){ .fd = open(SCOPE_DEVICE, O_RDWR), .events = POLLIN };
		if (waiter[i].fd < 0 || scope_attach(waiter[i].fd, 0, 0, MMSCOPE_ATTACH_NOW))
			_exit(3);
	}
	/* From now on they want to be woken */
	if (poll(waiter, ARRAY_SIZE(waiter), 0))
		_exit(4);
	touch_write(p, 1);
	_exit(poll(waiter, ARRAY_SIZE(waiter), -1) == ARRAY_SIZE(waiter) ? 0 : 5);
}

static int read_files(void)
{
	static const char * const name[] = { FILES "stats", FILES "mms", FILES "events" };
	char text[4096];
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(name); i++) {
		fd = open(name[i], O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return 1;
		while (read(fd, text, sizeof(text)) > 0)
			;
		close(fd);
	}
	return 0;
}

/* What is charged to the cgroup for the kernel's objects, in bytes */
static long long charged(void)
{
	return number_in(MINE "/memory.stat", "kernel ");
}

/* What all the machine's objects have that nobody can be made to give back, in bytes */
static long long objects(void)
{
	return number_in("/proc/meminfo", "SUnreclaim:") * 1024;
}

FIXTURE(leak)
{
	bool made;
};

FIXTURE_VARIANT(leak)
{
	int (*use)(void);
	long long (*measure)(void);
	/* More than once; a leak of one object a round is more than what stays anyway */
	int rounds;
	long long most;
	bool delays;	/* needs that module */
};

FIXTURE_VARIANT_ADD(leak, of_files)
{
	.use = use_files, .measure = charged, .rounds = 300, .most = 12 << 10,
};

/* More than are kept when they have ended, by default */
FIXTURE_VARIANT_ADD(leak, of_processes)
{
	.use = use_processes, .measure = charged, .rounds = 400, .most = 24 << 10,
};

FIXTURE_VARIANT_ADD(leak, of_readers)
{
	.use = use_readers, .measure = charged, .rounds = 400, .most = 24 << 10,
};

FIXTURE_VARIANT_ADD(leak, of_waiters)
{
	.use = use_waiters, .measure = charged, .rounds = 300, .most = 24 << 10,
};

FIXTURE_VARIANT_ADD(leak, of_races)
{
	.use = use_races, .measure = charged, .rounds = 50, .most = 64 << 10, .delays = true,
};

FIXTURE_VARIANT_ADD(leak, of_debugfs)
{
	.use = read_files, .measure = objects, .rounds = 600, .most = 150 << 10,
};

FIXTURE_SETUP(leak)
{
	int fd = open(CGROUP "/cgroup.subtree_control", O_WRONLY | O_CLOEXEC);
	const char *why = variant->delays ? delays_load() : NULL;
	struct scope s;
	int err = scope_open(&s);

	if (scope_missing(err) || why)
		SKIP(return, "%s", scope_missing(err) ?: why);
	scope_close(&s);
	if (variant->delays && sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one CPU");
	if (variant->delays)
		delays_set("us", "5000");
	if (fd < 0 || write(fd, "+memory", 7) < 0)
		SKIP(return, "no memory controller in cgroup2");
	close(fd);
	rmdir(MINE);
	ASSERT_EQ(0, mkdir(MINE, 0755));
	self->made = true;
	if (charged() < 0)
		SKIP(return, "the kernel does not tell what is charged for its objects");
}

FIXTURE_TEARDOWN(leak)
{
	if (variant->delays)
		delays_unload();
	if (self->made)
		rmdir(MINE);
}

/*
 * What was freed may be given back later: RCU, which waits for CPUs that others keep busy. The
 * kernel adds up every other second.
 */
static long long settle(long long (*measure)(void), long long most)
{
	long long n = measure();
	int i;

	for (i = 0; i < 120 && n > most; i++) {
		usleep(250000);
		n = measure();
	}
	return n;
}

static int use_many(int (*use)(void), int rounds)
{
	int i, err = 0;

	for (i = 0; i < rounds && !err; i++)
		err = use();
	return err;
}

#define TIMES	3	/* a leak grows each time; what the kernel keeps for later does not */

/* Return: bytes by which more is left behind after a number of rounds; *err is a round's error */
static long long grows(int (*use)(void), long long (*measure)(void), int rounds, long long most,
		       int *err)
{
	long long before = measure(), after;

	*err = use_many(use, rounds);
	if (*err)
		return 0;
	after = settle(measure, before + most);
	fprintf(stderr, "# %lld bytes, after %d rounds %lld\n", before, rounds, after);
	return after - before;
}

/* In a child, which joins the cgroup, on one CPU: each that an mm runs on has a ring of its own */
static int measure_leak(int (*use)(void), long long (*measure)(void), int rounds, long long most)
{
	int fd = open(MINE "/cgroup.procs", O_WRONLY | O_CLOEXEC);
	long long more;
	int err, i;

	if (pin_to_cpu(0) || fd < 0 || write(fd, "0", 1) != 1)
		return 101;
	err = use_many(use, rounds);
	if (err)
		return err;
	sleep(3);
	for (i = 0; i < TIMES; i++) {
		more = grows(use, measure, rounds, most, &err);
		if (more <= most)
			return err;
		/* So much the kernel keeps for nobody */
		if (more > 100 * most)
			break;
	}
	return 102;
}

TEST_F_TIMEOUT(leak, leaves_nothing_charged, 600)
{
	pid_t pid = fork();

	if (!pid)
		_exit(measure_leak(variant->use, variant->measure, variant->rounds,
				   variant->most));
	EXPECT_EQ(0, wait_child(pid));
}

TEST_HARNESS_MAIN
