// SPDX-License-Identifier: GPL-2.0
/*
 * How often the kernel comes by a function or a tracepoint on behalf of this process and of those
 * it starts, counted by perf: no other process is counted, and nothing is left behind.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/perf_event.h>
#include "base/proc.h"
#include "experiments/lib/counter.h"
#include "lab/experiment.h"

#define PROBES	"/sys/bus/event_source/devices/kprobe/type"

static int open_counter(struct perf_event_attr *attr)
{
	attr->size = sizeof(*attr);
	attr->inherit = 1;
	return syscall(SYS_perf_event_open, attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/**
 * counter_function - count calls of a function of the kernel
 * @name: of it
 *
 * Return: a descriptor for counter_read(), -1 when it cannot be counted
 */
int counter_function(const char *name)
{
	struct perf_event_attr attr = { .kprobe_func = (unsigned long)name };
	char word[16];

	if (!proc_word(PROBES, word, sizeof(word)))
		return -1;
	attr.type = atoi(word);
	return open_counter(&attr);
}

/**
 * counter_event - count a tracepoint
 * @event: as "kmem/mm_page_alloc"
 * @filter: only where this is true of it, "order == 9", or NULL
 *
 * Return: a descriptor for counter_read(), -1 when it cannot be counted
 */
int counter_event(const char *event, const char *filter)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT };
	char path[128], word[16];
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/tracing/events/%s/id", event);
	if (!proc_word(path, word, sizeof(word)))
		return -1;
	attr.config = atoi(word);
	fd = open_counter(&attr);
	if (fd >= 0 && filter && ioctl(fd, PERF_EVENT_IOC_SET_FILTER, filter)) {
		close(fd);
		return -1;
	}
	return fd;
}

/**
 * counter_read - how often so far
 * @fd: the counter
 */
long counter_read(int fd)
{
	unsigned long long n = 0;

	return fd >= 0 && read(fd, &n, sizeof(n)) == sizeof(n) ? (long)n : 0;
}
