// SPDX-License-Identifier: GPL-2.0
/*
 * What getrusage(2) counts, for who wants to know whether all faults were seen: the kernel runs no
 * program on a CPU where it is running already, which happens when a thread is preempted inside.
 */
#include "usage.bpf.h"

#define PF_EXITING	0x00000004

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} __attribute__((preserve_access_index));

__u64 usage_over;
__u64 usage_before;
__u64 usage_living;
__u32 usage_tasks;
__u32 usage_first;
__u64 faults_outside;
__u64 faults_elsewhere;

/*
 * A thread is about to give up its mm: it faults no more. It cannot be preempted here. Of one that
 * ends while others are still being attached to, nobody knows what it had before.
 */
SEC("kprobe/mm_update_next_owner")
int fault_usage(struct pt_regs *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct mm_slot *slot;

	if (!(task->flags & PF_EXITING))
		return 0;
	slot = mm_find_key(mm_key_of_number(BPF_CORE_READ(ctx, di)));
	if (slot && slot->first != MM_FIRST_THERE)
		__sync_fetch_and_add(&usage_over, task->min_flt + task->maj_flt);
	return 0;
}

/*
 * The first that a new program's thread does in its own memory is to take its name; it faults for
 * the program before it runs.
 */
SEC("tp_btf/task_rename")
int BPF_PROG(fault_baseline, struct task_struct *task)
{
	usage_begins(mm_find(task->mm), task);
	return 0;
}

/* Threads that have not ended. */
SEC("iter/task")
int usage_now(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct mm_slot *slot;

	if (!task || task->flags & PF_KTHREAD)
		return 0;
	slot = mm_find(task->mm);
	if (!slot || (usage_first && slot->first != MM_FIRST_THERE))
		return 0;
	usage_living += task->min_flt + task->maj_flt;
	usage_tasks++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
