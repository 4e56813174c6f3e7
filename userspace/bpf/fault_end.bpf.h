/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The end of a fault, where it is told or summed up. Each program at that end has a short way for
 * the plain fault, which is the most frequent one; this is the long way for all others.
 */
#ifndef MMSCOPE_BPF_FAULT_END_BPF_H
#define MMSCOPE_BPF_FAULT_END_BPF_H

#include "refusal.bpf.h"
#include "sums.bpf.h"
#include "usage.bpf.h"

/* The 32-bit word of a record that has its type and its flags */
#define EVENT_WORD(e)	(*(__u32 *)((__u64 *)(e) + 3))

/* The address of a thread's struct rseq, which the kernel keeps up to date; 0 for none. */
static __always_inline __u64 rseq_of(struct task_struct *task)
{
	struct task_struct___rseq *now = (void *)task;
	struct task_struct___pointer *before = (void *)task;

	if (bpf_core_type_exists(struct rseq_data))
		return (__u64)BPF_CORE_READ(now, rseq.usrptr);
	return bpf_core_field_exists(before->rseq) ? (__u64)BPF_CORE_READ(before, rseq) : 0;
}

/* What the kernel does when it faults at an address: a system call, or an update of struct rseq. */
static __noinline __s16 cause_at(__u64 addr)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 rseq = rseq_of(task);

	if (rseq && addr - rseq < RSEQ_SIZE)
		return RECORD_CAUSE_RSEQ;
	return cause_of(task);
}

static __always_inline void fill(struct mmscope_event *e, const struct fault *fault,
				 struct task_struct *task)
{
	e->time_ns = bpf_ktime_get_ns();
	e->mm = fault->mm;
	e->vma = 0;
	e->seq = fault->from;
	e->tid = fault->state->tid;
	EVENT_WORD(e) = MMSCOPE_FAULT | fault->flags << 8;
	e->cause = fault->flags & MMSCOPE_F_USER ? MMSCOPE_CAUSE_USER : cause_at(fault->addr);
	e->cpu = bpf_get_smp_processor_id();
	e->addr = fault->addr;
	e->ip = fault->ip;
	e->pgoff = fault->detail;
	e->npages = fault->npages;
	e->ns = time_since(fault->state->start, e->time_ns);
}

/* How many bytes of the ring are unread; asked at each 16th fault only, since it takes time. */
static __always_inline __u64 unread_now_and_then(struct fault_state *state)
{
	return ++state->count & 15 ? 0 : ring_unread();
}

static __always_inline void tell_event(const struct fault *fault, struct task_struct *task)
{
	__u64 unread = unread_now_and_then(fault->state);
	struct mmscope_event *e = ring_reserve_fault(sizeof(*e), unread);

	if (!e)
		return;
	fill(e, fault, task);
	ring_submit_at(e, unread);
}

static __always_inline void tell(const struct fault *fault, struct task_struct *task, void *ctx)
{
	if (fault_mode != FAULTS_TOLD)
		sum_up(fault, ctx);
	if (faults_told)
		tell_event(fault, task);
}

static __always_inline __u64 user_ip(struct task_struct *task)
{
	struct pt_regs *regs;

	if (task->flags & (PF_KTHREAD | worker_flags))
		return 0;
	regs = (struct pt_regs *)bpf_task_pt_regs(task);
	return regs->ip;
}

/*
 * Does the running thread fault in memory of its own? execve(2) fills the address space that is to
 * become its own. The kernel calls an access remote (FAULT_FLAG_REMOTE) whenever it goes by an mm
 * and not by the running task, as KSM does.
 */
static __always_inline bool faults_in_own(struct task_struct *task, struct vm_area_struct *vma)
{
	return vma->vm_mm == task->mm || task_in_exec(task);
}

/* The user instruction that led to a fault; 0 in another process's memory, or in execve(2). */
static __always_inline __u64 ip_in(struct task_struct *task, struct vm_area_struct *vma,
				   __u32 flags)
{
	if (task_in_exec(task) || (flags & FAULT_FLAG_REMOTE && !faults_in_own(task, vma)))
		return 0;
	return user_ip(task);
}

static __always_inline __u32 access_of(__u32 flags)
{
	__u32 f = MMSCOPE_F_READ;

	if (flags & FAULT_FLAG_WRITE)
		f = MMSCOPE_F_WRITE;
	if (flags & FAULT_FLAG_INSTRUCTION)
		f |= MMSCOPE_F_EXEC;
	if (flags & FAULT_FLAG_USER)
		f |= MMSCOPE_F_USER;
	else
		f |= MMSCOPE_F_KERNEL;
	if (flags & FAULT_FLAG_TRIED)
		f |= MMSCOPE_F_TRIED;
	if (flags & FAULT_FLAG_VMA_LOCK)
		f |= MMSCOPE_F_VMA_LOCK;
	return f;
}

/* The number of pages of 4 KiB in a huge page of hugetlbfs. */
static __noinline __u32 hugetlb_pages(struct vm_area_struct *vma)
{
	struct hugetlbfs_sb_info *info;

	info = (struct hugetlbfs_sb_info *)BPF_CORE_READ(vma, vm_file, f_inode, i_sb, s_fs_info);
	return 1U << (BPF_CORE_READ(info, hstate, order) & 31);
}

static __always_inline __u32 pages_of(struct vm_area_struct *vma, __u32 class,
				      const struct fault_state *state)
{
	if (class == RECORD_CLASS_HUGETLB)
		return hugetlb_pages(vma);
	if (class >= RECORD_CLASS_NOTHING)
		return state->npages;
	return state->npages ? state->npages : 1;
}

/*
 * Does user code fault, and may it go on? If it touched anonymous memory, that is the plain fault.
 * Callers pass their arguments where they need them, lest these are kept in registers across calls.
 */
static __always_inline bool is_common(__u32 flags, __u32 result)
{
	const __u32 any = FAULT_FLAG_USER | FAULT_FLAG_REMOTE | FAULT_FLAG_TRIED |
			  FAULT_FLAG_INSTRUCTION;

	return (flags & any) == FAULT_FLAG_USER &&
	       !(result & (VM_FAULT_ERROR | VM_FAULT_MAJOR | VM_FAULT_RETRY));
}

static __always_inline __u32 plain_class(__u32 flags)
{
	return flags & FAULT_FLAG_WRITE ? RECORD_CLASS_ANON : RECORD_CLASS_ZERO;
}

/* Which page a fault has replaced, where its class does not say how RSS changes. */
static __noinline __u32 from_of(struct vm_area_struct *vma, __u32 class,
				const struct fault_state *state)
{
	if (class == RECORD_CLASS_SWAP)
		return state->seen >> SEEN_SWAPPED ?
		       RAW_FROM_SWAP + (state->seen >> SEEN_SWAPPED) : RAW_FROM_NOTHING;
	if (class == RECORD_CLASS_DRIVER)
		return state->npages ? RAW_FROM_DRIVER : RAW_FROM_NOTHING;
	if (class != RECORD_CLASS_COPY)
		return RAW_FROM_NOTHING;
	if (state->seen & SEEN_ZERO)
		return RAW_FROM_ZERO;
	if (!(state->seen & SEEN_OF_FILE))
		return RAW_FROM_NOTHING;
	return class_of_file(vma) == RECORD_CLASS_SHMEM ? RAW_FROM_SHMEM : RAW_FROM_FILE;
}

static __always_inline void fill_other(struct fault *fault, struct vm_area_struct *vma, __u32 flags,
				       __u32 result)
{
	__u32 class;

	class = result & VM_FAULT_ERROR ? RECORD_CLASS_REFUSED :
		class_of(vma, flags, fault->state);
	class = forget(class, fault->addr);
	fault->flags |= access_of(flags) | class << RECORD_CLASS_SHIFT;
	if (flags & FAULT_FLAG_REMOTE && !faults_in_own(bpf_get_current_task_btf(), vma))
		fault->flags |= MMSCOPE_F_REMOTE;
	if (fault->state->seen & SEEN_FELL_BACK)
		fault->flags |= RECORD_F_FELL_BACK;
	if (vma->vm_flags & VM_MAYSHARE)
		fault->flags |= MMSCOPE_F_SHARED;
	if (class == RECORD_CLASS_PRIVATE)
		fault->flags |= MMSCOPE_F_COW;
	if (result & VM_FAULT_ERROR) {
		fault->flags |= MMSCOPE_F_ERROR;
		fault->npages = error_of(result, flags & FAULT_FLAG_USER) |
				why_of(fault->state) << REFUSAL_SHIFT;
		fault->detail = detail_of(fault->state);
		return;
	}
	if (result & VM_FAULT_MAJOR || flags & FAULT_FLAG_TRIED)
		fault->flags |= MMSCOPE_F_MAJOR;
	fault->npages = pages_of(vma, class, fault->state);
	if (fault_mode == FAULTS_TOLD)
		fault->from = from_of(vma, class, fault->state);
}

/* Count a fault in memory that is not watched, if a watched thread faults in another's memory. */
static __noinline __unused int usage_elsewhere(__u32 flags, __u32 result)
{
	if (flags & FAULT_FLAG_REMOTE && usage_counts(result) &&
	    mm_find(bpf_get_current_task_btf()->mm))
		__sync_fetch_and_add(&faults_elsewhere, 1);
	return 0;
}

/*
 * A fault is over. If get_user_pages() may go on to the next page, its next fault is timed from
 * here.
 */
static __always_inline void close(struct fault_state *state, bool more)
{
	if (!more) {
		state->tid = 0;
		return;
	}
	state->addr = FAULT_ANYWHERE;
	state->start = state->start ? bpf_ktime_get_ns() : 0;
	state->seen = 0;
	state->npages = 0;
}

/* Arguments of handle_mm_fault(), and its result */
enum { VMA, ADDRESS, FLAGS, REGS, RESULT };

/*
 * An attempt to handle a fault is over. The VMA may be gone if another attempt follows, or if the
 * handler gave up the lock; then the mm is that of the running task.
 */
static __noinline int ends_otherwise(__u64 *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct vm_area_struct *vma = (void *)ctx[VMA];
	__u32 flags = ctx[FLAGS], result = ctx[RESULT];
	const void *regs = (const void *)ctx[REGS];
	__u64 addr = ctx[ADDRESS];
	struct mm_slot *slot = mm_find(flags & FAULT_FLAG_REMOTE ? vma->vm_mm : task->mm);
	struct fault_state *state = fault_of(task);
	struct fault fault = {
		.state = state,
		.vma = vma,
		.ip = ip_in(task, vma, flags),
		.flags = regs ? 0 : RECORD_F_GUP,
	};

	if (!slot || !slot->id)
		return 0;
	fault.mm = slot->id;
	fault_claim(state, task, slot->id, addr);
	fault.addr = state->addr;
	if (result & VM_FAULT_RETRY) {
		state->seen |= SEEN_RETRY | (flags & FAULT_FLAG_VMA_LOCK ? SEEN_FELL_BACK : 0);
		return 0;
	}
	if (result & VM_FAULT_ERROR)
		refusal_note(vma, state, result);
	/*
	 * Such a fault ends with a signal or EFAULT, which fault_signal() or fault_fixup() tells.
	 */
	if (regs && result & VM_FAULT_ERROR &&
	    (!(flags & FAULT_FLAG_USER) || result & VM_FAULT_SIGSEGV))
		return 0;
	if (flags & FAULT_FLAG_REMOTE && usage_counts(result) && !mm_find_way(task->mm))
		__sync_fetch_and_add(&faults_outside, 1);
	fill_other(&fault, vma, flags, result);
	fault.flags = forget(fault.flags, addr);
	fault.npages = forget(fault.npages, addr);
	tell(&fault, task, ctx);
	close(state, !regs);
	return 0;
}

#endif
