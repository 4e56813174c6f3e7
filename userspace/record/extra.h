/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RECORD_EXTRA_H
#define MMSCOPE_RECORD_EXTRA_H

#include "bpf/tracer_abi.h"

/**
 * struct record_extra - what is known of a record beside the 64 bytes of its struct mmscope_event
 * @rss: pages that came, or that went if negative, by enum raw_rss
 * @lazy: pages that reclaim is to take first (MADV_COLD), or may drop (MADV_FREE)
 * @by: name of the thread that caused the record, "" where it is a thread of the process itself
 * @args: arguments of the system call, for RECORD_FAILED
 * @figure: how much there would have been, or another figure: see enum record_failure
 * @limit: how much there may be, in the same unit
 * @answer: VM_FAULT_* that a driver's hook returned when it was asked for a page
 * @attempt: how often in a row this thread has asked for this page and was told to try again; 0
 *	where the hook gave another answer
 * @asked: @answer and @attempt are known
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
