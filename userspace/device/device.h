/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_DEVICE_DEVICE_H
#define MMSCOPE_DEVICE_DEVICE_H

#include <stdbool.h>
#include <sys/types.h>
#include <linux/mmscope.h>

#define SCOPE_NODE	"/dev/mmscope"
/**
 * struct scope - an open /dev/mmscope as a reader
 * @fd: the file, nonblocking
 * @records: what was read, and not handed out since the last time all was
 * @next: first of them not handed out yet
 * @have: how many
 * @room: for how many
 * @handed: counts what is handed out, to look for more every now and then
 */
struct scope {
	int fd;
	struct mmscope_event *records;
	size_t next;
	size_t have;
	size_t room;
	unsigned int handed;
};

int scope_open(struct scope *scope);
const char *scope_trouble(int error);
int scope_complain(int error);
void scope_close(struct scope *scope);
int scope_attach(struct scope *scope, pid_t pid, unsigned int flags, unsigned int watermark);
const struct mmscope_event *scope_next(struct scope *scope);
bool scope_pending(const struct scope *scope);
int scope_info(int fd, struct mmscope_info *info);
int scope_stat(int fd, unsigned int mm, struct mmscope_stat *stat);
int scope_file(const struct mmscope_setup *setup);

#endif
