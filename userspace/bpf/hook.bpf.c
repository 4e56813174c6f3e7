// SPDX-License-Identifier: GPL-2.0
/*
 * Calls of a driver's hooks: kprobes at the functions in its vm_operations_struct. Several drivers
 * may have the same function, so that the operations of the VMA decide which one is called.
 */
#include "adopt.bpf.h"
#include "watched.bpf.h"
#include "zap.bpf.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

enum fault_flag {
	FAULT_FLAG_MKWRITE = 0x2,
};

/* Members of struct vm_fault that a call of a fault hook is told with */
struct vm_fault___hook {
	struct vm_area_struct *vma;
	unsigned long pgoff;
	unsigned long address;
	enum fault_flag flags;
	void *cow_page;
};

#pragma clang attribute pop

#define MAX_CALLS	4096

/* Calls that have begun, with what they were asked, until they return. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_CALLS);
	__type(key, __u64);
	__type(value, struct raw_call);
} calls SEC(".maps");

__u64 lost_calls;	/* calls that found no room in the map */

static bool about_fault(__u32 hook)
{
	return hook == RAW_HOOK_FAULT || hook == RAW_HOOK_HUGE_FAULT ||
	       hook == RAW_HOOK_MAP_PAGES || hook == RAW_HOOK_PAGE_MKWRITE ||
	       hook == RAW_HOOK_PFN_MKWRITE;
}

/*
 * A driver may have one function for both ->fault and ->page_mkwrite, as perf does. Was it called
 * as the other one of the two?
 */
static bool asked_otherwise(__u32 hook, struct vm_fault___hook *vmf)
{
	bool mkwrite = BPF_CORE_READ(vmf, flags) & FAULT_FLAG_MKWRITE;

	return mkwrite != (hook == RAW_HOOK_PAGE_MKWRITE || hook == RAW_HOOK_PFN_MKWRITE);
}

static __u64 call_key(__u32 hook)
{
	return (__u64)(__u32)bpf_get_current_pid_tgid() << 32 | hook;
}

static void fill_vma(struct raw_call *raw, struct vm_area_struct *vma)
{
	raw->object = (__u64)vma;
	raw->start = BPF_CORE_READ(vma, vm_start);
	raw->end = BPF_CORE_READ(vma, vm_end);
	raw->pgoff = BPF_CORE_READ(vma, vm_pgoff);
	raw->vm_flags = BPF_CORE_READ(vma, vm_flags);
	raw->anon_vma = (__u64)BPF_CORE_READ(vma, anon_vma);
	raw->ops = (__u64)BPF_CORE_READ(vma, vm_ops);
}

static void fill_fault(struct raw_call *raw, struct vm_fault___hook *vmf)
{
	raw->addr = BPF_CORE_READ(vmf, address);
	raw->page = BPF_CORE_READ(vmf, pgoff);
	raw->fault = BPF_CORE_READ(vmf, flags);
	raw->cow = !!BPF_CORE_READ(vmf, cow_page);
}

static void fill_call(struct raw_call *raw, struct pt_regs *ctx)
{
	struct pt_regs *user = (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());

	raw->args[0] = BPF_CORE_READ(ctx, si);
	raw->args[1] = BPF_CORE_READ(ctx, dx);
	raw->args[2] = BPF_CORE_READ(ctx, cx);
	raw->args[3] = BPF_CORE_READ(ctx, r8);
	raw->asked[0] = user->di;
	raw->asked[1] = user->si;
	raw->asked[2] = user->dx;
	raw->asked[3] = user->r10;
	raw->ip = user->ip;
	raw->ns = 0;
	raw->result = 0;
	raw->answered = 0;
}

/*
 * The slot of the mm that a hook is called for. When the first VMA of a child is opened, the
 * child's mm has no slot yet, and is adopted.
 */
static struct mm_slot *slot_of(struct vm_area_struct *vma)
{
	struct mm_struct *mm = BPF_CORE_READ(vma, vm_mm);
	__u64 key = mm_key_of_number((__u64)mm);
	struct mm_slot *slot = mm_find_key(key);

	if (slot || bpf_get_current_task_btf()->mm == mm)
		return slot;
	return adopt(mm, key, vma);
}

static void tell_call(struct raw_call *raw)
{
	if (bpf_ringbuf_output(&ring, raw, sizeof(*raw), BPF_RB_NO_WAKEUP))
		count_lost(lost_faults);
}

/* Does a hook return something? ->open and ->close do not: their calls are told at once. */
static bool answers(__u32 hook)
{
	return hook != RAW_HOOK_OPEN && hook != RAW_HOOK_CLOSE;
}

/* Not inline, since its frame and those of zap_ends() together exceed what a program may have. */
static __noinline int begin(struct pt_regs *ctx, __u32 hook, struct vm_area_struct *vma,
			    struct vm_fault___hook *vmf, struct mm_slot *slot)
{
	struct raw_call *raw, call = { 0 };
	__u64 key = call_key(hook);

	/* If an earlier call of this hook is there, its return was missed: tell that call now. */
	raw = bpf_map_lookup_elem(&calls, &key);
	if (raw)
		tell_call(raw);
	fill_head(&call.e, RAW_CALL, slot);
	call.hook = hook;
	call.child = (void *)bpf_get_current_task_btf()->mm != (void *)slot->mm;
	fill_vma(&call, vma);
	fill_call(&call, ctx);
	if (vmf)
		fill_fault(&call, vmf);
	if (!answers(hook))
		tell_call(&call);
	else if (bpf_map_update_elem(&calls, &key, &call, BPF_ANY))
		__sync_fetch_and_add(&lost_calls, 1);
	return 0;
}

/* A hook is called. The cookie of the kprobe says which one it is. */
SEC("kprobe")
int hook_enter(struct pt_regs *ctx)
{
	__u32 hook = bpf_get_attach_cookie(ctx);
	struct vm_fault___hook *vmf = NULL;
	struct vm_area_struct *vma;
	struct mm_slot *slot;

	if (about_fault(hook)) {
		vmf = (void *)BPF_CORE_READ(ctx, di);
		if (asked_otherwise(hook, vmf))
			return 0;
		vma = BPF_CORE_READ(vmf, vma);
	} else {
		vma = (void *)BPF_CORE_READ(ctx, di);
	}
	if (!ops_watched((__u64)BPF_CORE_READ(vma, vm_ops)))
		return 0;
	/* The record of what the VMA gives back has to come before that of ->close. */
	if (hook == RAW_HOOK_CLOSE)
		zap_ends();
	slot = slot_of(vma);
	return slot && slot->id ? begin(ctx, hook, vma, vmf, slot) : 0;
}

SEC("kretprobe")
int hook_exit(struct pt_regs *ctx)
{
	__u64 key = call_key(bpf_get_attach_cookie(ctx)), now = bpf_ktime_get_ns(), ns;
	struct raw_call *raw = bpf_map_lookup_elem(&calls, &key);

	if (!raw)
		return 0;
	ns = now - raw->e.time_ns;
	raw->e.time_ns = now;
	raw->ns = ns < 0x7fffffff ? ns : 0x7fffffff;
	raw->result = BPF_CORE_READ(ctx, ax);
	raw->answered = 1;
	tell_call(raw);
	bpf_map_delete_elem(&calls, &key);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
