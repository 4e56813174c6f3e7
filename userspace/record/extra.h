/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RECORD_EXTRA_H
#define MMSCOPE_RECORD_EXTRA_H

#include "bpf/tracer_abi.h"

/**
 * struct record_extra - what a record tells beside its 64 bytes
 * @rss: pages that came, or went if negative, by enum raw_rss
 * @lazy: pages that reclaim is to take first, or may drop
 * @by: name of the thread that did it, "" where it is the process's own
 * @args: of a system call that failed
 * @figure: beside the reason for that: what would have been
 * @limit: and what may be
 * @answer: of a driver's hook about a page: VM_FAULT_* as it returned them
 * @attempt: how often this thread has asked for this page without getting any answer but that it
 *	shall try again, 0 where it did not
 * @asked: the two before are known
 */
struct record_extra {
	__s64 rss[RAW_NR_RSS];
	__u32 lazy;
	char by[16];
	__u64 args[6];
	__u64 figure;
	__u64 limit;
	__u32 answer;
	__u32 attempt;
	__u32 asked;
};

#endif
