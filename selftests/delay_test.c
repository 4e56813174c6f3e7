// SPDX-License-Identifier: GPL-2.0
/*
 * Moments that are too short to be met by chance, made long by a module of our own (delays/): the
 * target of an ATTACH ends while that sleeps; a record comes while a reader goes to sleep.
 */
#include "delays.h"
#include "one_ring.h"

#include <linux/membarrier.h>
#include <sys/wait.h>

/* Waits until a task is in one of these states of /proc/PID/stat; false if it never is */
static bool wait_state(pid_t pid, const char *states)
{
	__u64 end = now_ns() + 10000000000ULL * scope_slow();
	char path[64], line[256], *state;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	while (now_ns() < end) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
		close(fd);
		if (n <= 0)
			return false;
		line[n] = 0;
		state = strrchr(line, ')');
		if (state && state[2] && strchr(states, state[2]))
			return true;
		usleep(1000);
	}
	return false;
}

/* The target of an ATTACH ends */

FIXTURE(ending)
{
	struct scope follower;
	struct scope s;
	pid_t parent;
	pid_t victim;
	pid_t target;
	pid_t holder;
};

FIXTURE_VARIANT(ending)
{
	bool thread;	/* ATTACH to a thread that does not lead */
	const char *at;	/* where it sleeps when everything happens: this, or before all */
};

FIXTURE_VARIANT_ADD(ending, leader_before_it_is_looked_for)
{
	.thread = false,
};

FIXTURE_VARIANT_ADD(ending, thread_before_it_is_looked_for)
{
	.thread = true,
};

FIXTURE_VARIANT_ADD(ending, leader_before_it_is_listed)
{
	.thread = false, .at = "mmscope_log_create",
};

FIXTURE_VARIANT_ADD(ending, thread_before_it_is_listed)
{
	.thread = true, .at = "mmscope_log_create",
};

static void *sleep_for_ever(void *arg)
{
	pid_t tid = own_tid();

	if (write(*(int *)arg, &tid, sizeof(tid)) != sizeof(tid))
		abort();
	for (;;)
		pause();
}

/* A process whose child is nobody's to wait for: it tells both numbers */
static void live_as_parent(int out, bool thread)
{
	pid_t pid[2] = { 0 };
	int fd[2];

	signal(SIGCHLD, SIG_IGN);
	if (pipe(fd))
		abort();
	pid[0] = fork();
	if (!pid[0]) {
		pthread_t t;

		if (thread && pthread_create(&t, NULL, sleep_for_ever, fd + 1))
			abort();
		for (;;)
			pause();
	}
	pid[1] = pid[0];
	if (thread && read(fd[0], pid + 1, sizeof(pid[1])) != sizeof(pid[1]))
		abort();
	if (write(out, pid, sizeof(pid)) != sizeof(pid))
		abort();
	for (;;)
		pause();
}

FIXTURE_SETUP(ending)
{
	const char *why = delays_load();
	pid_t pid[2];
	int fd[2];

	self->s.fd = -1;
	self->follower.fd = -1;
	if (why)
		SKIP(return, "%s", why);
	if (variant->at && sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one CPU");
	/* So that descent matters */
	ASSERT_EQ(0, scope_open(&self->follower));
	ASSERT_EQ(0, scope_attach(self->follower.fd, 0, 0, MMSCOPE_ATTACH_FOLLOW));
	ASSERT_EQ(0, scope_open(&self->s));
	ASSERT_EQ(0, pipe(fd));
	self->parent = fork();
	if (!self->parent) {
		close(self->s.fd);
		close(self->follower.fd);
		live_as_parent(fd[1], variant->thread);
	}
	ASSERT_EQ(sizeof(pid), read(fd[0], pid, sizeof(pid)));
	self->victim = pid[0];
	self->target = pid[1];
}

FIXTURE_TEARDOWN(ending)
{
	scope_close(&self->s);
	scope_close(&self->follower);
	delays_unload();
}

/* Nobody gets past the lock for a while. Returns who holds it */
static pid_t hold_lock(void)
{
	char ms[16];
	pid_t pid = fork();

	if (pid)
		return wait_state(pid, "S") ? pid : -1;
	/* Below what the kernel takes for a hang; it ends when the holder is killed */
	snprintf(ms, sizeof(ms), "%d", 60000);
	_exit(delays_set("hold_ms", ms) != 0);
}

/* The victim, its parent, and what the kernel remembers of both */
static bool wipe_out(pid_t victim, pid_t parent)
{
	__u64 end = now_ns() + 1000000000ULL * scope_slow();

	kill(victim, SIGKILL);
	while (!kill(victim, 0))
		if (now_ns() > end)
			return false;
	kill(parent, SIGKILL);
	wait_child(parent);
	/* Two grace periods: the last reference is given back after one */
	return !syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) &&
	       !syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

TEST_F_TIMEOUT(ending, attach_to_a_process_that_ends_meanwhile_is_esrch, 90)
{
	pid_t attacher, holder = 0;
	struct mmscope_stat stat;
	__u32 mm = scope_mm(self->s.fd);

	/* Who waits busily has a CPU for himself */
	pin_to_cpu(0);
	if (variant->at) {
		ASSERT_EQ(0, delays_set("us", "3000000"));
		ASSERT_EQ(0, delays_set("place", variant->at));
	} else {
		holder = hold_lock();
		ASSERT_LT(0, holder);
	}
	attacher = fork();
	if (!attacher) {
		delays_begin();
		pin_to_cpu(1);
		_exit(scope_attach(self->s.fd, self->target, 0, 0) ? errno : 0);
	}
	if (variant->at) {
		/* Once it is busy there, the lock it comes to next is taken */
		while (!delays_hits())
			usleep(1000);
		holder = hold_lock();
		ASSERT_LT(0, holder);
	}
	ASSERT_TRUE(wait_state(attacher, "D")) {
		TH_LOG("%d hits, exit code %d", delays_hits(), wait_child(attacher));
	}
	ASSERT_TRUE(wipe_out(self->victim, self->parent));
	/* Or all that came too late */
	ASSERT_EQ(0, waitpid(holder, NULL, WNOHANG));
	kill(holder, SIGKILL);
	EXPECT_EQ(128 + SIGKILL, wait_child(holder));
	EXPECT_EQ(ESRCH, wait_child(attacher));
	/* The file reads on what it read, and nobody was made up */
	EXPECT_EQ(mm, scope_mm(self->s.fd));
	EXPECT_EQ(-1, scope_stat(self->s.fd, mm + 1, MMSCOPE_STAT_NEXT, &stat)) {
		TH_LOG("mm %u: tgid %d %s", stat.mm, stat.tgid, stat.comm);
	}
}

/* A record comes while a reader goes to sleep */

FIXTURE(falling_asleep)
{
	struct scope s;
	char *p;
};

FIXTURE_SETUP(falling_asleep)
{
	const char *why = delays_load();

	self->s.fd = -1;
	if (why)
		SKIP(return, "%s", why);
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one CPU");
	self->p = one_ring_open(_metadata, &self->s);
}

FIXTURE_TEARDOWN(falling_asleep)
{
	if (self->s.fd >= 0)
		one_ring_close(_metadata, &self->s);
	delays_unload();
}

/* The length of one of the module's functions: up to the next symbol; 0 if there is none */
static unsigned long length_of(const char *function)
{
	unsigned long long addr, start = 0, end = 0;
	char line[512], name[256];
	int pass;
	FILE *f;

	for (pass = 0; pass < 2; pass++) {
		f = fopen("/proc/kallsyms", "re");
		while (f && fgets(line, sizeof(line), f)) {
			if (!strstr(line, "[mmscope]") ||
			    sscanf(line, "%llx %*c %255s", &addr, name) != 2)
				continue;
			if (!pass && !strcmp(name, function))
				start = addr;
			if (pass && addr > start && (!end || addr < end))
				end = addr;
		}
		if (f)
			fclose(f);
	}
	return start && end > start ? end - start : 0;
}

struct sleeper {
	int fd;
	int begun;
	int go;
	bool stop;
	bool late;
};

/* Polls each time it is told to, and says whether it was woken in time */
static void *poll_delayed(void *arg)
{
	struct sleeper *s = arg;
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	int limit = 1000 * scope_slow();
	__u64 begin;

	delays_begin();
	pin_to_cpu(1);
	for (;;) {
		sema_wait(s->go);
		if (s->stop)
			return NULL;
		begin = now_ns();
		sema_post(s->begun);
		s->late = poll(&p, 1, limit) != 1 || now_ns() - begin > limit * 1000000ULL;
		sema_post(s->begun);
	}
}

/* A record is made 3 ms after somebody began to wait for one. Returns whether he was woken. */
static bool round_of(struct sleeper *sleeper, char *p)
{
	madvise(p, page_size(), MADV_DONTNEED);
	sema_post(sleeper->go);
	sema_wait(sleeper->begun);
	usleep(3000);
	touch_read(p);
	sema_wait(sleeper->begun);
	return !sleeper->late;
}

TEST_F_TIMEOUT(falling_asleep, no_wakeup_is_lost_at_any_instruction, 240)
{
	static const char * const functions[] = {
		"mmscope_reader_ready", "arm", "mmscope_reader_unread"
	};
	struct sleeper sleeper = { .fd = self->s.fd, .begun = sema(), .go = sema() };
	size_t i, tried = 0;
	pthread_t thread;

	ASSERT_EQ(0, delays_set("us", "8000"));
	ASSERT_EQ(0, pthread_create(&thread, NULL, poll_delayed, &sleeper));
	for (i = 0; i < ARRAY_SIZE(functions); i++) {
		unsigned long offset, length = length_of(functions[i]);

		for (offset = 0; offset < length; offset += scope_slow()) {
			char place[96];

			snprintf(place, sizeof(place), "%s+%lu", functions[i], offset);
			/* In the middle of an instruction, or where no probe may be */
			if (delays_set("place", place))
				continue;
			tried++;
			scope_drain(&self->s);
			EXPECT_TRUE(round_of(&sleeper, self->p)) TH_LOG("at %s", place);
		}
	}
	EXPECT_LT(20U, tried);
	EXPECT_LT(20, delays_hits());
	sleeper.stop = true;
	sema_post(sleeper.go);
	ASSERT_EQ(0, pthread_join(thread, NULL));
}

/* A record takes long, while another comes on the other CPU and both are read */

FIXTURE(recording)
{
	struct scope s;
	char *p;
};

FIXTURE_SETUP(recording)
{
	const char *why = delays_load();

	self->s.fd = -1;
	if (why)
		SKIP(return, "%s", why);
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one CPU");
	self->p = one_ring_open(_metadata, &self->s);
}

FIXTURE_TEARDOWN(recording)
{
	if (self->s.fd >= 0)
		one_ring_close(_metadata, &self->s);
	delays_unload();
}

struct recorder {
	char *p;
	int go;
	int done;
	bool stop;
};

static void *fault_delayed(void *arg)
{
	struct recorder *r = arg;

	delays_begin();
	pin_to_cpu(1);
	for (;;) {
		sema_wait(r->go);
		if (r->stop)
			return NULL;
		touch_read(r->p);
		sema_post(r->done);
	}
}

/* The faults that were read: how many, and whether a record came before what it follows */
struct faults {
	struct mmscope_event last;
	unsigned int nr;
	bool disordered;
};

static void read_faults(struct scope *s, struct faults *f)
{
	size_t i;

	while (scope_read(s) > 0)
		;
	for (i = 0; i < s->nr; i++) {
		f->disordered |= f->last.time_ns && scope_after(&f->last, s->ev + i);
		f->nr += s->ev[i].type == MMSCOPE_FAULT;
		f->last = s->ev[i];
	}
	s->nr = 0;
}

static struct faults race(struct scope *s, struct recorder *r)
{
	struct pollfd done = { .fd = r->done, .events = POLLIN };
	struct faults faults = { .nr = 0 };
	int hits = delays_hits();

	madvise(r->p, 2 * page_size(), MADV_DONTNEED);
	sema_post(r->go);
	while (delays_hits() == hits && poll(&done, 1, 0) != 1)
		;
	touch_read(page(r->p, 1));
	read_faults(s, &faults);
	sema_wait(r->done);
	read_faults(s, &faults);
	return faults;
}

TEST_F_TIMEOUT(recording, order_is_kept_at_any_instruction, 240)
{
	struct recorder r = { .p = self->p, .go = sema(), .done = sema() };
	unsigned long offset, length = length_of("mmscope_record_fault");
	size_t tried = 0;
	pthread_t thread;

	ASSERT_EQ(0, delays_set("us", "8000"));
	ASSERT_EQ(0, pthread_create(&thread, NULL, fault_delayed, &r));
	for (offset = 0; offset < length; offset += scope_slow()) {
		struct faults faults;
		char place[96];

		snprintf(place, sizeof(place), "mmscope_record_fault+%lu", offset);
		if (delays_set("place", place))
			continue;
		tried++;
		faults = race(&self->s, &r);
		EXPECT_EQ(2U, faults.nr) TH_LOG("at %s", place);
		EXPECT_FALSE(faults.disordered) TH_LOG("at %s", place);
	}
	/* Not all of them are on the way of such a fault */
	EXPECT_LT(20U, tried * scope_slow());
	EXPECT_LT(20, delays_hits() * scope_slow());
	r.stop = true;
	sema_post(r.go);
	ASSERT_EQ(0, pthread_join(thread, NULL));
}

TEST_HARNESS_MAIN
