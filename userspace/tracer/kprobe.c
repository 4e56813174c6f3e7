// SPDX-License-Identifier: GPL-2.0
/*
 * BPF programs at functions of the kernel and its modules. Functions are given by their addresses,
 * since several static functions may have the same name.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/proc.h"
#include "tracer/kprobe.h"

#define PMU	"/sys/bus/event_source/devices/kprobe/"

static struct bpf_link **links;
static size_t nr_links;

/* Read a file of the PMU that has a number, perhaps behind "config:". */
static long pmu_number(const char *path)
{
	char word[32];
	const char *at = word;

	if (!proc_word(path, word, sizeof(word)))
		return -1;
	while (*at && (*at < '0' || *at > '9'))
		at++;
	return *at ? atol(at) : -1;
}

static int open_event(__u64 address, bool at_return)
{
	struct perf_event_attr attr = { .size = sizeof(attr), .config2 = address };
	long type = pmu_number(PMU "type"), bit = pmu_number(PMU "format/retprobe");
	int fd;

	if (type < 0 || bit < 0)
		return -ENOENT;
	attr.type = type;
	attr.config = (__u64)at_return << bit;
	fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int keep(struct bpf_link *link)
{
	struct bpf_link **more = realloc(links, (nr_links + 1) * sizeof(*links));

	if (!more)
		abort();
	links = more;
	links[nr_links++] = link;
	return 0;
}

/**
 * kprobe_attach - run a program where a function begins, or where it returns
 * @prog: loaded program
 * @address: of the function
 * @at_return: run the program where the function returns
 * @cookie: what bpf_get_attach_cookie() returns in the program
 *
 * Return: 0 or -errno; -EINVAL for a function that takes no kprobe
 */
int kprobe_attach(const struct bpf_program *prog, __u64 address, bool at_return, __u64 cookie)
{
	LIBBPF_OPTS(bpf_perf_event_opts, opts, .bpf_cookie = cookie);
	int fd = open_event(address, at_return), error;
	struct bpf_link *link;

	if (fd < 0)
		return fd;
	link = bpf_program__attach_perf_event_opts(prog, fd, &opts);
	if (link)
		return keep(link);
	error = -errno;
	close(fd);
	return error;
}

/**
 * kprobe_detach_all - undo all of kprobe_attach()
 */
void kprobe_detach_all(void)
{
	while (nr_links)
		bpf_link__destroy(links[--nr_links]);
	free(links);
	links = NULL;
}
