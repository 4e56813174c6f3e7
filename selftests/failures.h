/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Functions of the kernel that fail on request, by mmscope_failures.ko, which lies beside the
 * tests: nobody else should have it loaded.
 */
#ifndef FAILURES_H
#define FAILURES_H

#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FAILURES	"/sys/module/mmscope_failures/parameters/"

static inline int failures_write(const char *name, const char *text)
{
	char path[128];
	int fd, err;

	snprintf(path, sizeof(path), FAILURES "%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return err;
}

static inline int failures_write_long(const char *name, long n)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", n);
	return failures_write(name, text);
}

/* How often something has failed */
static inline long failures_count(void)
{
	FILE *f = fopen(FAILURES "failed", "re");
	long n = -1;

	if (f && fscanf(f, "%ld", &n) != 1)
		n = -1;
	if (f)
		fclose(f);
	return n;
}

/* Returns 0 or -errno */
static inline int failures_load(void)
{
	int fd, err;

	if (!access(FAILURES, F_OK))
		return 0;
	fd = open("/selftests/mmscope_failures.ko", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return err;
}

static inline void failures_unload(void)
{
	syscall(SYS_delete_module, "mmscope_failures", O_NONBLOCK);
}

/* @function will fail with @value: before it runs, or after it has. Returns 0 or -errno. */
static inline int failures_of(const char *function, long value, bool after)
{
	int err = failures_write("after", after ? "1" : "0");

	err = err ?: failures_write_long("value", value);
	return err ?: failures_write("function", function);
}

/* Its @nth call from now on, in this thread, until failures_disarm() */
static inline void failures_arm(int nth)
{
	if (failures_write_long("nth", nth))
		abort();
	prctl(PR_SET_NAME, "failing");
}

/* Returns whether there was such a call */
static inline bool failures_disarm(long before)
{
	prctl(PR_SET_NAME, "test");
	failures_write_long("nth", 0);
	return failures_count() > before;
}

#endif
