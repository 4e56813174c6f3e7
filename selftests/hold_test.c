// SPDX-License-Identifier: GPL-2.0
/*
 * Nobody holds others up, however much he has to do: not under a lock, nor when he is to die.
 *
 * Who does it is delayed at each step (delays.h), so that steps can be counted while others do
 * something: no time is measured. Who waited for all of them would have counted them all.
 */
#include "delays.h"
#include "scope.h"

#include <sys/wait.h>

#define DEBUGFS	"/sys/kernel/debug/mmscope"

/* How many there are of what somebody goes through, and how few steps are few */
#define MANY	80
#define FEW	30

FIXTURE(hold)
{
	struct scope s;
	char *p;
	pid_t child[MANY];
	int children;
};

FIXTURE_SETUP(hold)
{
	const char *why = delays_load();
	int err;

	self->s.fd = -1;
	if (why)
		SKIP(return, "%s", why);
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one CPU");
	if (access(DEBUGFS, F_OK))
		SKIP(return, "no " DEBUGFS);
	/* Who waits busily has a CPU for himself */
	pin_to_cpu(0);
	err = scope_open(&self->s);
	if (scope_missing(err))
		SKIP(return, "%s", scope_missing(err));
	ASSERT_EQ(0, err);
	self->p = scope_map(&self->s, MANY);
	ASSERT_NE(NULL, self->p);
}

FIXTURE_TEARDOWN(hold)
{
	int i;

	delays_unload();
	for (i = 0; i < self->children; i++) {
		kill(self->child[i], SIGKILL);
		wait_child(self->child[i]);
	}
	if (self->s.fd >= 0) {
		EXPECT_TRUE(scope_adds_up(self->s.fd));
		scope_close(&self->s);
	}
}

/* Has whoever is delayed wait for so long */
static int delay(const char *place, int ms)
{
	char us[16];

	snprintf(us, sizeof(us), "%d", ms * 1000);
	return delays_set("us", us) ?: delays_set("place", place);
}

/* mutex_lock(), which lockdep has by another name */
static int delay_at_mutex_lock(int ms)
{
	int err = delay("mutex_lock_nested", ms);

	return err ? delay("mutex_lock", ms) : 0;
}

/* A child that lives, and whose mm is known; its id */
static __u32 add_child(pid_t *pid)
{
	int ready[2];
	__u32 mm = 0;

	if (pipe(ready))
		return 0;
	*pid = fork();
	if (!*pid) {
		struct scope s;

		if (scope_open(&s))
			_exit(1);
		mm = scope_mm(s.fd);
		if (write(ready[1], &mm, sizeof(mm)) != sizeof(mm))
			_exit(2);
		pause();
		_exit(3);
	}
	close(ready[1]);
	if (read(ready[0], &mm, sizeof(mm)) != sizeof(mm))
		mm = 0;
	close(ready[0]);
	return mm;
}

static bool add_children(pid_t *child, int *nr)
{
	while (*nr < MANY)
		if (!add_child(&child[(*nr)++]))
			return false;
	return true;
}

/* Somebody in another process does something on the other CPU, delayed from the beginning */
static pid_t start(int (*what)(void *arg), void *arg)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	pin_to_cpu(1);
	delays_begin();
	_exit(what(arg));
}

/* Is it still at work? It can be waited for. */
static bool is_busy(pid_t pid)
{
	siginfo_t info = { .si_pid = 0 };

	return !waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) && !info.si_pid;
}

static int read_all(void *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[4096];
	ssize_t n;

	if (fd < 0)
		return 1;
	do
		n = read(fd, text, sizeof(text));
	while (n > 0);
	close(fd);
	return n ? 2 : 0;
}

TEST_F_TIMEOUT(hold, summing_up_all_mms_lets_others_in, 120)
{
	struct scope other;
	pid_t pid;
	int hits;

	ASSERT_TRUE(add_children(self->child, &self->children));
	ASSERT_EQ(0, delay_at_mutex_lock(20));
	pid = start(read_all, DEBUGFS "/stats");
	delays_wait(4);
	hits = delays_hits();
	EXPECT_EQ(0, scope_open(&other));
	scope_close(&other);
	hits = delays_hits() - hits;
	EXPECT_GT(FEW, hits);
	/* Or there was nothing to wait for */
	EXPECT_TRUE(is_busy(pid));
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_LT(MANY, delays_hits());
}

TEST_F_TIMEOUT(hold, summing_up_ends_when_killed, 120)
{
	pid_t pid;

	ASSERT_TRUE(add_children(self->child, &self->children));
	ASSERT_EQ(0, delay_at_mutex_lock(20));
	pid = start(read_all, DEBUGFS "/stats");
	delays_wait(4);
	kill(pid, SIGKILL);
	EXPECT_EQ(128 + SIGKILL, wait_child(pid));
	EXPECT_GT(FEW, delays_hits());
}

/* All that was counted, as debugfs sums it up */
static long long total(const char *what)
{
	FILE *f = fopen(DEBUGFS "/stats", "re");
	long long value = -1;
	char name[64];

	while (f && fscanf(f, "%63s %lld", name, &value) == 2 && strcmp(name, what))
		;
	if (f)
		fclose(f);
	return value;
}

struct sums {
	long long before;
	int begun;
	int ended;
};

/* Reads the sum again and again; each must be between what had ended before and had begun after */
static int watch_sum(void *arg)
{
	struct sums *sums = arg;
	int i, ended, begun;
	long long more;

	for (i = 0; i < 2; i++) {
		ended = __atomic_load_n(&sums->ended, __ATOMIC_SEQ_CST);
		more = total("fault") - sums->before;
		begun = __atomic_load_n(&sums->begun, __ATOMIC_SEQ_CST);
		fprintf(stderr, "# between %d and %d: %lld\n", ended, begun, more);
		if (more < ended || more > begun)
			return 1;
	}
	return 0;
}

/* While many end and are forgotten, before and behind the place where the sum is */
TEST_F_TIMEOUT(hold, sum_has_each_mm_once, 300)
{
	struct sums *sums = mmap(NULL, page_size(), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid, child;
	int i;

	ASSERT_NE(MAP_FAILED, sums);
	if (scope_param("dead_mms") > 1000)
		SKIP(return, "dead_mms is too large to be reached");
	for (i = 0; i < scope_param("dead_mms"); i++) {
		child = fork();
		if (!child)
			_exit(0);
		ASSERT_EQ(0, wait_child(child));
	}
	sums->before = total("fault");
	ASSERT_EQ(0, delay_at_mutex_lock(10));
	pid = start(watch_sum, sums);
	delays_wait(4);
	while (is_busy(pid)) {
		__atomic_add_fetch(&sums->begun, 1, __ATOMIC_SEQ_CST);
		child = fork();
		if (!child) {
			touch_read(self->p);
			_exit(0);
		}
		ASSERT_EQ(0, wait_child(child));
		__atomic_add_fetch(&sums->ended, 1, __ATOMIC_SEQ_CST);
	}
	EXPECT_EQ(0, wait_child(pid));
	EXPECT_EQ(sums->before + sums->ended, total("fault"));
}

/* Of whom a listing is, and who is before it there */
struct listing {
	__u32 before;
};

/* Reads, byte by byte, up to the end of an mm's line; then, delayed, a page of the next one's */
static int list_behind(void *arg)
{
	struct listing *listing = arg;
	char line[256], text[4096];
	unsigned int mm = 0;
	size_t n = 0;
	int fd;

	prctl(PR_SET_NAME, "undelayed");
	fd = open(DEBUGFS "/mms", O_RDONLY | O_CLOEXEC);
	while (mm != listing->before) {
		if (read(fd, line + n, 1) != 1)
			return 1;
		if (line[n] != '\n' && ++n < sizeof(line) - 1)
			continue;
		line[n] = 0;
		n = 0;
		if (sscanf(line, " %u", &mm) != 1)
			mm = 0;
	}
	delays_begin();
	return read(fd, text, sizeof(text)) > 0 ? 0 : 2;
}

/* In a child with many VMAs of the device: what others' listing makes it wait for */
static int unmap_meanwhile(int told, int go)
{
	struct scope s;
	int i, hits;
	char *p;

	if (scope_open(&s))
		return 1;
	p = scope_map(&s, 2 * MANY);
	if (!p)
		return 2;
	for (i = 0; i < 2 * MANY; i += 2)
		if (munmap(page(p, i), page_size()))
			return 3;
	sema_post(told);
	sema_wait(go);
	hits = delays_hits();
	if (munmap(page(p, 1), page_size()))
		return 4;
	hits = delays_hits() - hits;
	sema_post(told);
	/* The others are listed yet */
	sema_wait(go);
	fprintf(stderr, "# %d steps\n", hits);
	return hits < FEW ? 0 : 5;
}

TEST_F_TIMEOUT(hold, listing_many_vmas_lets_their_process_change_them, 120)
{
	int told = sema(), go = sema();
	struct listing listing;
	pid_t lister, mapper;

	listing.before = add_child(&self->child[self->children++]);
	ASSERT_LT(0U, listing.before);
	munmap(self->p, MANY * page_size());
	mapper = fork();
	if (!mapper)
		_exit(unmap_meanwhile(told, go));
	sema_wait(told);
	ASSERT_EQ(0, delay("seq_printf", 20));
	lister = start(list_behind, &listing);
	delays_wait(10);
	sema_post(go);
	sema_wait(told);
	EXPECT_TRUE(is_busy(lister));
	EXPECT_EQ(0, wait_child(lister));
	sema_post(go);
	EXPECT_EQ(0, wait_child(mapper));
	EXPECT_LT(MANY, delays_hits());
}

struct waiter {
	int fd;
	int begun;
	pid_t tid;
	bool woken;
	pthread_t thread;
};

static void *wait_for_record(void *arg)
{
	struct waiter *w = arg;
	struct pollfd p = { .fd = w->fd, .events = POLLIN };

	w->tid = own_tid();
	sema_post(w->begun);
	w->woken = poll(&p, 1, -1) == 1;
	return NULL;
}

static void *touch_delayed(void *p)
{
	pin_to_cpu(1);
	delays_begin();
	touch_read(p);
	prctl(PR_SET_NAME, "undelayed");
	return NULL;
}

TEST_F_TIMEOUT(hold, fault_wakes_few_readers_and_all_are_woken, 120)
{
	struct waiter w[MANY];
	int i, hits, begun = sema();
	pthread_t thread;

	for (i = 0; i < MANY; i++) {
		w[i] = (struct waiter){ .fd = open(SCOPE_DEVICE, O_RDWR), .begun = begun };
		ASSERT_LE(0, w[i].fd);
		ASSERT_EQ(0, scope_attach(w[i].fd, 0, 0, MMSCOPE_ATTACH_NOW));
		ASSERT_EQ(0, pthread_create(&w[i].thread, NULL, wait_for_record, &w[i]));
		sema_wait(begun);
		wait_asleep(w[i].tid);
	}
	ASSERT_EQ(0, delay("__wake_up", 2));
	ASSERT_EQ(0, pthread_create(&thread, NULL, touch_delayed, self->p));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	hits = delays_hits();
	EXPECT_LT(0, hits);
	EXPECT_GT(FEW, hits);
	for (i = 0; i < MANY; i++) {
		ASSERT_EQ(0, pthread_join(w[i].thread, NULL));
		EXPECT_TRUE(w[i].woken);
		close(w[i].fd);
	}
}

static int set_up(void *arg)
{
	int fd = *(int *)arg;

	return scope_setup(fd, MMSCOPE_VMALLOC, 0, MANY) ? errno : 0;
}

TEST_F_TIMEOUT(hold, setup_lets_mmap_in_and_is_then_too_late, 60)
{
	struct mmscope_info info;
	pid_t pid;
	void *p;
	int fd = open(SCOPE_DEVICE, O_RDWR);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, delay("mmscope_store_setup", 3000));
	pid = start(set_up, &fd);
	delays_wait(1);
	p = mmap(NULL, page_size(), PROT_READ, MAP_SHARED, fd, 0);
	EXPECT_TRUE(is_busy(pid));
	EXPECT_NE(MAP_FAILED, p);
	EXPECT_EQ(EBUSY, wait_child(pid));
	ASSERT_EQ(0, scope_info(fd, &info));
	EXPECT_EQ(info.max_pages, info.pages);
	EXPECT_EQ(0U, info.held);
	munmap(p, page_size());
	close(fd);
}

static int map_one_page(void *arg)
{
	return mmap(NULL, page_size(), PROT_READ, MAP_SHARED, *(int *)arg, 0) == MAP_FAILED;
}

/* Somebody else wants the CPU of who waits: so he does not wait busily */
TEST_F_TIMEOUT(hold, who_waits_for_the_first_mmap_sleeps, 60)
{
	struct mmscope_info info;
	struct rusage was, is;
	pid_t pid, other;
	int fd = open(SCOPE_DEVICE, O_RDWR);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, delay("mmscope_store_setup", 3000));
	pid = start(map_one_page, &fd);
	delays_wait(1);
	other = fork();
	while (!other)
		;
	getrusage(RUSAGE_SELF, &was);
	EXPECT_EQ(0, scope_info(fd, &info));
	getrusage(RUSAGE_SELF, &is);
	EXPECT_LT(was.ru_nvcsw, is.ru_nvcsw);
	kill(other, SIGKILL);
	wait_child(other);
	EXPECT_EQ(0, wait_child(pid));
	close(fd);
}

static int count_held(void *arg)
{
	struct mmscope_info info;

	return scope_info(*(int *)arg, &info) ? errno : 0;
}

TEST_F_TIMEOUT(hold, counting_pages_lets_mmap_in, 60)
{
	pid_t pid;
	void *p;

	ASSERT_EQ(0, delay("mmscope_store_held", 3000));
	pid = start(count_held, &self->s.fd);
	delays_wait(1);
	p = mmap(NULL, page_size(), PROT_READ, MAP_SHARED, self->s.fd, 0);
	/* It would be about to end now, had mmap() waited for it */
	usleep(300000);
	EXPECT_TRUE(is_busy(pid));
	EXPECT_NE(MAP_FAILED, p);
	EXPECT_EQ(0, wait_child(pid));
	munmap(p, page_size());
}

TEST_F_TIMEOUT(hold, setup_of_a_buffer_ends_when_killed, 60)
{
	int fd = open(SCOPE_DEVICE, O_RDWR);
	pid_t pid;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, delay("snprintf", 20));
	pid = start(set_up, &fd);
	delays_wait(2);
	kill(pid, SIGKILL);
	EXPECT_EQ(128 + SIGKILL, wait_child(pid));
	EXPECT_GT(FEW, delays_hits());
	close(fd);
}

static int find_one_to_see(void *arg)
{
	struct mmscope_stat stat;

	become_nobody();
	/* Neither the opener's mm, nor one that may be seen now */
	return scope_stat(*(int *)arg, 1, MMSCOPE_STAT_NEXT, &stat) ? errno : 0;
}

TEST_F_TIMEOUT(hold, passing_over_mms_ends_at_a_signal, 60)
{
	pid_t pid;

	ASSERT_TRUE(add_children(self->child, &self->children));
	munmap(self->p, MANY * page_size());
	ASSERT_EQ(0, delay("mmscope_mm_visible", 20));
	pid = start(find_one_to_see, &self->s.fd);
	delays_wait(2);
	kill(pid, SIGTERM);
	EXPECT_EQ(128 + SIGTERM, wait_child(pid));
	EXPECT_GT(FEW, delays_hits());
}

/* Records that never end, of a process whose mm is not read, but is in the log */
static void fault_for_ever(char *p)
{
	for (;;) {
		touch_read(p);
		madvise(p, page_size(), MADV_DONTNEED);
	}
}

static int read_for_ever(void *arg)
{
	int fd = *(int *)arg;
	struct mmscope_event e[64];

	fcntl(fd, F_SETFL, 0);
	while (read(fd, e, sizeof(e)) > 0)
		;
	return 1;
}

/*
 * Before it would sleep it is delayed, so that there are others' records then, which it passes
 * over: it never sleeps, and nothing but itself asks for signals.
 */
TEST_F_TIMEOUT(hold, reader_in_a_busy_family_ends_at_a_signal, 60)
{
	struct scope follower;
	pid_t busy, pid;
	int hits;

	ASSERT_EQ(0, scope_open(&follower));
	ASSERT_EQ(0, scope_attach(follower.fd, 0, 0, MMSCOPE_ATTACH_FOLLOW));
	busy = fork();
	if (!busy)
		fault_for_ever(self->p);
	ASSERT_EQ(0, delay("mmscope_reader_ready", 5));
	pid = start(read_for_ever, &self->s.fd);
	delays_wait(10);
	hits = delays_hits();
	kill(pid, SIGTERM);
	while (is_busy(pid) && delays_hits() < hits + MANY)
		usleep(1000);
	EXPECT_GT(hits + FEW, delays_hits());
	kill(busy, SIGKILL);
	wait_child(busy);
	EXPECT_EQ(128 + SIGTERM, wait_child(pid));
	fcntl(self->s.fd, F_SETFL, O_NONBLOCK);
	scope_close(&follower);
}

TEST_HARNESS_MAIN
