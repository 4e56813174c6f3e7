// SPDX-License-Identifier: GPL-2.0
/*
 * The only file that knows /dev/mmscope: open, setup, attach, next record, info, stat.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "base/tool.h"
#include "device/device.h"
#include "term/print.h"

#define ROOM_MIN	1024		/* records */
#define ROOM_MAX	1048576	/* 64 MiB: so far the tool may fall behind without a loss */
#define PULL_EVERY	128

/**
 * scope_open - become a reader of one's own log
 * @scope: to be filled
 *
 * Return: 0 or -errno
 */
int scope_open(struct scope *scope)
{
	memset(scope, 0, sizeof(*scope));
	scope->fd = open(SCOPE_NODE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return scope->fd < 0 ? -errno : 0;
}

/**
 * scope_trouble - why the device cannot be used, and what to do
 * @error: -errno of scope_open()
 *
 * Return: a sentence, valid until the next call
 */
const char *scope_trouble(int error)
{
	static char text[160];
	const char *todo = "see mmscope doctor";

	if (error == -ENOENT || error == -ENXIO || error == -ENODEV)
		todo = "load the module: insmod mmscope.ko, as root";
	else if (error == -EACCES || error == -EPERM)
		todo = "be root: the node has mode 0600";
	snprintf(text, sizeof(text), "%s: %s (%s)", SCOPE_NODE, strerror(-error), todo);
	return text;
}

/**
 * scope_complain - say why the device cannot be used, and what to do
 * @error: -errno of scope_open()
 *
 * Return: EXIT_ENVIRONMENT
 */
int scope_complain(int error)
{
	report_message("%s", scope_trouble(error));
	return EXIT_ENVIRONMENT;
}

/**
 * scope_close - undo scope_open()
 * @scope: a reader
 */
void scope_close(struct scope *scope)
{
	close(scope->fd);
	free(scope->records);
	memset(scope, 0, sizeof(*scope));
	scope->fd = -1;
}

/**
 * scope_attach - choose whose log to read
 * @scope: a reader
 * @pid: process, or 0 to stay with one's own
 * @flags: MMSCOPE_ATTACH_*
 * @watermark: records at which poll(2) wakes, 0 is 1
 *
 * Return: 0 or -errno
 */
int scope_attach(struct scope *scope, pid_t pid, unsigned int flags, unsigned int watermark)
{
	struct mmscope_attach attach = {
		.size = sizeof(attach),
		.flags = flags,
		.pid = pid,
		.watermark = watermark,
	};

	scope->next = 0;
	scope->have = 0;
	return ioctl(scope->fd, MMSCOPE_ATTACH, &attach) ? -errno : 0;
}

/* Room for more records; false when there is none. */
static bool make_room(struct scope *scope)
{
	size_t room = scope->room ? 2 * scope->room : ROOM_MIN;
	struct mmscope_event *more;

	if (scope->next == scope->have) {
		scope->next = 0;
		scope->have = 0;
	}
	if (scope->have < scope->room)
		return true;
	if (room > ROOM_MAX)
		return false;
	more = realloc(scope->records, room * sizeof(*more));
	if (!more)
		return false;
	scope->records = more;
	scope->room = room;
	return true;
}

/* Read all records that the kernel has. In our memory they wait without being overwritten. */
static void pull(struct scope *scope)
{
	ssize_t got;
	size_t size;

	while (make_room(scope)) {
		size = (scope->room - scope->have) * sizeof(*scope->records);
		got = read(scope->fd, scope->records + scope->have, size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got > 0)
			scope->have += got / sizeof(*scope->records);
		if (got < (ssize_t)size)
			return;
	}
}

/**
 * scope_next - the next record
 * @scope: a reader
 *
 * Return: a record that stays valid until the next call, or NULL when nothing is there now
 */
const struct mmscope_event *scope_next(struct scope *scope)
{
	if (scope->next == scope->have || !(++scope->handed % PULL_EVERY))
		pull(scope);
	if (scope->next == scope->have)
		return NULL;
	return &scope->records[scope->next++];
}

/**
 * scope_pending - has scope_next() something that need not be waited for?
 * @scope: a reader
 */
bool scope_pending(const struct scope *scope)
{
	return scope->next < scope->have;
}

/**
 * scope_info - what the module can do, and the state of one file
 * @fd: of the device
 * @info: to be filled
 *
 * Return: 0 or -errno
 */
int scope_info(int fd, struct mmscope_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	return ioctl(fd, MMSCOPE_INFO, info) ? -errno : 0;
}

/**
 * scope_stat - counters of one mm
 * @fd: of the device
 * @mm: its id
 * @stat: to be filled
 *
 * Return: 0 or -errno
 */
int scope_stat(int fd, unsigned int mm, struct mmscope_stat *stat)
{
	memset(stat, 0, sizeof(*stat));
	stat->size = sizeof(*stat);
	stat->mm = mm;
	return ioctl(fd, MMSCOPE_STAT, stat) ? -errno : 0;
}

/**
 * scope_file - open a file to map, with a store that behaves as asked
 * @setup: backing, flags, size and the rest; @setup->size need not be set
 *
 * Return: a file descriptor or -errno
 */
int scope_file(const struct mmscope_setup *setup)
{
	struct mmscope_setup asked = *setup;
	int fd = open(SCOPE_NODE, O_RDWR | O_CLOEXEC);
	int error;

	if (fd < 0)
		return -errno;
	asked.size = sizeof(asked);
	if (!ioctl(fd, MMSCOPE_SETUP, &asked))
		return fd;
	error = -errno;
	close(fd);
	return error;
}
