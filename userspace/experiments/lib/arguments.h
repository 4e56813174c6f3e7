/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_LIB_ARGUMENTS_H
#define MMSCOPE_LIB_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <linux/types.h>

/**
 * struct arguments - what a function of the kernel is called with
 * @function: its name, as this kernel has it
 * @fd: perf's descriptor
 * @ring: of records
 */
struct arguments {
	const char *function;
	int fd;
	void *ring;
};

/* The second argument of each call that a process makes, from now on. */
bool arguments_watch(struct arguments *a, pid_t pid, const char *const *functions);
size_t arguments_take(struct arguments *a, __u64 *second, size_t most);

#endif
