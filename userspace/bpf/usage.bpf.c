// SPDX-License-Identifier: GPL-2.0
/*
 * Faults as getrusage(2) counts them, to find out whether the programs saw all of them: the kernel
 * does not run a program on a CPU where it runs already, which happens when a thread is preempted
 * inside.
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
 * A thread that ends is about to give up its mm, and does not fault any more; it cannot be
 * preempted here. If it ends while the tool still attaches to others, nobody knows what it had
 * before.
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
 * The first thing that the thread of a new program does in its new memory is to take its name. It
 * faults for the program even before the program runs.
 */
SEC("tp_btf/task_rename")
int BPF_PROG(fault_baseline, struct task_struct *task)
{
	usage_begins(mm_find(task->mm), task);
	return 0;
}

/* Add up the faults of all threads that live. */
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
