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
 * device_open - become a reader of one's own log
 * @device: to be filled
 *
 * Return: 0 or -errno
 */
int device_open(struct device *device)
{
	memset(device, 0, sizeof(*device));
	device->fd = open(DEVICE_NODE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return device->fd < 0 ? -errno : 0;
}

/**
 * device_trouble - why the device cannot be used, and what to do
 * @error: -errno of device_open()
 *
 * Return: a sentence, valid until the next call
 */
const char *device_trouble(int error)
{
	static char text[160];
	const char *todo = "see mmscope doctor";

	if (error == -ENOENT || error == -ENXIO || error == -ENODEV)
		todo = "load the module: insmod mmscope.ko, as root";
	else if (error == -EACCES || error == -EPERM)
		todo = "be root: the node has mode 0600";
	snprintf(text, sizeof(text), "%s: %s (%s)", DEVICE_NODE, strerror(-error), todo);
	return text;
}

/**
 * device_complain - say why the device cannot be used, and what to do
 * @error: -errno of device_open()
 *
 * Return: EXIT_ENVIRONMENT
 */
int device_complain(int error)
{
	report_message("%s", device_trouble(error));
	return EXIT_ENVIRONMENT;
}

/**
 * device_close - undo device_open()
 * @device: a reader
 */
void device_close(struct device *device)
{
	close(device->fd);
	free(device->records);
	memset(device, 0, sizeof(*device));
	device->fd = -1;
}

/**
 * device_attach - choose whose log to read
 * @device: a reader
 * @pid: process, or 0 to stay with one's own
 * @flags: MMSCOPE_ATTACH_*
 * @watermark: records at which poll(2) wakes, 0 is 1
 *
 * Return: 0 or -errno
 */
int device_attach(struct device *device, pid_t pid, unsigned int flags, unsigned int watermark)
{
	struct mmscope_attach attach = {
		.size = sizeof(attach),
		.flags = flags,
		.pid = pid,
		.watermark = watermark,
	};

	device->next = 0;
	device->have = 0;
	return ioctl(device->fd, MMSCOPE_ATTACH, &attach) ? -errno : 0;
}

/* Room for more records; false when there is none. */
static bool make_room(struct device *device)
{
	size_t room = device->room ? 2 * device->room : ROOM_MIN;
	struct mmscope_event *more;

	if (device->next == device->have) {
		device->next = 0;
		device->have = 0;
	}
	if (device->have < device->room)
		return true;
	if (room > ROOM_MAX)
		return false;
	more = realloc(device->records, room * sizeof(*more));
	if (!more)
		return false;
	device->records = more;
	device->room = room;
	return true;
}

/* Read all records that the kernel has. In our memory they wait without being overwritten. */
static void pull(struct device *device)
{
	ssize_t got;
	size_t size;

	while (make_room(device)) {
		size = (device->room - device->have) * sizeof(*device->records);
		got = read(device->fd, device->records + device->have, size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got > 0)
			device->have += got / sizeof(*device->records);
		if (got < (ssize_t)size)
			return;
	}
}

/**
 * device_next - the next record
 * @device: a reader
 *
 * Return: a record that stays valid until the next call, or NULL when nothing is there now
 */
const struct mmscope_event *device_next(struct device *device)
{
	if (device->next == device->have || !(++device->handed % PULL_EVERY))
		pull(device);
	if (device->next == device->have)
		return NULL;
	return &device->records[device->next++];
}

/**
 * device_pending - has device_next() something that need not be waited for?
 * @device: a reader
 */
bool device_pending(const struct device *device)
{
	return device->next < device->have;
}

/**
 * device_info - what the module can do, and the state of one file
 * @fd: of the device
 * @info: to be filled
 *
 * Return: 0 or -errno
 */
int device_info(int fd, struct mmscope_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	return ioctl(fd, MMSCOPE_INFO, info) ? -errno : 0;
}

/**
 * device_stat - counters of one mm
 * @fd: of the device
 * @mm: its id
 * @stat: to be filled
 *
 * Return: 0 or -errno
 */
int device_stat(int fd, unsigned int mm, struct mmscope_stat *stat)
{
	memset(stat, 0, sizeof(*stat));
	stat->size = sizeof(*stat);
	stat->mm = mm;
	return ioctl(fd, MMSCOPE_STAT, stat) ? -errno : 0;
}

/**
 * device_file - open a file to map, with a store that behaves as asked
 * @setup: backing, flags, size and the rest; @setup->size need not be set
 *
 * Return: a file descriptor or -errno
 */
int device_file(const struct mmscope_setup *setup)
{
	struct mmscope_setup asked = *setup;
	int fd = open(DEVICE_NODE, O_RDWR | O_CLOEXEC);
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
