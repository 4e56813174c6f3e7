/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What getrusage(2) counts otherwise: for a thread, wherever it faults, what is summed up here for
 * an address space, whoever faults in it.
 */
#ifndef MMSCOPE_BPF_USAGE_BPF_H
#define MMSCOPE_BPF_USAGE_BPF_H

#include "mms.bpf.h"

extern __u64 usage_over;	/* what threads that ended had */
extern __u64 usage_before;	/* what threads had before they were watched */
extern __u64 usage_living;	/* what threads have, and how many these are */
extern __u32 usage_tasks;
extern __u32 usage_first;	/* of those alone whose mm is MM_FIRST_THERE */
extern __u64 faults_outside;	/* of threads that are not watched, in memory that is */
extern __u64 faults_elsewhere;	/* of threads that are watched, in memory that is not */

/* Does getrusage(2) count it? */
static __always_inline bool usage_counts(__u32 result)
{
	return !(result & (VM_FAULT_RETRY | VM_FAULT_ERROR));
}

/*
 * A watched program has its memory. The faults that its thread has counted so far are not of this
 * program, but those that execve(2) has yet to bring are.
 */
static __always_inline void usage_begins(struct mm_slot *slot, struct task_struct *task)
{
	if (!slot || !slot->id || slot->first != MM_FIRST_PROGRAM)
		return;
	__sync_fetch_and_add(&usage_before, task->min_flt + task->maj_flt);
	slot->first = 0;
}

#endif
