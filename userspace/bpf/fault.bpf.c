// SPDX-License-Identifier: GPL-2.0
/*
 * Faults, from the exception, or the call of the kernel that wants a page, to the last attempt to
 * handle them. There is one record for each fault that getrusage(2) counts, and one for each that
 * was refused.
 */
#include "fault_end.bpf.h"

struct fault_state fault_states[FAULT_SLOTS];
__u64 fault_whys[FAULT_SLOTS];
const volatile bool faults_told;
const volatile bool fault_entries;
const volatile bool signal_ends;

#define SIGKILL		9
#define SIGSEGV		11
#define SIG_DFL		0UL
#define SIG_IGN		1UL
#define SIGNAL_UNKILLABLE	0x40
/*
 * Signals that are ignored by default, or that stop a process: SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP,
 * SIGTTIN, SIGTTOU, SIGURG and SIGWINCH.
 */
#define HARMLESS	(0x7eULL << 16 | 1ULL << 23 | 1ULL << 28)
#define SEND_SIG_PRIV	1UL	/* a larger number is the address of a struct kernel_siginfo */
#define SEGV_MAPERR	1
#define SEGV_ACCERR	2
#define SEGV_PKUERR	4
#define SI_KERNEL	0x80
#define X86_TRAP_GP	13
#define X86_TRAP_PF	14
#define X86_PF_WRITE	0x02
#define X86_PF_INSTR	0x10
#define X86_PF_PK	0x20

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

/*
 * A fault of the kernel begins. Where page faults are disabled the access only fails, and the
 * kernel repeats it with page faults enabled.
 */
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

/*
 * get_user_pages() begins: its first fault is timed from here, a later one from the fault before.
 */
SEC("fentry/__get_user_pages")
int BPF_PROG(fault_gup, struct mm_struct *mm)
{
	return wanted(mm_find(mm));
}

/* Before 6.5 the function has seven arguments, which only kprobes can be attached to. */
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

/*
 * madvise(2) undoes the sharing of KSM by faults that do not come through get_user_pages(). Note
 * that this thread is going to fault.
 */
SEC("fentry/ksm_madvise")
int BPF_PROG(fault_ksm, struct vm_area_struct *vma)
{
	return wanted(mm_find(vma->vm_mm));
}

/*
 * A fault ends. The plain fault is told here, as fast as can be; ends_otherwise() has all others.
 */
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
			return flags & FAULT_FLAG_REMOTE ? usage_elsewhere(flags, result) : 0;
		cpu_hold();
		goto otherwise;
	}
	cpu_hold();
	if (state->addr != ctx[ADDRESS] || state->seen || !is_common(flags, result) || vma->vm_ops)
		goto otherwise;
	fault.mm = state->mm;
	fault.state = state;
	fault.vma = vma;
	fault.addr = state->addr;
	fault.ip = state->ip;
	fault.flags = (flags & FAULT_FLAG_WRITE ?
		MMSCOPE_F_WRITE | RECORD_CLASS_ANON << RECORD_CLASS_SHIFT :
		MMSCOPE_F_READ | RECORD_CLASS_ZERO << RECORD_CLASS_SHIFT) |
		MMSCOPE_F_USER | (flags & FAULT_FLAG_VMA_LOCK ? MMSCOPE_F_VMA_LOCK : 0);
	fault.npages = 1;
	fault.from = RAW_FROM_NOTHING;
	fault.detail = 0;
	tell_event(&fault, task);
	state->tid = 0;
	goto done;
otherwise:
	ends_otherwise(ctx);
done:
	cpu_release();
	return 0;
}

/*
 * Tell a fault that no VMA explains, or of which no further attempt will be made. @error has the
 * reason that holds unless a program has noted another.
 */
static __noinline int refused(void *ctx, __u64 addr, __u32 flags, __u32 error, bool user)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct mm_slot *slot = mm_find(task->mm);
	struct fault fault = {
		.state = fault_of(task),
		.vma = NULL,
		.addr = addr,
		.flags = flags | MMSCOPE_F_ERROR |
			 (__u32)RECORD_CLASS_REFUSED << RECORD_CLASS_SHIFT,
		.npages = REFUSAL_ERROR(error),
	};

	if (!slot || !slot->id)
		return 0;
	fault.mm = slot->id;
	fault_claim(fault.state, task, slot->id, addr);
	if (fault.state->seen & SEEN_FELL_BACK)
		fault.flags |= RECORD_F_FELL_BACK;
	fault.flags |= user ? MMSCOPE_F_USER : MMSCOPE_F_KERNEL;
	fault.ip = user_ip(task);
	note_why(fault.state, REFUSAL_WHY(error), 0);
	fault.npages |= why_of(fault.state) << REFUSAL_SHIFT;
	fault.detail = detail_of(fault.state);
	tell(&fault, task, ctx);
	fault.state->tid = 0;
	return 0;
}

static __always_inline __u32 access_of_error(__u64 error_code)
{
	return (error_code & X86_PF_WRITE ? MMSCOPE_F_WRITE : MMSCOPE_F_READ) |
	       (error_code & X86_PF_INSTR ? MMSCOPE_F_EXEC : 0);
}

/*
 * The reason why the kernel's access ends with EFAULT. If a signal ended the wait for another
 * attempt, no VMA was looked for, and the reason is not known.
 */
static __always_inline __u32 why_efault(const struct task_struct *task, __u64 error_code)
{
	const struct fault_state *state = fault_of(task);

	if (error_code & X86_PF_PK)
		return REFUSAL_PKEY;
	if (state->tid == task->pid && state->seen & SEEN_RETRY)
		return REFUSAL_NOT_TOLD;
	return REFUSAL_HOLE;
}

/* The kernel's own access has failed: no further attempt is made. */
SEC("fentry/fixup_exception")
int BPF_PROG(fault_fixup, struct pt_regs *regs, int trap, unsigned long error_code,
	     unsigned long address)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (trap != X86_TRAP_PF || address >= TASK_SIZE_MAX || task->pagefault_disabled)
		return 0;
	return refused(ctx, address, access_of_error(error_code),
		       RECORD_EFAULT | why_efault(task, error_code) << REFUSAL_SHIFT, false);
}

/*
 * The reason why access_error() (arch/x86/mm/fault.c) refuses an access. Either the VMA does not
 * allow it, or its protection key does not, for which access_error() asks even before a page is
 * there.
 */
static __always_inline __u32 why_denied(__u64 vm_flags, __u64 error_code)
{
	if (error_code & X86_PF_PK)
		return REFUSAL_PKEY;
	if (!(vm_flags & (VM_READ | VM_WRITE | VM_EXEC)))
		return REFUSAL_NO_RIGHTS;
	if (error_code & X86_PF_INSTR)
		return vm_flags & VM_EXEC ? REFUSAL_PKEY : REFUSAL_EXEC;
	if (error_code & X86_PF_WRITE)
		return vm_flags & VM_WRITE ? REFUSAL_PKEY : REFUSAL_WRITE;
	return vm_flags & VM_READ ? REFUSAL_PKEY : REFUSAL_READ;
}

/*
 * A VMA does not allow the access. Since 6.4 the function has the mm as an argument before the VMA.
 */
SEC("fentry/bad_area_access_error")
int BPF_PROG(fault_denied, struct pt_regs *regs, unsigned long error_code, unsigned long address)
{
	struct fault_state *state = fault_now(bpf_get_current_task_btf()->mm, address);
	struct vm_area_struct *vma = NULL;
	__u64 flags;
	__u32 why;

	if (!state || bpf_get_func_arg(ctx, bpf_get_func_arg_cnt(ctx) - 1, (__u64 *)&vma))
		return 0;
	flags = BPF_CORE_READ(vma, vm_flags);
	why = why_denied(flags, error_code);
	note_why(state, why, why == REFUSAL_PKEY ? flags >> VM_PKEY_SHIFT & 15 :
						  flags & (VM_READ | VM_WRITE | VM_EXEC));
	return 0;
}

/* The error and reason of a SIGSEGV, by its code, for a fault that no other program explains. */
static __always_inline __u32 error_of_code(int code, __u64 addr)
{
	if (code == SEGV_PKUERR)
		return RECORD_SEGV_PKUERR | REFUSAL_PKEY << REFUSAL_SHIFT;
	if (code == SEGV_ACCERR)
		return RECORD_SEGV_ACCERR;
	if (addr >= TASK_SIZE_MAX)
		return RECORD_SEGV_MAPERR | REFUSAL_KERNEL << REFUSAL_SHIFT;
	return RECORD_SEGV_MAPERR | REFUSAL_HOLE << REFUSAL_SHIFT;
}

/* A general protection fault: the processor does not say at which address. */
static __always_inline bool is_protection(struct task_struct *task, int code)
{
	return code == SI_KERNEL && task->thread.trap_nr == X86_TRAP_GP;
}

/* A SIGSEGV of an exception has a code and an address in its kernel_siginfo; others have none. */
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
	if (is_protection(task, signal.code))
		return refused(ctx, 0, 0, RECORD_SEGV_OTHER | REFUSAL_PROTECTION << REFUSAL_SHIFT,
			       true);
	if (signal.code != SEGV_MAPERR && signal.code != SEGV_ACCERR && signal.code != SEGV_PKUERR)
		return 0;
	state = fault_of(task);
	if (fault_mode != FAULTS_COUNTED &&
	    (state->tid != task->pid || state->addr != signal.addr))
		return 0;
	return refused(ctx, signal.addr, access_of_error(state->error_code),
		       error_of_code(signal.code, signal.addr), true);
}

/* Does a signal touch memory: is a handler called, or does the process end with a core dump? */
static __always_inline bool has_effect(int sig, const struct k_sigaction *action,
				       struct task_struct *task)
{
	__u64 handler = (__u64)BPF_CORE_READ(action, sa.sa_handler);

	if (handler == SIG_DFL)
		return !(1ULL << (sig & 63) & HARMLESS) &&
		       !(BPF_CORE_READ(task, signal, flags) & SIGNAL_UNKILLABLE);
	return handler != SIG_IGN;
}

/* A signal is delivered. SIGKILL ends the wait for another attempt of a fault. */
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
	return refused(ctx, state->addr, access_of_error(state->error_code), RECORD_KILLED, true);
}

/* The frame of a signal is on the stack, and the thread goes on in the handler. */
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
