// SPDX-License-Identifier: GPL-2.0
/*
 * A file for node_exporter's textfile collector: it has all metrics of one moment, or those of the
 * moment before. The unfinished one is beside it, and is called so that nobody reads it (*.prom).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "scrape/textfile.h"

#define READABLE	0644	/* node_exporter is another user */

static char *unfinished_of(const char *path)
{
	char *name;

	if (asprintf(&name, "%s.tmp", path) < 0)
		abort();
	return name;
}

/* What a run before has left there, which was killed, is written anew; a link is not followed. */
static int open_unfinished(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, READABLE);

	/* It is readable whatever the umask is. */
	if (fd >= 0 && fchmod(fd, READABLE)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int write_all(int fd, const char *text, size_t n)
{
	ssize_t done;

	for (; n; text += done, n -= done) {
		done = write(fd, text, n);
		if (done < 0)
			return -1;
	}
	return 0;
}

/**
 * textfile_write - replace the file at once
 * @path: of it
 * @text: what is to be in it
 * @n: bytes of that
 *
 * Return: 0 or -errno; then the file is as it was
 */
int textfile_write(const char *path, const char *text, size_t n)
{
	char *name = unfinished_of(path);
	int fd = open_unfinished(name), error = 0;

	if (fd < 0 || write_all(fd, text, n))
		error = -errno;
	if (fd >= 0 && close(fd) && !error)
		error = -errno;
	if (!error && rename(name, path))
		error = -errno;
	if (error && fd >= 0)
		unlink(name);
	free(name);
	return error;
}

/**
 * textfile_check - can it be written? It is asked before anything is watched
 * @path: of the file
 *
 * Return: 0 or -errno
 */
int textfile_check(const char *path)
{
	char *name = unfinished_of(path);
	struct stat st;
	int fd, error = 0;

	if (!stat(path, &st) && !S_ISREG(st.st_mode))
		error = S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	fd = error ? -1 : open_unfinished(name);
	if (!error && fd < 0)
		error = -errno;
	if (fd >= 0) {
		close(fd);
		unlink(name);
	}
	free(name);
	return error;
}
