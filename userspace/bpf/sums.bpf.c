// SPDX-License-Identifier: GPL-2.0
/*
 * The end of a fault where faults are only summed up. The short way is for the plain fault of a
 * VMA, at an instruction, that both have an element among the sums already; all others take the
 * long way.
 */
#include "fault_end.bpf.h"

const volatile __u8 short_times[1 << (SHORT_BITS - SHORT_STEP)];

/*
 * Add a plain fault to its sums; false where one of them has no element yet. There are no calls
 * after the first search, so that values stay in registers.
 */
static __always_inline bool sum_up_plain(struct fault_sums *all, struct fault_state *state,
					 __u32 mm, __u32 flags, __u64 ip, void *vma, __u32 ns,
					 bool timed)
{
	__u64 object = as_number(state, vma), who = SITE_WHO(mm, plain_class(flags));
	struct fault_vma *in = find_vma(vma_set(all, object), object, VMA_WHO(mm, false));
	struct fault_site *at;

	if (!in)
		return false;
	at = find_site(site_set(all, who, ip), who, ip);
	if (!at)
		return false;
	__sync_fetch_and_add(&in->count, 1);
	__sync_fetch_and_add(&at->total.count, 1);
	__sync_fetch_and_add(&at->total.pages, 1);
	if (!timed)
		return true;
	__sync_fetch_and_add(&at->total.ns, ns);
	add_time(all->times[plain_class(flags)], ns);
	return true;
}

/* The end of a fault in an mm that need not be that of the running task. */
static __noinline int ends_remote(__u64 *ctx)
{
	struct vm_area_struct *vma = (void *)ctx[VMA];

	if (!mm_id(vma->vm_mm))
		return usage_elsewhere(ctx[FLAGS], ctx[RESULT]);
	cpu_hold();
	ends_otherwise(ctx);
	cpu_release();
	return 0;
}

/*
 * Faults are counted and not timed: the state of the thread is used by programs at rare places
 * only.
 */
SEC("fexit/handle_mm_fault")
int fault_counted(__u64 *ctx)
{
	struct task_struct *task;
	struct fault_state *state;
	struct fault_sums *all;
	struct pt_regs *regs;
	struct mm_slot *slot;

	if (ctx[FLAGS] & FAULT_FLAG_REMOTE)
		return ends_remote(ctx);
	task = bpf_get_current_task_btf();
	slot = mm_find_likely(task->mm);
	if (!slot || !slot->id)
		return 0;
	state = fault_of(task);
	cpu_hold();
	if (state->tid == task->pid || !is_common(ctx[FLAGS], ctx[RESULT]))
		goto otherwise;
	all = sums_here();
	regs = (void *)ctx[REGS];
	if (all && sum_up_plain(all, state, slot->id, ctx[FLAGS], regs->ip, (void *)ctx[VMA], 0,
				false))
		goto done;
otherwise:
	ends_otherwise(ctx);
done:
	cpu_release();
	return 0;
}

SEC("fexit/handle_mm_fault")
int fault_timed(__u64 *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct fault_state *state = fault_of(task);
	struct fault_sums *all;
	__u64 now;

	if (state->tid != task->pid) {
		if (ctx[FLAGS] & FAULT_FLAG_REMOTE)
			return ends_remote(ctx);
		if (!mm_find(task->mm))
			return 0;
		cpu_hold();
		goto otherwise;
	}
	cpu_hold();
	if (state->addr != ctx[ADDRESS] || state->seen || !state->start ||
	    !is_common(ctx[FLAGS], ctx[RESULT]))
		goto otherwise;
	now = bpf_ktime_get_ns();
	all = sums_here();
	if (!all || !sum_up_plain(all, state, state->mm, ctx[FLAGS], state->ip, (void *)ctx[VMA],
				  time_since(state->start, now), true))
		goto otherwise;
	state->tid = 0;
	goto done;
otherwise:
	ends_otherwise(ctx);
done:
	cpu_release();
	return 0;
}

/* All faults take the long way: if stacks are kept, if faults are told as well, or with mTHP. */
SEC("fexit/handle_mm_fault")
int fault_any(__u64 *ctx)
{
	struct vm_area_struct *vma = (void *)ctx[VMA];
	struct task_struct *task = bpf_get_current_task_btf();

	if (!mm_find(ctx[FLAGS] & FAULT_FLAG_REMOTE ? vma->vm_mm : task->mm))
		return usage_elsewhere(ctx[FLAGS], ctx[RESULT]);
	cpu_hold();
	ends_otherwise(ctx);
	cpu_release();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
