// SPDX-License-Identifier: GPL-2.0
/*
 * Faults: from the exception, or the call that wants a page, to the last attempt to handle it. One
 * record for each, as getrusage(2) counts them, and one for each that was refused.
 */
#include "fault.h"
#include "sums.h"

struct fault_state fault_states[FAULT_SLOTS];
const volatile bool fault_entries;

#define SIGKILL		9
#define SIGSEGV		11
#define SEND_SIG_PRIV	1UL	/* not larger: no struct kernel_siginfo */
#define SEGV_MAPERR	1
#define SEGV_ACCERR	2
#define SEGV_PKUERR	4
#define X86_TRAP_PF	14
#define X86_PF_WRITE	0x02
#define X86_PF_INSTR	0x10

/* struct kernel_siginfo of a fault, which is laid out as siginfo_t is */
struct sigfault {
	int signo;
	int error;
	int code;
	int padding;
	__u64 addr;
};

/* The word of a record that has its type and flags. */
#define EVENT_WORD(e)	(*(__u32 *)((__u64 *)(e) + 3))

/* A fault of user code needs no system call to explain it. */
static __always_inline void fill(struct mmscope_event *e, const struct fault *fault,
				 struct task_struct *task)
{
	e->time_ns = bpf_ktime_get_ns();
	e->mm = fault->slot->id;
	e->vma = 0;
	e->seq = 0;
	e->tid = fault->state->tid;
	EVENT_WORD(e) = MMSCOPE_FAULT | fault->flags << 8;
	e->cause = fault->flags & MMSCOPE_F_USER ? MMSCOPE_CAUSE_USER : cause_of(task);
	e->cpu = bpf_get_smp_processor_id();
	e->addr = fault->addr;
	e->ip = fault->ip;
	e->pgoff = 0;
	e->npages = fault->npages;
	e->ns = time_since(fault->state->start, e->time_ns);
}

/* How full the ring is, is asked at some faults only: it takes its time. */
static __always_inline __u64 unread_now_and_then(struct fault_state *state)
{
	return ++state->count & 15 ? 0 : ring_unread();
}

static __always_inline void tell(const struct fault *fault, struct task_struct *task)
{
	struct mmscope_event *e;
	__u64 unread;

	if (fault_mode != FAULTS_TOLD) {
		sum_up(fault);
		return;
	}
	unread = unread_now_and_then(fault->state);
	e = ring_reserve_fault(sizeof(*e), unread);
	if (!e)
		return;
	fill(e, fault, task);
	ring_submit_at(e, unread);
}

static __always_inline __u64 user_ip(struct task_struct *task)
{
	struct pt_regs *regs;

	if (task->flags & (PF_KTHREAD | worker_flags))
		return 0;
	regs = (struct pt_regs *)bpf_task_pt_regs(task);
	return regs->ip;
}

static __always_inline int begins(__u64 addr, __u32 error_code)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct fault_state *state;

	if (!mm_find(task->mm))
		return 0;
	state = fault_of(task);
	fault_open(state, task, addr, bpf_ktime_get_ns());
	state->error_code = error_code;
	return 0;
}

SEC("tp_btf/page_fault_user")
int BPF_PROG(fault_user, unsigned long address, struct pt_regs *regs, unsigned long error_code)
{
	return begins(address, error_code);
}

/* Not where faults are disabled: the kernel is prepared that nothing is there, and asks again. */
SEC("tp_btf/page_fault_kernel")
int BPF_PROG(fault_kernel, unsigned long address, struct pt_regs *regs, unsigned long error_code)
{
	if (address >= TASK_SIZE_MAX || bpf_get_current_task_btf()->pagefault_disabled)
		return 0;
	return begins(address, error_code);
}

static __always_inline int wanted(const void *mm)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (mm_find(mm))
		fault_open(fault_of(task), task, FAULT_ANYWHERE, bpf_ktime_get_ns());
	return 0;
}

/* Pages that the kernel wants: the first fault is timed from here, the next from the one before. */
SEC("fentry/__get_user_pages")
int BPF_PROG(fault_gup, struct mm_struct *mm)
{
	return wanted(mm);
}

SEC("fentry/fixup_user_fault")
int BPF_PROG(fault_futex, struct mm_struct *mm)
{
	return wanted(mm);
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
	if (flags & FAULT_FLAG_REMOTE)
		f |= MMSCOPE_F_REMOTE;
	if (flags & FAULT_FLAG_TRIED)
		f |= MMSCOPE_F_TRIED;
	if (flags & FAULT_FLAG_VMA_LOCK)
		f |= MMSCOPE_F_VMA_LOCK;
	return f;
}

/* Of a huge page of hugetlbfs. */
static __noinline __u32 hugetlb_pages(struct vm_area_struct *vma)
{
	struct hugetlbfs_sb_info *info;

	info = (struct hugetlbfs_sb_info *)BPF_CORE_READ(vma, vm_file, f_inode, i_sb, s_fs_info);
	return 1U << (BPF_CORE_READ(info, hstate, order) & 31);
}

static __always_inline __u32 pages_of(struct vm_area_struct *vma, __u32 class,
				      const struct fault_state *state)
{
	if (class == MMSCOPE_CLASS_HUGETLB)
		return hugetlb_pages(vma);
	if (class >= MMSCOPE_CLASS_NOTHING)
		return state->npages;
	return state->npages ? state->npages : 1;
}

/* The one that there are most of: user code touches anonymous memory, and gets a page. */
static __always_inline bool is_plain(const struct vm_area_struct *vma, __u32 flags, __u32 result,
				     const struct fault_state *state)
{
	const __u32 any = FAULT_FLAG_USER | FAULT_FLAG_REMOTE | FAULT_FLAG_TRIED |
			  FAULT_FLAG_INSTRUCTION;

	return !state->seen && (flags & any) == FAULT_FLAG_USER &&
	       !(result & (VM_FAULT_ERROR | VM_FAULT_MAJOR | VM_FAULT_RETRY)) && !vma->vm_ops;
}

static __always_inline void fill_other(struct fault *fault, struct vm_area_struct *vma, __u32 flags,
				       __u32 result)
{
	__u32 class;

	/* Where nothing could be mapped, nothing tells nothing. */
	if (result & VM_FAULT_ERROR)
		fault->state->npages = 1;
	class = class_of(vma, flags, fault->state);
	fault->flags |= access_of(flags) | class << MMSCOPE_CLASS_SHIFT;
	if (fault->state->seen & SEEN_FELL_BACK)
		fault->flags |= MMSCOPE_F_FELL_BACK;
	if (vma->vm_flags & VM_MAYSHARE)
		fault->flags |= MMSCOPE_F_SHARED;
	if (class == MMSCOPE_CLASS_PRIVATE)
		fault->flags |= MMSCOPE_F_COW;
	if (result & VM_FAULT_ERROR) {
		fault->flags |= MMSCOPE_F_ERROR;
		fault->npages = error_of(result, flags & FAULT_FLAG_USER);
		return;
	}
	if (result & VM_FAULT_MAJOR || flags & FAULT_FLAG_TRIED)
		fault->flags |= MMSCOPE_F_MAJOR;
	fault->npages = pages_of(vma, class, fault->state);
}

/* Who wants pages without an exception may want more. */
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

/* All but the common one. */
static __noinline int ends_otherwise(struct vm_area_struct *vma, __u32 flags, const void *regs,
				     __u32 result, struct mm_slot *slot)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct fault_state *state = fault_of(task);
	struct fault fault = {
		.slot = slot,
		.state = state,
		.vma = vma,
		.addr = state->addr,
		.ip = user_ip(task),
		.flags = regs ? 0 : MMSCOPE_F_GUP,
	};

	if (result & VM_FAULT_RETRY) {
		state->seen |= SEEN_RETRY | (flags & FAULT_FLAG_VMA_LOCK ? SEEN_FELL_BACK : 0);
		return 0;
	}
	/* These end with a signal, or where the kernel gives up its access. */
	if (regs && result & VM_FAULT_ERROR &&
	    (!(flags & FAULT_FLAG_USER) || result & VM_FAULT_SIGSEGV))
		return 0;
	fill_other(&fault, vma, flags, result);
	tell(&fault, task);
	close(state, !regs);
	return 0;
}

/*
 * The end of an attempt. A VMA may be gone when another attempt follows, or when the handler gave
 * up the lock; then the mm is that of the running task.
 */
SEC("fexit/handle_mm_fault")
int BPF_PROG(fault_ends, struct vm_area_struct *vma, unsigned long address, unsigned int flags,
	     struct pt_regs *regs, unsigned int result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct mm_struct *mm = flags & FAULT_FLAG_REMOTE ? vma->vm_mm : task->mm;
	struct mm_slot *slot = mm_find(mm);
	struct fault_state *state;
	struct fault fault;

	if (!slot || !slot->id)
		return 0;
	state = fault_of(task);
	if (state->addr != address || state->tid != task->pid)
		fault_claim(state, task, address);
	if (!is_plain(vma, flags, result, state))
		return ends_otherwise(vma, flags, regs, result, slot);
	fault.slot = slot;
	fault.state = state;
	fault.vma = vma;
	fault.addr = address;
	fault.ip = regs->ip;
	fault.flags = flags & FAULT_FLAG_WRITE ?
		MMSCOPE_F_WRITE | MMSCOPE_CLASS_ANON << MMSCOPE_CLASS_SHIFT :
		MMSCOPE_F_READ | MMSCOPE_CLASS_ZERO << MMSCOPE_CLASS_SHIFT;
	fault.flags |= MMSCOPE_F_USER | (flags & FAULT_FLAG_VMA_LOCK ? MMSCOPE_F_VMA_LOCK : 0);
	fault.npages = 1;
	tell(&fault, task);
	state->tid = 0;
	return 0;
}

/* A fault that no VMA explains, or of which no further attempt will be made. */
static __noinline int refused(__u64 addr, __u32 flags, __u32 error, bool user)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct fault fault = {
		.slot = mm_find(task->mm),
		.state = fault_of(task),
		.vma = NULL,
		.addr = addr,
		.flags = flags | MMSCOPE_F_ERROR |
			 (__u32)MMSCOPE_CLASS_REFUSED << MMSCOPE_CLASS_SHIFT,
		.npages = error,
	};

	if (!fault.slot || !fault.slot->id)
		return 0;
	fault_claim(fault.state, task, addr);
	if (fault.state->seen & SEEN_FELL_BACK)
		fault.flags |= MMSCOPE_F_FELL_BACK;
	fault.flags |= user ? MMSCOPE_F_USER : MMSCOPE_F_KERNEL;
	fault.ip = user_ip(task);
	tell(&fault, task);
	fault.state->tid = 0;
	return 0;
}

static __always_inline __u32 access_of_error(__u64 error_code)
{
	return (error_code & X86_PF_WRITE ? MMSCOPE_F_WRITE : MMSCOPE_F_READ) |
	       (error_code & X86_PF_INSTR ? MMSCOPE_F_EXEC : 0);
}

/* The kernel's own access failed, for whatever reason: it gives up. */
SEC("fentry/fixup_exception")
int BPF_PROG(fault_fixup, struct pt_regs *regs, int trap, unsigned long error_code,
	     unsigned long address)
{
	if (trap != X86_TRAP_PF || address >= TASK_SIZE_MAX ||
	    bpf_get_current_task_btf()->pagefault_disabled)
		return 0;
	return refused(address, access_of_error(error_code), MMSCOPE_EFAULT, false);
}

static __always_inline __u32 error_of_code(int code)
{
	if (code == SEGV_PKUERR)
		return MMSCOPE_SEGV_PKUERR;
	return code == SEGV_ACCERR ? MMSCOPE_SEGV_ACCERR : MMSCOPE_SEGV_MAPERR;
}

/* It is of an exception if it tells where that was. */
SEC("tp_btf/signal_generate")
int BPF_PROG(fault_signal, int sig, void *info, struct task_struct *receiver)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct fault_state *state;
	struct sigfault signal;

	if (sig != SIGSEGV || task != receiver || (__u64)info <= SEND_SIG_PRIV)
		return 0;
	if (!mm_find(task->mm) || bpf_probe_read_kernel(&signal, sizeof(signal), info))
		return 0;
	if (signal.code != SEGV_MAPERR && signal.code != SEGV_ACCERR && signal.code != SEGV_PKUERR)
		return 0;
	state = fault_of(task);
	if (fault_mode != FAULTS_COUNTED &&
	    (state->tid != task->pid || state->addr != signal.addr))
		return 0;
	return refused(signal.addr, access_of_error(state->error_code),
		       error_of_code(signal.code), true);
}

/* A fatal signal ends the wait for another attempt. */
SEC("tp_btf/signal_deliver")
int BPF_PROG(fault_killed, int sig)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct fault_state *state;

	if (sig != SIGKILL || !mm_find(task->mm))
		return 0;
	state = fault_of(task);
	if (state->tid != task->pid || !(state->seen & SEEN_RETRY))
		return 0;
	return refused(state->addr, access_of_error(state->error_code), MMSCOPE_KILLED, true);
}

char LICENSE[] SEC("license") = "GPL";
