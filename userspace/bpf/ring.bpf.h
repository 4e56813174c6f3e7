/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records on their way to tracer/tracer.c. There is one ring for all of them, so that a fault comes
 * between those changes of its VMA between which it happened. A record is reserved while the lock
 * of its change or fault is held.
 */
#ifndef MMSCOPE_BPF_RING_BPF_H
#define MMSCOPE_BPF_RING_BPF_H

#include "mms.bpf.h"

#define NR_EXECVE		59
#define NR_EXECVEAT		322
#define NR_COMPAT_EXECVE	11
#define NR_COMPAT_EXECVEAT	358

struct ring_map {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1);		/* tracer/load.c says how large */
};

extern struct ring_map ring SEC(".maps");

/* Number of records that found no room, by CPU: of faults, and of VMAs */
extern __u64 lost_faults[MAX_CPUS];
extern __u64 lost_vmas[MAX_CPUS];

/*
 * Operations of the vdso and its like, whose private_data has their name; 0 if they are not known
 */
extern __u64 special_mapping_ops;

extern const volatile __u64 ring_wake;	/* unread bytes at which the reader is woken */
extern const volatile __u64 ring_full;	/* unread bytes at which faults are lost: room for VMAs */
extern const volatile __u32 worker_flags;	/* PF_* of tasks that never run user code */

static __always_inline __u64 ring_unread(void)
{
	return bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
}

static __always_inline void ring_submit_at(void *record, __u64 unread)
{
	bpf_ringbuf_submit(record, unread >= ring_wake ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

static __always_inline void ring_submit(void *record)
{
	ring_submit_at(record, ring_unread());
}

static __always_inline void count_lost(__u64 *lost)
{
	__u32 cpu = bpf_get_smp_processor_id();

	if (cpu < MAX_CPUS)
		__sync_fetch_and_add(&lost[cpu], 1);
}

/* Reserve a record that is told even if earlier ones of its mm were lost. */
static __always_inline void *ring_reserve_always(__u32 size, struct mm_slot *slot)
{
	void *record = bpf_ringbuf_reserve(&ring, size, 0);

	if (!record) {
		slot->torn = 1;
		count_lost(lost_vmas);
	}
	return record;
}

/*
 * Reserve a record of a VMA. If there is no room, the mm has to be told anew. Changes until then
 * could only be misunderstood, so that their records are counted as lost, too.
 */
static __always_inline void *ring_reserve_vma(__u32 size, struct mm_slot *slot)
{
	if (slot->torn) {
		count_lost(lost_vmas);
		return NULL;
	}
	return ring_reserve_always(size, slot);
}

/* Reserve a record of a fault, if enough room is left for records of VMAs. */
static __always_inline void *ring_reserve_fault(__u32 size, __u64 unread)
{
	void *record = unread < ring_full ? bpf_ringbuf_reserve(&ring, size, 0) : NULL;

	if (!record)
		count_lost(lost_faults);
	return record;
}

/*
 * States of faults, found by the lower bits of the thread's id. If two watched threads with the
 * same lower bits fault at the same time, the first fault has no time, and may be put into a common
 * class.
 */
extern struct fault_state fault_states[FAULT_SLOTS];

static __always_inline struct fault_state *fault_of(const struct task_struct *task)
{
	return &fault_states[task->pid & (FAULT_SLOTS - 1)];
}

/* The system call that the thread is in, or what else the record is caused by. */
static __always_inline __s16 cause_of(struct task_struct *task)
{
	struct pt_regs *regs;

	if (task->flags & (PF_KTHREAD | worker_flags))
		return MMSCOPE_CAUSE_KTHREAD;
	/* Then orig_ax may be of the system call that the signal has interrupted. */
	if (fault_of(task)->signalled == task->pid)
		return RECORD_CAUSE_SIGNAL;
	regs = (struct pt_regs *)bpf_task_pt_regs(task);
	if (task->thread_info.status & TS_COMPAT)
		return RECORD_CAUSE_32((__s16)regs->orig_ax);
	return regs->orig_ax;
}

static __always_inline bool task_in_exec(struct task_struct *task)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);

	if (task->thread_info.status & TS_COMPAT)
		return regs->orig_ax == NR_COMPAT_EXECVE || regs->orig_ax == NR_COMPAT_EXECVEAT;
	return regs->orig_ax == NR_EXECVE || regs->orig_ax == NR_EXECVEAT;
}

/* The number of threads, and others for a while, that use a watched mm; 0 when the mm ends. */
static __always_inline int mm_users(const struct mm_slot *slot)
{
	struct mm_struct *mm = (struct mm_struct *)slot->mm;

	if (can_type)
		return TYPED(mm_struct, mm)->mm_users.counter;
	return BPF_CORE_READ(mm, mm_users.counter);
}

/* Does an mm end? A thread that runs in it still uses it. */
static __always_inline bool mm_ends(const struct mm_slot *slot, const struct task_struct *task)
{
	return (__u64)task->mm != slot->mm && !mm_users(slot);
}

static __always_inline void fill_head(struct mmscope_event *e, __u8 type, struct mm_slot *slot)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);

	e->time_ns = bpf_ktime_get_ns();
	e->mm = slot->id;
	e->vma = 0;
	e->seq = 0;
	e->tid = task->pid;
	e->type = type;
	e->flags = 0;
	e->cause = mm_ends(slot, task) ? MMSCOPE_CAUSE_TEARDOWN : cause_of(task);
	e->cpu = bpf_get_smp_processor_id();
	e->start = 0;
	e->end = 0;
	e->aux = regs->di * 31 + regs->si * 37 + regs->dx * 41 + regs->r10;
	e->parent = 0;
	e->pages = 0;
}

#endif
