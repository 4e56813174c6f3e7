/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between the faults that getrusage(2) counts and those that are seen here.
 * getrusage(2) counts for a thread, in whichever memory it faults; records are of an address space,
 * in which any thread may fault.
 */
#ifndef MMSCOPE_BPF_USAGE_BPF_H
#define MMSCOPE_BPF_USAGE_BPF_H

#include "mms.bpf.h"

extern __u64 usage_over;	/* faults of threads that have ended */
extern __u64 usage_before;	/* faults that threads had before they were watched */
extern __u64 usage_living;	/* faults of threads that live, as usage_now() has added them up */
extern __u32 usage_tasks;	/* number of these threads */
extern __u32 usage_first;	/* usage_now() looks only at threads whose mm is MM_FIRST_THERE */
extern __u64 faults_outside;	/* of threads that are not watched, in memory that is */
extern __u64 faults_elsewhere;	/* of threads that are watched, in memory that is not */

/* Does getrusage(2) count a fault with this result? */
static __always_inline bool usage_counts(__u32 result)
{
	return !(result & (VM_FAULT_RETRY | VM_FAULT_ERROR));
}

/*
 * A watched program has its memory. The faults that its thread has had so far are not this
 * program's; those that execve(2) has yet to make for it are.
 */
static __always_inline void usage_begins(struct mm_slot *slot, struct task_struct *task)
{
	if (!slot || !slot->id || slot->first != MM_FIRST_PROGRAM)
		return;
	__sync_fetch_and_add(&usage_before, task->min_flt + task->maj_flt);
	slot->first = 0;
}

#endif
