/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_USAGE_H
#define MMSCOPE_TRACER_USAGE_H

#include <stdbool.h>
#include <linux/types.h>

struct tracer_bpf;

/**
 * struct usage - numbers of faults that the kernel counts by thread
 * @faults: of threads that are watched, as getrusage(2) counts them
 * @outside: of other threads, in memory that is watched; they are not in @faults
 * @elsewhere: of threads that are watched, in memory that is not watched
 * @skips: how often the kernel did not run a program that tells of faults, for any process
 * @living: number of watched threads that have not ended
 */
struct usage {
	__u64 faults;
	__u64 outside;
	__u64 elsewhere;
	__u64 skips;
	__u32 living;
};

void usage_begin(struct tracer_bpf *bpf);
bool usage_end(struct tracer_bpf *bpf, struct usage *usage);
__u64 usage_unseen(const struct usage *usage, __u64 seen);

#endif
