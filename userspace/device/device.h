/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_DEVICE_DEVICE_H
#define MMSCOPE_DEVICE_DEVICE_H

#include <stdbool.h>
#include <sys/types.h>
#include <linux/mmscope.h>

#define DEVICE_NODE	"/dev/mmscope"
/**
 * struct device - an open /dev/mmscope as a reader
 * @fd: descriptor of the file, nonblocking
 * @records: records that were read
 * @next: first record in @records that was not handed out
 * @have: first free element of @records
 * @room: number of elements for which @records has room
 * @handed: number of records that were handed out, by which new ones are looked for now and then
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
