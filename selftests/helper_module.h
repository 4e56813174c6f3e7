/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Modules that only tests load, and that lie beside them: how they come and go, and what they are
 * told.
 */
#ifndef HELPER_MODULE_H
#define HELPER_MODULE_H

#include "scope.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Returns 0 or -errno */
static inline int helper_set(const char *module, const char *name, const char *value)
{
	char path[128];
	int fd, err;

	snprintf(path, sizeof(path), "/sys/module/%s/parameters/%s", module, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = write(fd, value, strlen(value)) < 0 ? -errno : 0;
	close(fd);
	return err;
}

/* Of a parameter that is a number; -1 without the module */
static inline long helper_get(const char *module, const char *name)
{
	char path[128];
	long n = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/module/%s/parameters/%s", module, name);
	f = fopen(path, "re");
	if (f && fscanf(f, "%ld", &n) != 1)
		n = -1;
	if (f)
		fclose(f);
	return n;
}

/* Returns 0, also when it is loaded already, or -errno */
static inline int helper_load(const char *module)
{
	char path[PATH_MAX], file[64];
	int fd, err;

	snprintf(file, sizeof(file), "%s.ko", module);
	beside(path, sizeof(path), file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST ? -errno : 0;
	close(fd);
	return err;
}

static inline void helper_unload(const char *module, int flags)
{
	syscall(SYS_delete_module, module, flags);
}

#endif
