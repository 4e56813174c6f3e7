// SPDX-License-Identifier: GPL-2.0
/*
 * What functions of the kernel are called with: a kprobe made by perf for one process alone, which
 * records a register and vanishes with its descriptor.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/perf_event.h>
#include <asm/perf_regs.h>
#include "base/proc.h"
#include "experiments/lib/arguments.h"
#include "lab/experiment.h"

#define PROBES	"/sys/bus/event_source/devices/kprobe/type"
#define PAGES	4	/* of records */

static int watch_function(pid_t pid, const char *function)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.kprobe_func = (unsigned long)function,
		.sample_type = PERF_SAMPLE_REGS_INTR,
		.sample_regs_intr = 1ULL << PERF_REG_X86_SI,
		.sample_period = 1,
	};
	char word[16];

	if (!proc_word(PROBES, word, sizeof(word)))
		return -1;
	attr.type = atoi(word);
	return syscall(SYS_perf_event_open, &attr, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/**
 * arguments_watch - begin to record
 * @a: to be filled in
 * @pid: whose calls
 * @functions: names that it has had, ended by NULL: the first that this kernel knows
 *
 * Return: false where one may not, or where there is no such function
 */
bool arguments_watch(struct arguments *a, pid_t pid, const char *const *functions)
{
	a->fd = -1;
	for (; a->fd < 0 && *functions; functions++) {
		a->function = *functions;
		a->fd = watch_function(pid, a->function);
	}
	if (a->fd < 0)
		return false;
	a->ring = mmap(NULL, len(1 + PAGES), PROT_READ | PROT_WRITE, MAP_SHARED, a->fd, 0);
	if (a->ring != MAP_FAILED)
		return true;
	close(a->fd);
	return false;
}

/**
 * arguments_take - what was recorded; nothing more is
 * @a: from arguments_watch()
 * @second: for the second argument of each call
 * @most: no more of them
 *
 * Return: how many
 */
size_t arguments_take(struct arguments *a, __u64 *second, size_t most)
{
	struct perf_event_mmap_page *page = a->ring;
	const char *data = (char *)a->ring + len(1);
	struct {
		struct perf_event_header header;
		__u64 abi;
		__u64 si;
	} record;
	size_t n = 0;

	/* Nothing was taken before: what did not fit was not recorded, and no record is torn. */
	for (__u64 at = 0; at < page->data_head && n < most; at += record.header.size) {
		memcpy(&record, data + at, sizeof(record));
		if (record.header.type == PERF_RECORD_SAMPLE)
			second[n++] = record.si;
	}
	munmap(a->ring, len(1 + PAGES));
	close(a->fd);
	return n;
}
