// SPDX-License-Identifier: GPL-2.0
/*
 * Faults that the programs have summed up: in memory that the tool shares with them, and in maps of
 * drivers, refusals and stacks. For a recording tracer/kept_sums.c has them.
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
 * sums_map - map the sums of the loaded programs into the tool
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
 * tracer_sums - the sums of faults
 * @n: becomes the number of elements, whose values are to be added
 *
 * Return: an array, which the programs may still change
 */
struct fault_sums *tracer_sums(size_t *n)
{
	if (replay_runs())
		return kept_sums(n);
	*n = nr_sums;
	return sums;
}

/**
 * tracer_driver - walk the drivers that had faults of RECORD_CLASS_DRIVER
 * @driver: the previous driver; becomes the next one
 * @before: there was a previous driver
 * @total: becomes the sum of the driver's faults
 *
 * Return: false when there is no further driver
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
 * tracer_refusal - walk the ways in which faults were refused
 * @error: record_error() of the previous way; becomes that of the next one
 * @before: there was a previous way
 * @total: becomes the sum of the faults that were refused so
 *
 * Return: false when there is no further way
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
 * tracer_stack - the stack that led to faults, where the kernel found it by frame pointers
 * @id: SITE_STACK() of the faults
 * @frames: becomes addresses: the instruction, then where each function returns to
 *
 * Return: number of addresses; 0 where there is no stack
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
