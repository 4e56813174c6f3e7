// SPDX-License-Identifier: GPL-2.0
/*
 * Faults that the programs have summed up: in memory that the tool shares with them, and in maps of
 * drivers, refusals and stacks.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include "bpf/tracer_abi.h"
#include "bpf/tracer.skel.h"
#include "tracer/kept_sums.h"
#include "tracer/load.h"
#include "tracer/replay.h"
#include "tracer/sums.h"
#include "tracer/tracer.h"

static struct fault_sums *sums;
static size_t nr_sums;

/**
 * sums_map - have the sums of the programs that are loaded
 *
 * Return: 0 or -errno
 */
int sums_map(void)
{
	const struct tracer_bpf *bpf = tracer_loaded();

	nr_sums = bpf->rodata->sums_last + 1;
	sums = mmap(NULL, nr_sums * sizeof(*sums), PROT_READ | PROT_WRITE, MAP_SHARED,
		    bpf_map__fd(bpf->maps.sums), 0);
	return sums == MAP_FAILED ? -errno : 0;
}

/**
 * tracer_sums - faults that were summed up
 * @n: becomes the number of parts, which have to be added
 */
struct fault_sums *tracer_sums(size_t *n)
{
	if (replay_runs())
		return kept_sums(n);
	*n = nr_sums;
	return sums;
}

/**
 * tracer_driver - one that faults of class driver were of
 * @driver: the one before; becomes the next
 * @before: there was one before
 * @total: becomes its faults
 *
 * Return: false when there is none left
 */
bool tracer_driver(struct fault_driver *driver, bool before, struct fault_total *total)
{
	struct fault_driver next;
	int fd;

	if (replay_runs())
		return kept_driver(driver, before, total);
	fd = bpf_map__fd(tracer_loaded()->maps.drivers);
	if (bpf_map_get_next_key(fd, before ? driver : NULL, &next))
		return false;
	*driver = next;
	return !bpf_map_lookup_elem(fd, driver, total);
}

/**
 * tracer_refusal - a way in which faults were refused
 * @error: record_error() of the one before; becomes the next
 * @before: there was one before
 * @total: becomes its faults
 *
 * Return: false when there is none left
 */
bool tracer_refusal(__u32 *error, bool before, struct fault_total *total)
{
	__u32 next;
	int fd;

	if (replay_runs())
		return kept_refusal(error, before, total);
	fd = bpf_map__fd(tracer_loaded()->maps.refusals);
	if (bpf_map_get_next_key(fd, before ? error : NULL, &next))
		return false;
	*error = next;
	return !bpf_map_lookup_elem(fd, error, total);
}

/**
 * tracer_stack - what led to faults
 * @id: SITE_STACK() of them
 * @frames: becomes the addresses: the instruction, then where each function returns to
 *
 * Return: how many; 0 for no stack
 */
size_t tracer_stack(__u32 id, __u64 frames[MAX_FRAMES])
{
	__u32 key = id - 1;
	size_t n = 0;

	memset(frames, 0, MAX_FRAMES * sizeof(*frames));
	if (!id || replay_runs())
		return 0;
	if (bpf_map_lookup_elem(bpf_map__fd(tracer_loaded()->maps.stacks), &key, frames))
		return 0;
	while (n < MAX_FRAMES && frames[n])
		n++;
	return n;
}
