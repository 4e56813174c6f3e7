// SPDX-License-Identifier: GPL-2.0
/*
 * Faults: from the exception, or the call that wants a page, to the last attempt to handle it. One
 * record for each, as getrusage(2) counts them, and one for each that was refused.
 */
#include "ends.h"

struct fault_state fault_states[FAULT_SLOTS];
const volatile bool faults_told;
const volatile bool fault_entries;
const volatile bool signal_ends;

#define SIGKILL		9
#define SIGSEGV		11
#define SIG_DFL		0UL
#define SIG_IGN		1UL
#define SIGNAL_UNKILLABLE	0x40
/*
 * Ignored by default, or stops: SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG and
 * SIGWINCH.
 */
#define HARMLESS	(0x7eULL << 16 | 1ULL << 23 | 1ULL << 28)
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

static __always_inline int begins(struct task_struct *task, __u64 addr, __u64 ip, __u32 error_code)
{
	struct mm_slot *slot = mm_find_way(task->mm);
	struct fault_state *state;

	if (!slot || !slot->id)
		return 0;
	state = fault_of(task);
	fault_open(state, task, slot->id, addr, bpf_ktime_get_ns());
	state->ip = ip;
	state->error_code = error_code;
	return 0;
}

SEC("tp_btf/page_fault_user")
int BPF_PROG(fault_user, unsigned long address, struct pt_regs *regs, unsigned long error_code)
{
	return begins(bpf_get_current_task_btf(), address, regs->ip, error_code);
}

/* Not where faults are disabled: the kernel is prepared that nothing is there, and asks again. */
SEC("tp_btf/page_fault_kernel")
int BPF_PROG(fault_kernel, unsigned long address, struct pt_regs *regs, unsigned long error_code)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (address >= TASK_SIZE_MAX || task->pagefault_disabled)
		return 0;
	return begins(task, address, 0, error_code);
}

static __always_inline int wanted(const struct mm_slot *slot)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (slot)
		fault_open(fault_of(task), task, slot->id, FAULT_ANYWHERE, bpf_ktime_get_ns());
	return 0;
}

/* Pages that the kernel wants: the first fault is timed from here, the next from the one before. */
SEC("fentry/__get_user_pages")
int BPF_PROG(fault_gup, struct mm_struct *mm)
{
	return wanted(mm_find(mm));
}

/* Before 6.5 it has seven arguments: so many that only kprobes can be there. */
SEC("kprobe/__get_user_pages")
int fault_gup_old(struct pt_regs *ctx)
{
	return wanted(mm_find_key(mm_key_of_number(BPF_CORE_READ(ctx, di))));
}

SEC("fentry/fixup_user_fault")
int BPF_PROG(fault_futex, struct mm_struct *mm)
{
	return wanted(mm_find(mm));
}

/* KSM's pages are made a VMA's own again: by faults that nobody asked get_user_pages() for. */
SEC("fentry/ksm_madvise")
int BPF_PROG(fault_ksm, struct vm_area_struct *vma)
{
	return wanted(mm_find(vma->vm_mm));
}

/* As ends_otherwise() has it, which does the rest. */
SEC("fexit/handle_mm_fault")
int fault_told(__u64 *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct fault_state *state = fault_of(task);
	struct vm_area_struct *vma = (void *)ctx[VMA];
	__u32 flags = ctx[FLAGS], result = ctx[RESULT];
	struct fault fault;

	if (state->tid != task->pid) {
		if (!mm_find(flags & FAULT_FLAG_REMOTE ? vma->vm_mm : task->mm))
			return 0;
		goto otherwise;
	}
	if (state->addr != ctx[ADDRESS] || state->seen || !is_common(flags, result) || vma->vm_ops)
		goto otherwise;
	fault.mm = state->mm;
	fault.state = state;
	fault.vma = vma;
	fault.addr = state->addr;
	fault.ip = state->ip;
	fault.flags = (flags & FAULT_FLAG_WRITE ?
		MMSCOPE_F_WRITE | MMSCOPE_CLASS_ANON << MMSCOPE_CLASS_SHIFT :
		MMSCOPE_F_READ | MMSCOPE_CLASS_ZERO << MMSCOPE_CLASS_SHIFT) |
		MMSCOPE_F_USER | (flags & FAULT_FLAG_VMA_LOCK ? MMSCOPE_F_VMA_LOCK : 0);
	fault.npages = 1;
	fault.from = RAW_FROM_NOTHING;
	tell_event(&fault, task);
	state->tid = 0;
	return 0;
otherwise:
	return ends_otherwise(ctx);
}

/* A fault that no VMA explains, or of which no further attempt will be made. */
static __noinline int refused(void *ctx, __u64 addr, __u32 flags, __u32 error, bool user)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct mm_slot *slot = mm_find(task->mm);
	struct fault fault = {
		.state = fault_of(task),
		.vma = NULL,
		.addr = addr,
		.flags = flags | MMSCOPE_F_ERROR |
			 (__u32)MMSCOPE_CLASS_REFUSED << MMSCOPE_CLASS_SHIFT,
		.npages = error,
	};

	if (!slot || !slot->id)
		return 0;
	fault.mm = slot->id;
	fault_claim(fault.state, task, slot->id, addr);
	if (fault.state->seen & SEEN_FELL_BACK)
		fault.flags |= MMSCOPE_F_FELL_BACK;
	fault.flags |= user ? MMSCOPE_F_USER : MMSCOPE_F_KERNEL;
	fault.ip = user_ip(task);
	tell(&fault, task, ctx);
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
	return refused(ctx, address, access_of_error(error_code), MMSCOPE_EFAULT, false);
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
	return refused(ctx, signal.addr, access_of_error(state->error_code),
		       error_of_code(signal.code), true);
}

/* Is there more to it than to take note: a handler to be called, or an end with a core dump? */
static __always_inline bool has_effect(int sig, const struct k_sigaction *action,
				       struct task_struct *task)
{
	__u64 handler = (__u64)BPF_CORE_READ(action, sa.sa_handler);

	if (handler == SIG_DFL)
		return !(1ULL << (sig & 63) & HARMLESS) &&
		       !(BPF_CORE_READ(task, signal, flags) & SIGNAL_UNKILLABLE);
	return handler != SIG_IGN;
}

/* A fatal signal ends the wait for another attempt. */
SEC("tp_btf/signal_deliver")
int BPF_PROG(fault_killed, int sig, void *info, struct k_sigaction *action)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct fault_state *state;

	if (!mm_find(task->mm))
		return 0;
	state = fault_of(task);
	if (signal_ends && has_effect(sig, action, task))
		state->signalled = task->pid;
	if (sig != SIGKILL)
		return 0;
	if (state->tid != task->pid || !(state->seen & SEEN_RETRY))
		return 0;
	return refused(ctx, state->addr, access_of_error(state->error_code), MMSCOPE_KILLED, true);
}

/* The frame is written: what comes next is the handler. */
SEC("fentry/signal_setup_done")
int BPF_PROG(fault_signalled)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct fault_state *state = fault_of(task);

	if (state->signalled == task->pid)
		state->signalled = 0;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
