/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stack of a fault: its addresses, which the kernel finds by frame pointers; or a copy, which
 * symbolize/unwind.c reads. A copy goes through the ring as all records do, between the changes of
 * VMAs between which the fault happened, so that the tool knows what was mapped where at that time.
 */
#ifndef MMSCOPE_BPF_STACK_BPF_H
#define MMSCOPE_BPF_STACK_BPF_H

#include "fault.bpf.h"

struct stacks_map {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 1);		/* tracer/load.c says how many */
	__uint(key_size, sizeof(__u32));
	__uint(value_size, MAX_FRAMES * sizeof(__u64));
};

extern struct stacks_map stacks SEC(".maps");
extern const volatile __u32 stack_way;	/* enum stack_way */
extern __u64 lost_stacks;		/* number of faults whose stack found no room */

#define EFAULT	14

/* The stack by frame pointers; 0 where none was found, or its place in the map has another one. */
static __always_inline __u64 stack_who(void *ctx)
{
	long id;

	if (stack_way != STACKS_FP)
		return 0;
	id = bpf_get_stackid(ctx, &stacks, BPF_F_USER_STACK);
	if (id < 0 && id != -EFAULT)
		__sync_fetch_and_add(&lost_stacks, 1);
	return id < 0 ? 0 : STACK_WHO(id);
}

static __always_inline __u32 what_to_copy(const struct fault *fault, struct task_struct *task,
					  const struct pt_regs *regs)
{
	if (task->flags & (PF_KTHREAD | worker_flags))
		return RAW_NOT_OWN;
	/* In execve(2) the registers are those of the previous program. */
	if (task_in_exec(task))
		return RAW_NOT_BEGUN;
	if (fault->flags & MMSCOPE_F_REMOTE)
		return RAW_NOT_OWN;
	if (regs->cs != USER_CS)
		return RAW_NOT_64;
	return RAW_COPIED;
}

static __always_inline void fill_regs(struct raw_stack *raw, const struct pt_regs *regs)
{
	raw->regs[0] = regs->ax;
	raw->regs[1] = regs->dx;
	raw->regs[2] = regs->cx;
	raw->regs[3] = regs->bx;
	raw->regs[4] = regs->si;
	raw->regs[5] = regs->di;
	raw->regs[6] = regs->bp;
	raw->regs[7] = regs->sp;
	raw->regs[8] = regs->r8;
	raw->regs[9] = regs->r9;
	raw->regs[10] = regs->r10;
	raw->regs[11] = regs->r11;
	raw->regs[12] = regs->r12;
	raw->regs[13] = regs->r13;
	raw->regs[14] = regs->r14;
	raw->regs[15] = regs->r15;
	raw->regs[16] = regs->ip;
}

/* Copy the parts of the stack. If one cannot be read, others of the same page are not tried. */
static __always_inline void copy_parts(struct raw_stack *raw, __u64 start, __u64 end, __u32 parts)
{
	__u64 absent = 0, there = 0;

	for (__u32 i = 0; i < parts; i++) {
		__u64 at = start + i * STACK_PART;

		if (at >= end)
			break;
		if (at >> PAGE_SHIFT == absent)
			continue;
		if (bpf_probe_read_user(&raw->bytes[i * STACK_PART], STACK_PART, (void *)at))
			absent = at >> PAGE_SHIFT;
		else
			there |= 1ULL << i;
	}
	raw->there = there;
}

/**
 * struct copy - the part of a stack that is to be copied
 * @copied: enum raw_copied
 * @start: first address
 * @end: first address behind the part
 */
struct copy {
	__u32 copied;
	__u64 start;
	__u64 end;
};

/* Send a record with a copy. Callers give @parts as a constant, as the verifier wants it. */
static __always_inline void tell_parts(const struct fault *fault, const struct copy *copy,
				       __u32 ns, __u32 pages, __u32 parts)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct pt_regs *regs = (const struct pt_regs *)bpf_task_pt_regs(task);
	__u64 unread = ring_unread();
	struct raw_stack *raw = NULL;

	if (unread < ring_full)
		raw = bpf_ringbuf_reserve(&ring, offsetof(struct raw_stack, bytes) +
					  parts * STACK_PART, 0);
	if (!raw) {
		__sync_fetch_and_add(&lost_stacks, 1);
		return;
	}
	raw->e.time_ns = bpf_ktime_get_ns();
	raw->e.mm = fault->mm;
	raw->e.vma = 0;
	raw->e.seq = 0;
	raw->e.tid = task->pid;
	raw->e.type = RAW_STACK;
	raw->e.flags = 0;
	raw->e.cause = 0;
	raw->e.cpu = bpf_get_smp_processor_id();
	raw->class = RECORD_CLASS(fault->flags);
	raw->copied = copy->copied;
	raw->ns = ns;
	raw->pages = pages;
	fill_regs(raw, regs);
	raw->regs[STACK_REGS - 1] = fault->ip;
	raw->start = copy->start;
	raw->end = copy->end;
	copy_parts(raw, copy->start, copy->end, parts);
	ring_submit_at(raw, unread);
}

/* What to copy of a stack. The first stack of a process ends where the data of execve(2) begin. */
static __always_inline void stack_range(struct copy *copy, struct task_struct *task, __u64 sp)
{
	__u64 first = BPF_CORE_READ(task, mm, start_stack);

	copy->start = sp & ~(__u64)(STACK_PART - 1);
	copy->end = copy->start + STACK_PARTS * STACK_PART;
	if (first > sp && first < copy->end)
		copy->end = first;
}

/* Send the stack of a fault that was summed up and timed. */
static __noinline void stack_tell(const struct fault *fault, __u32 ns, __u32 pages)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct pt_regs *regs = (const struct pt_regs *)bpf_task_pt_regs(task);
	struct copy copy = { .copied = what_to_copy(fault, task, regs) };
	__u64 size;

	if (copy.copied == RAW_COPIED)
		stack_range(&copy, task, regs->sp);
	size = copy.end - copy.start;
	if (!size)
		tell_parts(fault, &copy, ns, pages, 0);
	else if (size <= 2 * STACK_PART)
		tell_parts(fault, &copy, ns, pages, 2);
	else if (size <= 6 * STACK_PART)
		tell_parts(fault, &copy, ns, pages, 6);
	else
		tell_parts(fault, &copy, ns, pages, STACK_PARTS);
}

#endif
