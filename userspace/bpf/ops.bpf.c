// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that are attached to nothing, and that the tool runs: one reads a vm_operations_struct,
 * the other finds the operations of the vdso and its like.
 */
#include "kernel.bpf.h"
#include "tracer_abi.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct vm_operations_struct {
	void *open, *close, *may_split, *mremap, *mprotect;
	void *fault, *huge_fault, *map_pages, *page_mkwrite, *pfn_mkwrite;
	void *access, *name, *pagesize;
	void *set_policy, *get_policy;
	void *find_special_page, *find_normal_page;
	void *mapped, *uffd_ops;
};

#pragma clang attribute pop

/* The tool sets the address of a vm_operations_struct, read_ops() its hooks by enum raw_hook. */
struct raw_ops asked;

/* Read the hooks that all supported kernels have. */
static void read_common(const struct vm_operations_struct *ops)
{
	asked.hooks[RAW_HOOK_OPEN] = (__u64)BPF_CORE_READ(ops, open);
	asked.hooks[RAW_HOOK_CLOSE] = (__u64)BPF_CORE_READ(ops, close);
	asked.hooks[RAW_HOOK_MAY_SPLIT] = (__u64)BPF_CORE_READ(ops, may_split);
	asked.hooks[RAW_HOOK_MREMAP] = (__u64)BPF_CORE_READ(ops, mremap);
	asked.hooks[RAW_HOOK_MPROTECT] = (__u64)BPF_CORE_READ(ops, mprotect);
	asked.hooks[RAW_HOOK_FAULT] = (__u64)BPF_CORE_READ(ops, fault);
	asked.hooks[RAW_HOOK_HUGE_FAULT] = (__u64)BPF_CORE_READ(ops, huge_fault);
	asked.hooks[RAW_HOOK_MAP_PAGES] = (__u64)BPF_CORE_READ(ops, map_pages);
	asked.hooks[RAW_HOOK_PAGE_MKWRITE] = (__u64)BPF_CORE_READ(ops, page_mkwrite);
	asked.hooks[RAW_HOOK_PFN_MKWRITE] = (__u64)BPF_CORE_READ(ops, pfn_mkwrite);
	asked.hooks[RAW_HOOK_ACCESS] = (__u64)BPF_CORE_READ(ops, access);
	asked.hooks[RAW_HOOK_NAME] = (__u64)BPF_CORE_READ(ops, name);
	asked.hooks[RAW_HOOK_PAGESIZE] = (__u64)BPF_CORE_READ(ops, pagesize);
}

/* Read the hooks that only some kernels, or some configurations, have. */
static void read_rest(const struct vm_operations_struct *ops)
{
	__u64 *hooks = asked.hooks;

	if (bpf_core_field_exists(ops->mapped))
		hooks[RAW_HOOK_MAPPED] = (__u64)BPF_CORE_READ(ops, mapped);
	if (bpf_core_field_exists(ops->set_policy))
		hooks[RAW_HOOK_SET_POLICY] = (__u64)BPF_CORE_READ(ops, set_policy);
	if (bpf_core_field_exists(ops->get_policy))
		hooks[RAW_HOOK_GET_POLICY] = (__u64)BPF_CORE_READ(ops, get_policy);
	if (bpf_core_field_exists(ops->find_special_page))
		hooks[RAW_HOOK_FIND_PAGE] = (__u64)BPF_CORE_READ(ops, find_special_page);
	if (bpf_core_field_exists(ops->find_normal_page))
		hooks[RAW_HOOK_FIND_PAGE] = (__u64)BPF_CORE_READ(ops, find_normal_page);
	if (bpf_core_field_exists(ops->uffd_ops))
		hooks[RAW_HOOK_UFFD] = (__u64)BPF_CORE_READ(ops, uffd_ops);
}

SEC("syscall")
int read_ops(void *ctx)
{
	read_common((const void *)asked.ops);
	read_rest((const void *)asked.ops);
	return 0;
}

/* The tool sets the address of its own vdso, find_special() the operations of that VMA. */
__u64 own_vdso;
__u64 special_mapping_ops;

static long take_ops(struct task_struct *task, struct vm_area_struct *vma, void *unused)
{
	special_mapping_ops = (__u64)vma->vm_ops;
	return 0;
}

SEC("syscall")
int find_special(void *ctx)
{
	return bpf_find_vma(bpf_get_current_task_btf(), own_vdso, take_ops, NULL, 0);
}

char LICENSE[] SEC("license") = "GPL";
