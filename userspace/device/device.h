/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_DEVICE_DEVICE_H
#define MMSCOPE_DEVICE_DEVICE_H

#include <stdbool.h>
#include <sys/types.h>
#include <linux/mmscope.h>

#define DEVICE_NODE	"/dev/mmscope"
/**
 * struct device - an open /dev/mmscope as a reader
 * @fd: the file, nonblocking
 * @records: what was read, and not handed out since the last time all was
 * @next: first of them not handed out yet
 * @have: how many
 * @room: for how many
 * @handed: counts what is handed out, to look for more every now and then
 */
struct device {
	int fd;
	struct mmscope_event *records;
	size_t next;
	size_t have;
	size_t room;
	unsigned int handed;
};

int device_open(struct device *device);
const char *device_trouble(int error);
int device_complain(int error);
void device_close(struct device *device);
int device_attach(struct device *device, pid_t pid, unsigned int flags, unsigned int watermark);
const struct mmscope_event *device_next(struct device *device);
bool device_pending(const struct device *device);
int device_info(int fd, struct mmscope_info *info);
int device_stat(int fd, unsigned int mm, struct mmscope_stat *stat);
int device_file(const struct mmscope_setup *setup);

#endif
