// SPDX-License-Identifier: GPL-2.0
/*
 * Processes that fork, execute programs, map and unmap, and are killed anywhere in between; and
 * CPUs and memory that go away under those who record.
 */
#include "storm.h"

#include <sys/prctl.h>

FIXTURE(kill)
{
	struct scope s;
	long long references;
};

FIXTURE_SETUP(kill)
{
	int err;

	self->references = references();
	err = scope_open(&self->s);
	if (scope_missing(err))
		SKIP(return, "%s", scope_missing(err));
	ASSERT_EQ(0, err);
}

FIXTURE_TEARDOWN(kill)
{
	EXPECT_EQ(0U, self->s.bad);
	EXPECT_TRUE(scope_adds_up(self->s.fd));
	EXPECT_EQ(0U, leftovers(self->s.fd));
	scope_close(&self->s);
	/* Files that were open in the killed ones are gone, too */
	EXPECT_EQ(self->references, references());
}

/* Waits until no child is left, adopted ones included. Returns how many there were. */
static size_t reap_all(void)
{
	size_t n = 0;

	for (;;) {
		if (waitpid(-1, NULL, 0) > 0)
			n++;
		else if (errno != EINTR)
			return n;
	}
}

static size_t *shared_counter(void)
{
	return mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

/* Has a child ended, whom nobody killed? It can still be waited for. */
static bool is_over(pid_t pid)
{
	siginfo_t info = { .si_pid = 0 };

	if (waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) || !info.si_pid)
		return false;
	fprintf(stderr, "# a storm ended by itself: %s %d\n",
		info.si_code == CLD_EXITED ? "status" : "signal", info.si_status);
	return true;
}

/*
 * A storm in a group of its own, killed with all its children after some steps, or before any.
 * Returns how many processes there were, 0 if it did not have to be killed.
 */
static size_t kill_storm(int fd, unsigned int seed, size_t *done, size_t steps, useconds_t late)
{
	bool over = false;
	size_t n;
	pid_t pid;

	*done = 0;
	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		make_storm(fd, seed, 100000, done);
		_exit(1);
	}
	setpgid(pid, pid);
	while (__atomic_load_n(done, __ATOMIC_RELAXED) < steps && !over) {
		usleep(200);
		over = is_over(pid);
	}
	usleep(late);
	kill(-pid, SIGKILL);
	n = reap_all();
	return over ? 0 : n;
}

TEST_F_TIMEOUT(kill, of_storms_at_random_points_leaves_nothing, 7200)
{
	size_t rounds = scope_rounds(40, 10000), i, n, processes = 0;
	unsigned int seed = now_ns();
	struct storm s = { .seed = seed };
	size_t *done = shared_counter();

	ASSERT_NE(MAP_FAILED, done);
	/* The children of those that are killed become ours */
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	for (i = 0; i < rounds; i++) {
		n = kill_storm(self->s.fd, seed + i, done, i % 4 ? pick(&s, 60) : 0,
			       pick(&s, 2000));
		ASSERT_NE(0U, n) TH_LOG("round %zu, seed %u", i, seed);
		processes += n;
		if (i % 50 && i + 1 < rounds)
			continue;
		ASSERT_EQ(0U, leftovers(self->s.fd)) TH_LOG("round %zu, seed %u", i, seed);
		/* This process alone has a file, and nobody a mapping */
		ASSERT_EQ(0U, live_mms(self->s.fd)) TH_LOG("round %zu, seed %u", i, seed);
	}
	TH_LOG("%zu rounds, %zu processes, seed %u: nothing left", rounds, processes, seed);
	EXPECT_LE(rounds, processes);
}

/* CPUs that come and go */

struct worker {
	char *p;
	bool *stop;
	size_t faults;
};

static void *fault_on_and_on(void *arg)
{
	struct worker *w = arg;

	while (!__atomic_load_n(w->stop, __ATOMIC_RELAXED)) {
		read_pages(w->p, 0, STORM_PAGES);
		w->faults += STORM_PAGES;
		madvise(w->p, STORM_PAGES * page_size(), MADV_DONTNEED);
	}
	return NULL;
}

static int write_number(const char *path, long long n)
{
	FILE *f = fopen(path, "we");
	int err;

	if (!f)
		return -1;
	err = fprintf(f, "%lld\n", n) < 0;
	return fclose(f) || err ? -1 : 0;
}

#define CPU1	"/sys/devices/system/cpu/cpu1/online"

TEST_F_TIMEOUT(kill, of_a_cpu_that_records_loses_no_record_but_counts_it, 3600)
{
	size_t rounds = scope_rounds(5, 100), i, faults = 0;
	struct mmscope_stat stat;
	struct worker w[3];
	pthread_t thread[3];
	bool stop = false;

	if (access(CPU1, W_OK))
		SKIP(return, "no CPU that can be switched off");
	for (i = 0; i < 3; i++) {
		char *p = scope_map_at(&self->s, STORM_PAGES, i * STORM_PAGES);

		ASSERT_NE(NULL, p);
		w[i] = (struct worker){ .p = p, .stop = &stop };
		ASSERT_EQ(0, pthread_create(thread + i, NULL, fault_on_and_on, w + i));
	}
	for (i = 0; i < rounds; i++) {
		EXPECT_EQ(0, write_number(CPU1, 0));
		scope_drain(&self->s);
		self->s.nr = 0;
		EXPECT_EQ(0, write_number(CPU1, 1));
		usleep(1000);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < 3; i++) {
		pthread_join(thread[i], NULL);
		faults += w[i].faults;
		munmap(w[i].p, STORM_PAGES * page_size());
	}
	ASSERT_EQ(0, scope_stat(self->s.fd, 0, 0, &stat));
	EXPECT_EQ(faults, stat.events[MMSCOPE_FAULT]);
	EXPECT_EQ(0U, stat.dropped);
	scope_drain(&self->s);
}

/* Memory that becomes short */

/* A child that takes all memory but so many KiB, and holds it until it is killed */
static pid_t take_all_but(long long kib)
{
	size_t size = (number_in("/proc/meminfo", "MemFree:") - kib) * 1024;
	int ready = sema();
	pid_t pid = fork();

	if (!pid) {
		if (mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0) == MAP_FAILED)
			_exit(2);
		sema_post(ready);
		pause();
		_exit(3);
	}
	sema_wait(ready);
	close(ready);
	return pid;
}

/* Until memory ends, or all has been done. Then every page goes back. */
static int use_memory(__u32 backing, __u64 flags, size_t pages)
{
	struct scope s;
	size_t i;
	char *p;
	int err;

	/* The killer shall take this one first */
	if (write_number("/proc/self/oom_score_adj", 1000))
		return 3;
	err = scope_open_as(&s, backing, flags, pages);
	if (err)
		return err == -ENOMEM ? 0 : 4;
	p = scope_map(&s, pages);
	if (!p)
		return errno == ENOMEM ? 0 : 5;
	for (i = 0; i < pages; i++) {
		touch_write(page(p, i), 1);
		if (i % 4096 == 0 && write_number("/proc/sys/vm/drop_caches", 3))
			return 6;
	}
	munmap(page(p, 1), (pages - 2) * page_size());
	return 0;
}

/*
 * Of vmalloc memory never more than there is; memcg_test and inject_test do that. Of a vmalloc()
 * that fails the pages may come back later, and who needs one meanwhile has others killed; and on
 * 6.12 it was seen to stop the machine: more than 128 MiB that are to be unmapped are shared out to
 * workers (__purge_vmap_area_lazy()); kthreadd, which has to make one, reclaims memory for it, and
 * waits for the lock of who waits for the worker (vmap_node_shrink_scan()). 7.3 has the same lines.
 */
TEST_F_TIMEOUT(kill, for_lack_of_memory_leaves_nothing, 3600)
{
	static const struct {
		__u32 backing;
		__u64 flags;
	} kind[] = {
		{ MMSCOPE_PAGE, 0 }, { MMSCOPE_PAGE, MMSCOPE_DROP },
		{ MMSCOPE_PAGE, MMSCOPE_EAGER }, { MMSCOPE_VMALLOC, 0 },
		{ MMSCOPE_PAGE, MMSCOPE_AROUND }, { MMSCOPE_PFN, 0 },
	};
	size_t rounds = scope_rounds(ARRAY_SIZE(kind), 60) + 1, i, killed = 0;
	size_t mib = 1024 * 1024 / page_size();
	pid_t pid, hog;
	int code;

	if (access("/proc/sys/vm/drop_caches", W_OK))
		SKIP(return, "not root");
	write_number("/proc/sys/vm/drop_caches", 3);
	hog = take_all_but(256 * 1024);
	for (i = 0; i < rounds; i++) {
		const __u32 backing = kind[i % ARRAY_SIZE(kind)].backing;
		/* Of each kind, in every second round more than there is */
		const bool all = (i / ARRAY_SIZE(kind) + i) % 2 && backing != MMSCOPE_VMALLOC;

		pid = fork();
		if (!pid)
			_exit(use_memory(backing, kind[i % ARRAY_SIZE(kind)].flags,
					 (all ? 320 : 16) * mib));
		code = wait_child(pid);
		EXPECT_TRUE(!code || code == 128 + SIGKILL) TH_LOG("exit code %d", code);
		killed += code != 0;
	}
	kill(hog, SIGKILL);
	EXPECT_EQ(128 + SIGKILL, wait_child(hog));
	TH_LOG("%zu of %zu were killed", killed, rounds);
	EXPECT_LT(0U, killed);
	EXPECT_GT(rounds, killed);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "nothing"))
		return 0;
	return test_harness_run(argc, argv);
}
