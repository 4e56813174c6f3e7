// SPDX-License-Identifier: GPL-2.0
/*
 * Pages of the store are charged to the memory cgroup of the process that touches them, so that
 * its limit holds for them, too.
 */
#include "scope.h"
#include "process.h"

#include <sys/stat.h>

#define CGROUP	"/sys/fs/cgroup"
#define MINE	CGROUP "/mmscope_test"
#define PAGES	2000

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	close(fd);
	return n < 0 ? -1 : 0;
}

static long long read_number(const char *path)
{
	char text[64] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	close(fd);
	return n <= 0 ? -1 : strtoll(text, NULL, 10);
}

/* A counter of memory.events */
static long long event_count(const char *name)
{
	FILE *f = fopen(MINE "/memory.events", "re");
	long long n = -1;
	char line[64];

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)) && line[strlen(name)] == ' ')
			n = strtoll(line + strlen(name), NULL, 10);
	if (f)
		fclose(f);
	return n;
}

static long long charged_pages(void)
{
	return read_number(MINE "/memory.current") / (long long)page_size();
}

FIXTURE(memcg)
{
	bool made;
};

FIXTURE_VARIANT(memcg)
{
	__u32 backing;
	__u64 flags;
};

FIXTURE_VARIANT_ADD(memcg, page)
{
	.backing = MMSCOPE_PAGE,
};

FIXTURE_VARIANT_ADD(memcg, vmalloc)
{
	.backing = MMSCOPE_VMALLOC,
};

FIXTURE_VARIANT_ADD(memcg, pfn)
{
	.backing = MMSCOPE_PFN,
};

FIXTURE_VARIANT_ADD(memcg, eager)
{
	.backing = MMSCOPE_PAGE,
	.flags = MMSCOPE_EAGER,
};

FIXTURE_SETUP(memcg)
{
	if (access(CGROUP "/cgroup.subtree_control", W_OK))
		SKIP(return, "no cgroup2 on " CGROUP);
	if (write_text(CGROUP "/cgroup.subtree_control", "+memory"))
		SKIP(return, "no memory controller in cgroup2");
	rmdir(MINE);
	if (mkdir(MINE, 0755))
		SKIP(return, "cannot make " MINE ": %s", strerror(errno));
	self->made = true;
}

FIXTURE_TEARDOWN(memcg)
{
	if (self->made)
		rmdir(MINE);
}

/* In a child, which joins the cgroup: its pages are charged, and given back with the file */
static int charge(__u32 backing, __u64 flags)
{
	long long before, with, after;
	struct scope s;
	char *p;

	if (write_text(MINE "/cgroup.procs", "0"))
		return 1;
	before = charged_pages();
	if (scope_open_as(&s, backing, flags, PAGES))
		return 1;
	p = scope_map(&s, PAGES);
	if (!p)
		return 2;
	touch_pages(p, 0, PAGES);
	with = charged_pages();
	munmap(p, PAGES * page_size());
	scope_close(&s);
	after = charged_pages();
	fprintf(stderr, "# charged before %lld, with %d pages %lld, after %lld\n", before, PAGES,
		with, after);
	/* A batch of charges per CPU may be anywhere */
	if (with - before < PAGES - 200)
		return 3;
	return with - after < PAGES - 200 ? 4 : 0;
}

TEST_F(memcg, pages_are_charged)
{
	pid_t pid = fork();

	if (!pid)
		_exit(charge(variant->backing, variant->flags));
	EXPECT_EQ(0, wait_child(pid));
}

/* In a child that may have a quarter of the pages: it cannot get to its end */
static int limited(__u32 backing, __u64 flags)
{
	struct scope s;
	char *p;
	int err;

	if (write_text(MINE "/cgroup.procs", "0"))
		return 1;
	err = scope_open_as(&s, backing, flags, PAGES);
	if (err)
		return err == -ENOMEM ? 0 : 1;
	p = scope_map(&s, PAGES);
	if (!p)
		return errno == ENOMEM ? 0 : 2;
	touch_pages(p, 0, PAGES);
	return 3;
}

TEST_F(memcg, limit_is_kept)
{
	char limit[32];
	pid_t pid;
	int code;

	snprintf(limit, sizeof(limit), "%zu", PAGES / 4 * page_size());
	ASSERT_EQ(0, write_text(MINE "/memory.max", limit));
	pid = fork();
	if (!pid)
		_exit(limited(variant->backing, variant->flags));
	code = wait_child(pid);
	/* An error, or the cgroup's own killer, as for any memory */
	EXPECT_TRUE(!code || code == 128 + SIGKILL) TH_LOG("exit code %d", code);
	EXPECT_EQ(code ? 1 : 0, event_count("oom_kill"));
	/* And what the killed one had is given back */
	EXPECT_GT(200, charged_pages());
}

/*
 * In a child: a mapping of our device and its first record, or one of /dev/zero by the same calls,
 * until it is told to end. So the difference is what the module costs, and not the pages that a
 * process writes when it opens and maps something.
 */
static void live_with_ring(int ready, int end, bool ring)
{
	struct scope s;
	char *p = NULL;
	char c;

	if (!ring) {
		memset(&s, 0, sizeof(s));
		s.fd = open("/dev/zero", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	} else if (scope_open(&s)) {
		s.fd = -1;
	}
	if (s.fd >= 0)
		p = scope_map(&s, 1);
	if (p)
		touch_read(p);
	if (write(ready, p ? "r" : "-", 1) != 1 || read(end, &c, 1) < 0)
		_exit(1);
	_exit(0);
}

#define MANY	32

/*
 * Pages charged, to the page: what a CPU has charged beforehand and not used yet is taken back from
 * all of them where a cgroup is above what it may have. What has ended just now is given back a
 * little later: wait until nothing more is.
 */
static long long settled_pages(void)
{
	long long pages = charged_pages(), before;
	char text[32];
	int same = 0, i;

	for (i = 0; i < 200 && same < 10; i++) {
		snprintf(text, sizeof(text), "%lld", (pages - 1) * (long long)page_size());
		if (pages > 1 && write_text(MINE "/memory.high", text))
			return -1;
		write_text(MINE "/memory.high", "max");
		usleep(20000);
		before = pages;
		pages = charged_pages();
		same = pages == before ? same + 1 : 0;
	}
	return pages;
}

/* Pages charged for so many processes; -1 if they did not come up */
static long long charged_for(bool ring)
{
	long long before, with = -1;
	int ready[2], end[2], i;
	pid_t pid[MANY];
	char c;

	if (pipe(ready) || pipe(end))
		return -1;
	before = settled_pages();
	for (i = 0; i < MANY; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			close(end[1]);
			live_with_ring(ready[1], end[0], ring);
		}
	}
	for (i = 0; i < MANY; i++)
		if (read(ready[0], &c, 1) != 1 || c != 'r')
			break;
	if (i == MANY)
		with = settled_pages() - before;
	close(end[1]);
	for (i = 0; i < MANY; i++)
		wait_child(pid[i]);
	close(ready[0]);
	close(ready[1]);
	close(end[0]);
	return with;
}

/* In a child, which joins the cgroup, on one CPU: a process has one ring */
static int measure_rings(void)
{
	long long with, without, pages = 280 * 1024 / page_size();

	if (pin_to_cpu(0) || write_text(MINE "/cgroup.procs", "0"))
		return 1;
	without = charged_for(false);
	with = charged_for(true);
	fprintf(stderr, "# %d processes: %lld pages, with a ring each %lld\n", MANY, without, with);
	if (without < 0 || with < 0)
		return 2;
	return with - without > MANY * pages ? 3 : 0;
}

TEST_F(memcg, live_process_costs_at_most_280_kib)
{
	pid_t pid = fork();

	if (!pid)
		_exit(measure_rings());
	EXPECT_EQ(0, wait_child(pid));
}

TEST_HARNESS_MAIN
