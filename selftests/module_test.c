// SPDX-License-Identifier: GPL-2.0
/*
 * The module comes and goes: which parameters it takes, what holds it, and that nobody who opens
 * the device meanwhile can tell, but by an error.
 */
#include "storm.h"

#include <linux/perf_event.h>

#define DEBUGFS	"/sys/kernel/debug/mmscope"
#define TRACING	"/sys/kernel/tracing"

/* Where scripts/vm puts it */
static const char *module_file(void)
{
	const char *file = getenv("SCOPE_MODULE");

	return file ? file : "/mmscope.ko";
}

/* Returns 0 or errno */
static int load(const char *params)
{
	int fd = open(module_file(), O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return errno;
	err = syscall(SYS_finit_module, fd, params, 0) ? errno : 0;
	close(fd);
	return err;
}

static int unload(void)
{
	return syscall(SYS_delete_module, "mmscope", O_NONBLOCK) ? errno : 0;
}

static bool is_loaded(void)
{
	return !access("/sys/module/mmscope/refcnt", F_OK);
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = write(fd, text, strlen(text));

	close(fd);
	return n < 0 ? -1 : 0;
}

FIXTURE(module)
{
	char params[256];
};

FIXTURE_SETUP(module)
{
	static const char * const name[] = { "max_pages", "events", "idle_mms", "dead_mms" };
	size_t i, len = 0;

	if (access(module_file(), R_OK) || geteuid())
		SKIP(return, "no %s (SCOPE_MODULE names another), or not root", module_file());
	if (!is_loaded())
		SKIP(return, "the module is not loaded");
	/* As it is now it shall be afterwards */
	for (i = 0; i < ARRAY_SIZE(name); i++)
		len += snprintf(self->params + len, sizeof(self->params) - len, "%s=%lld ",
				name[i], scope_param(name[i]));
	if (unload())
		SKIP(return, "the module is in use");
}

FIXTURE_TEARDOWN(module)
{
	if (is_loaded())
		EXPECT_EQ(0, unload());
	EXPECT_EQ(0, load(self->params));
}

/* Sizes of rings and of all else that can be chosen */

TEST_F_TIMEOUT(module, parameters_that_are_out_of_range_are_refused, 600)
{
	static const char * const bad[] = {
		"events=0", "events=63", "events=65", "events=2097152", "events=2147483648",
		"events=4294967295", "events=9223372036854775808", "events=-1", "max_pages=0",
		"max_pages=4194305", "max_pages=4294967295", "max_pages=-1", "idle_mms=65537",
		"dead_mms=4294967295",
	};
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		err = load(bad[i]);
		EXPECT_TRUE(err == EINVAL || err == ERANGE) TH_LOG("%s: errno %d", bad[i], err);
		EXPECT_FALSE(is_loaded()) TH_LOG("%s", bad[i]);
		EXPECT_NE(0, access(SCOPE_DEVICE, F_OK)) TH_LOG("%s", bad[i]);
	}
}

TEST_F_TIMEOUT(module, parameters_at_the_edges_work, 600)
{
	static const char * const good[] = {
		"events=64 max_pages=1 idle_mms=0 dead_mms=0",
		"events=1048576 max_pages=4194304 idle_mms=65536 dead_mms=65536",
	};
	struct mmscope_info info;
	struct scope s;
	size_t i, k;
	char *p;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		ASSERT_EQ(0, load(good[i])) TH_LOG("%s", good[i]);
		ASSERT_EQ(0, scope_open(&s));
		ASSERT_EQ(0, scope_info(s.fd, &info));
		p = scope_map(&s, 1);
		ASSERT_NE(NULL, p);
		/* More than the smallest ring holds */
		for (k = 0; k < 100; k++) {
			touch_write(p, 1);
			madvise(p, page_size(), MADV_DONTNEED);
		}
		scope_drain(&s);
		EXPECT_LE(64U, s.nr) TH_LOG("%s", good[i]);
		EXPECT_EQ(0U, s.bad) TH_LOG("%s", good[i]);
		EXPECT_TRUE(scope_adds_up(s.fd)) TH_LOG("%s", good[i]);
		p = scope_map_at(&s, 1, info.pages - 1);
		EXPECT_NE(NULL, p) TH_LOG("%s", good[i]);
		EXPECT_EQ(0, try_write(p)) TH_LOG("%s", good[i]);
		EXPECT_EQ(NULL, scope_map_at(&s, 1, info.pages));
		scope_close(&s);
		munmap(p, page_size());
		if (s.area[0].base)
			munmap((void *)s.area[0].base, page_size());
		ASSERT_EQ(0, unload()) TH_LOG("%s", good[i]);
	}
}

/* What holds the module */

TEST_F_TIMEOUT(module, stays_as_long_as_it_is_used, 600)
{
	struct scope s;
	char *p;
	int fd;

	ASSERT_EQ(0, load(""));
	ASSERT_EQ(0, scope_open(&s));
	EXPECT_EQ(EWOULDBLOCK, unload());
	p = scope_map(&s, 4);
	ASSERT_NE(NULL, p);
	scope_close(&s);
	EXPECT_EQ(EWOULDBLOCK, unload());
	touch_write(p, 1);
	munmap(p, 4 * page_size());
	/* This process is remembered, which does not count */
	EXPECT_EQ(0, unload());

	ASSERT_EQ(0, load(""));
	fd = open(DEBUGFS "/mms", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		EXPECT_EQ(EWOULDBLOCK, unload());
		close(fd);
	}
	EXPECT_EQ(0, unload());
	EXPECT_NE(0, access(DEBUGFS, F_OK));
	EXPECT_NE(0, access(SCOPE_DEVICE, F_OK));
}

TEST_F_TIMEOUT(module, can_go_while_its_events_are_traced, 600)
{
	char buf[4096];
	struct scope s;
	ssize_t n;
	int fd;

	ASSERT_EQ(0, load(""));
	if (access(TRACING "/events/mmscope/enable", W_OK))
		SKIP(return, "no " TRACING);
	ASSERT_EQ(0, write_file(TRACING "/events/mmscope/enable", "1"));
	ASSERT_EQ(0, scope_open(&s));
	touch_pages(scope_map(&s, 4), 0, 4);
	munmap((void *)s.area[0].base, 4 * page_size());
	scope_close(&s);
	EXPECT_EQ(0, unload());
	EXPECT_NE(0, access(TRACING "/events/mmscope", F_OK));
	/* What was traced does not name what has gone */
	fd = open(TRACING "/trace", O_RDONLY | O_CLOEXEC);
	while ((n = read(fd, buf, sizeof(buf) - 1)) > 0) {
		buf[n] = 0;
		EXPECT_EQ(NULL, strstr(buf, "mmscope_event:"));
	}
	close(fd);
	/* And it can come again, with its events switched off */
	ASSERT_EQ(0, load(""));
	ASSERT_EQ(0, scope_open(&s));
	touch_pages(scope_map(&s, 4), 0, 4);
	munmap((void *)s.area[0].base, 4 * page_size());
	scope_close(&s);
}

TEST_F_TIMEOUT(module, stays_as_long_as_perf_counts_its_events, 600)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr), .sample_period = 1,
	};
	int fd;

	ASSERT_EQ(0, load(""));
	attr.config = number_in(TRACING "/events/mmscope/mmscope_event/id", NULL);
	fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	if (fd < 0)
		SKIP(return, "no perf events: %s", strerror(errno));
	EXPECT_EQ(EWOULDBLOCK, unload());
	close(fd);
	EXPECT_EQ(0, unload());
}

/* Those who come at the wrong moment */

struct visitor {
	bool *stop;
	size_t visits;
	bool wrong;
};

static void *visit_device(void *arg)
{
	struct visitor *v = arg;
	struct scope s;
	char *p;

	while (!__atomic_load_n(v->stop, __ATOMIC_RELAXED)) {
		int err = scope_open(&s);

		if (err) {
			v->wrong |= err != -ENOENT && err != -ENODEV && err != -ENXIO;
			sched_yield();
			continue;
		}
		p = scope_map(&s, 4);
		if (p) {
			touch_pages(p, 0, 4);
			munmap(p, 4 * page_size());
		}
		scope_drain(&s);
		v->wrong |= !p || s.bad || !scope_adds_up(s.fd);
		scope_close(&s);
		__atomic_fetch_add(&v->visits, 1, __ATOMIC_RELAXED);
		usleep(v->visits % 5 * 1000);
	}
	return NULL;
}

static void *visit_debugfs(void *arg)
{
	struct visitor *v = arg;
	char text[4096];
	int fd;

	while (!__atomic_load_n(v->stop, __ATOMIC_RELAXED)) {
		fd = open(v->visits % 2 ? DEBUGFS "/events" : DEBUGFS "/stats",
			  O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			sched_yield();
			continue;
		}
		while (read(fd, text, sizeof(text)) > 0)
			;
		close(fd);
		__atomic_fetch_add(&v->visits, 1, __ATOMIC_RELAXED);
		usleep(v->visits % 5 * 1000);
	}
	return NULL;
}

TEST_F_TIMEOUT(module, loads_and_unloads_under_those_who_open_it, 7200)
{
	size_t rounds = scope_rounds(5, 1000), i, refused = 0;
	bool stop = false;
	struct visitor v[3] = { { &stop, 0, false }, { &stop, 0, false }, { &stop, 0, false } };
	pthread_t thread[3];
	int err;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, pthread_create(thread + i, NULL, i ? visit_device : visit_debugfs,
					    v + i));
	for (i = 0; i < rounds; i++) {
		size_t seen = v[1].visits + v[2].visits;

		ASSERT_EQ(0, load(""));
		/* Every second time it goes at once */
		while (i % 2 && __atomic_load_n(&v[1].visits, __ATOMIC_RELAXED) +
				__atomic_load_n(&v[2].visits, __ATOMIC_RELAXED) == seen)
			usleep(1000);
		for (;;) {
			err = unload();
			if (err != EWOULDBLOCK)
				break;
			refused++;
			usleep(1000);
		}
		ASSERT_EQ(0, err);
	}
	stop = true;
	for (i = 0; i < 3; i++) {
		pthread_join(thread[i], NULL);
		EXPECT_FALSE(v[i].wrong);
		EXPECT_LT(0U, v[i].visits);
	}
	TH_LOG("%zu times loaded and unloaded, %zu visits, %zu times refused", rounds,
	       v[0].visits + v[1].visits + v[2].visits, refused);
}

TEST_HARNESS_MAIN
