/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests share of processes, threads and the machine: no word of the device */
#ifndef PROCESS_H
#define PROCESS_H

#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define __attr(...)	__attribute__((__VA_ARGS__))

/* How many times longer everything may take here: who starts us knows */
static inline int scope_slow(void)
{
	const char *slow = getenv("SCOPE_SLOW");

	return slow ? atoi(slow) : 1;
}

#ifndef SCOPE_WITHOUT_HARNESS
/* Runs behind the harness's constructors, which list the tests */
static __attr(constructor) void scope_stretch_limits(void)
{
	struct __fixture_metadata *f;
	struct __test_metadata *t;

	for (f = __fixture_list; f; f = f->next)
		for (t = f->tests; t; t = t->next)
			t->timeout *= scope_slow();
}
#endif

#ifndef __maybe_unused
#define __maybe_unused	__attr(unused)
#endif

static inline size_t page_size(void)
{
	static size_t size;

	if (!size)
		size = sysconf(_SC_PAGESIZE);
	return size;
}

/* Page @n of the mapping at @p */
static inline char *page(char *p, size_t n)
{
	return p + n * page_size();
}

/* Whether the running kernel is at least major.minor: for rules that no feature bit tells */
static inline bool kernel_at_least(unsigned int major, unsigned int minor)
{
	unsigned int maj = 0, min = 0;
	struct utsname uts;

	uname(&uts);
	if (sscanf(uts.release, "%u.%u", &maj, &min) != 2)
		return false;
	return maj > major || (maj == major && min >= minor);
}

/* Exit code of a child, or 128 + the signal that ended it */
static inline int wait_child(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Give up root, as a child does before it asks for what it may not have */
static inline void become_nobody(void)
{
	if (setgroups(0, NULL) || setresgid(65534, 65534, 65534) ||
	    setresuid(65534, 65534, 65534))
		_exit(120);
}

/* A counting semaphore that fork and exec inherit */
static inline int sema(void)
{
	return eventfd(0, EFD_SEMAPHORE);
}

static inline void sema_post(int fd)
{
	__u64 one = 1;

	if (write(fd, &one, sizeof(one)) != sizeof(one))
		abort();
}

static inline void sema_wait(int fd)
{
	__u64 one;

	while (read(fd, &one, sizeof(one)) != sizeof(one))
		if (errno != EINTR)
			abort();
}

static inline pid_t own_tid(void)
{
	return syscall(SYS_gettid);
}

/* Waits until a thread sleeps; for one whose next sleep is the one that matters */
static inline void wait_asleep(pid_t tid)
{
	char path[32], line[256], *state;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	for (;;) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
		close(fd);
		if (n <= 0)
			return;
		line[n] = 0;
		state = strrchr(line, ')');
		if (state && state[2] == 'S')
			return;
		sched_yield();
	}
}

/* Stay on one CPU: the log is one ring per CPU */
static inline int pin_to_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

static inline __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* How often: few times, as long as nobody asks for all by SCOPE_SOAK */
static inline size_t scope_rounds(size_t few, size_t all)
{
	return getenv("SCOPE_SOAK") ? all : few / scope_slow() + !!(few % scope_slow());
}

/* The path of a program beside this one */
static inline void beside(char *path, size_t size, const char *name)
{
	ssize_t n = readlink("/proc/self/exe", path, size - 1);
	char *slash;

	path[n < 0 ? 0 : n] = 0;
	slash = strrchr(path, '/');
	snprintf(slash ? slash + 1 : path, slash ? size - (slash + 1 - path) : size, "%s", name);
}

#endif
