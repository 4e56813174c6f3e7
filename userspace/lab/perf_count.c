// SPDX-License-Identifier: GPL-2.0
/*
 * How often this thread enters a kernel function, counted by perf with a hardware breakpoint on the
 * function's first instruction. No code is patched, and no other thread is disturbed. System calls
 * are counted by perf, too, by their tracepoints.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include "base/proc.h"
#include "lab/step.h"

static int counter = -1;

static unsigned long address_of(const char *function)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	unsigned long addr, found = 0;
	char name[128];

	if (!file)
		return 0;
	while (!found && fscanf(file, "%lx %*c %127s%*[^\n]", &addr, name) == 2)
		if (!strcmp(name, function))
			found = addr;
	fclose(file);
	return found;
}

static int open_counter(unsigned long addr)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_BREAKPOINT,
		.size = sizeof(attr),
		.bp_type = HW_BREAKPOINT_X,
		.bp_addr = addr,
		.bp_len = sizeof(long),
		.disabled = 1,
		.exclude_hv = 1,
	};

	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/**
 * count_entries - begin to count calls of a function
 * @function: name of a kernel function; the experiment is skipped when its calls cannot be counted
 */
void count_entries(const char *function)
{
	unsigned long addr = address_of(function);

	syscall_freeze();
	if (!addr)
		skip("/proc/kallsyms does not tell where %s() is (be root)", function);
	counter = open_counter(addr);
	if (counter < 0)
		skip("no breakpoint on %s(): %s", function, strerror(errno));
	ioctl(counter, PERF_EVENT_IOC_ENABLE, 0);
}

/**
 * count_end - end counting, and add the number to the figure "entries"
 */
void count_end(void)
{
	unsigned long long n = 0;

	ioctl(counter, PERF_EVENT_IOC_DISABLE, 0);
	if (read(counter, &n, sizeof(n)) == sizeof(n))
		outcome->entries += n;
	close(counter);
}

#define MAX_CALLS	8

SEE_ALL("brk calls", "mmap calls", "munmap calls", "mremap calls");

/**
 * struct calls - a system call that is counted
 * @name: name of the call
 * @fd: descriptor of the counter
 */
static struct calls {
	const char *name;
	int fd;
} calls[MAX_CALLS];

static size_t nr_calls;

static int open_tracepoint(const char *name)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
	};
	char path[128], id[16];

	snprintf(path, sizeof(path), "/sys/kernel/tracing/events/syscalls/sys_enter_%s/id", name);
	if (!proc_word(path, id, sizeof(id)))
		skip("%s cannot be read: be root, with tracefs mounted", path);
	attr.config = atoi(id);
	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

static unsigned long long counted(int fd)
{
	unsigned long long n = 0;

	if (read(fd, &n, sizeof(n)) != sizeof(n))
		return 0;
	return n;
}

/**
 * count_calls - begin to count system calls; see COUNT_CALLS()
 * @names: names of the calls; NULL ends the list
 */
void count_calls(const char *const *names)
{
	syscall_freeze();
	for (nr_calls = 0; names[nr_calls] && nr_calls < MAX_CALLS; nr_calls++) {
		struct calls *c = &calls[nr_calls];

		c->name = names[nr_calls];
		c->fd = open_tracepoint(c->name);
		if (c->fd < 0)
			skip("perf cannot count %s(2): %s", c->name, strerror(errno));
	}
}

/**
 * count_calls_end - end counting, and tell figures like "brk calls"
 */
void count_calls_end(void)
{
	char name[32];

	for (size_t i = 0; i < nr_calls; i++)
		ioctl(calls[i].fd, PERF_EVENT_IOC_DISABLE, 0);
	for (size_t i = 0; i < nr_calls; i++) {
		snprintf(name, sizeof(name), "%s calls", calls[i].name);
		see(name, counted(calls[i].fd));
		close(calls[i].fd);
	}
}
