/* SPDX-License-Identifier: GPL-2.0 */
/* Touching memory, also what may not be there; and what the kernel says is there, in pagemap */
#ifndef TOUCH_H
#define TOUCH_H

#include "process.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

/* The instructions that touch lie in one section, so that a record's ip can be recognised */
#define __touch __attr(noinline, unused, section("scope_touch"))

extern char __start_scope_touch[], __stop_scope_touch[];

static inline bool scope_is_touch(__u64 ip)
{
	return ip >= (uintptr_t)__start_scope_touch && ip < (uintptr_t)__stop_scope_touch;
}

static __touch char touch_read(const char *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static __touch void touch_write(char *p, char value)
{
	__atomic_store_n(p, value, __ATOMIC_RELAXED);
}

static inline void touch_pages(char *p, size_t from, size_t to)
{
	for (; from < to; from++)
		touch_write(p + from * page_size(), 1);
}

static inline void read_pages(char *p, size_t from, size_t to)
{
	for (; from < to; from++)
		touch_read(p + from * page_size());
}

static __thread sigjmp_buf scope_jump;

static inline void scope_caught(int sig)
{
	siglongjmp(scope_jump, sig);
}

/* Touches @p; returns 0 or the signal that it got. For one thread at a time. */
static inline int try_touch(char *p, bool write)
{
	struct sigaction act = { .sa_handler = scope_caught, .sa_flags = SA_NODEFER };
	struct sigaction segv, bus;
	int sig;

	sigaction(SIGSEGV, &act, &segv);
	sigaction(SIGBUS, &act, &bus);
	sig = sigsetjmp(scope_jump, 0);
	if (!sig) {
		if (write)
			touch_write(p, 1);
		else
			touch_read(p);
	}
	sigaction(SIGSEGV, &segv, NULL);
	sigaction(SIGBUS, &bus, NULL);
	return sig;
}

static inline int try_read(char *p)
{
	return try_touch(p, false);
}

static inline int try_write(char *p)
{
	return try_touch(p, true);
}

/* Pages present in /proc/self/pagemap, or -1 */
static inline int scope_present(const void *p, size_t pages)
{
	__u64 entry;
	int fd, n = 0;
	size_t i;

	fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	for (i = 0; i < pages; i++) {
		off_t at = ((uintptr_t)p / page_size() + i) * sizeof(entry);

		if (pread(fd, &entry, sizeof(entry), at) != sizeof(entry)) {
			n = -1;
			break;
		}
		n += entry >> 63;
	}
	close(fd);
	return n;
}

#endif
