// SPDX-License-Identifier: GPL-2.0
/*
 * The only file that uses /dev/mmscope: it opens the device, attaches to a log, and reads records.
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

#define ROOM_MIN	1024		/* records that there is room for at first */
#define ROOM_MAX	1048576	/* 64 MiB, by which the tool may fall behind the module */
#define PULL_EVERY	128		/* records handed out between two looks for new ones */

/**
 * device_open - open the device as a reader of this process's own log
 * @device: is filled
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
 * device_trouble - say why the device cannot be used, and what to do
 * @error: what device_open() returned
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
 * device_complain - print why the device cannot be used, and what to do
 * @error: what device_open() returned
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
 * device_attach - choose the log that is read
 * @device: a reader
 * @pid: process whose log it is, or 0 for this process
 * @flags: MMSCOPE_ATTACH_*
 * @watermark: number of records at which poll(2) wakes; 0 means 1
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

/* Make room for more records; false when there is none. */
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

/* Read all records that the module has. Here they wait without being overwritten. */
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
 * Return: the record, valid until the next call; NULL when there is none at present
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
 * device_pending - has the reader a record that was read already?
 * @device: a reader
 */
bool device_pending(const struct device *device)
{
	return device->next < device->have;
}

/**
 * device_info - what the module can do, and the state of an open file
 * @fd: descriptor of the device
 * @info: is filled
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
 * device_stat - the module's counters of an address space
 * @fd: descriptor of the device
 * @mm: id of the address space
 * @stat: is filled
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
 * device_file - open a file of the device to map, with a store that behaves as asked
 * @setup: what is asked; its @size need not be set
 *
 * Return: a descriptor, which the caller closes, or -errno
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
