/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Operations of drivers, and calls of their hooks, as the programs tell them.
 */
#ifndef MMSCOPE_BPF_RAW_CALL_H
#define MMSCOPE_BPF_RAW_CALL_H

#include "record/record.h"

/**
 * enum raw_hook - members of a vm_operations_struct, in the order in which a VMA may meet them
 */
enum raw_hook {
	RAW_HOOK_MAPPED,
	RAW_HOOK_OPEN,
	RAW_HOOK_CLOSE,
	RAW_HOOK_MAY_SPLIT,
	RAW_HOOK_MREMAP,
	RAW_HOOK_MPROTECT,
	RAW_HOOK_FAULT,
	RAW_HOOK_HUGE_FAULT,
	RAW_HOOK_MAP_PAGES,
	RAW_HOOK_PAGE_MKWRITE,
	RAW_HOOK_PFN_MKWRITE,
	RAW_HOOK_ACCESS,
	RAW_HOOK_NAME,
	RAW_HOOK_PAGESIZE,
	RAW_HOOK_SET_POLICY,
	RAW_HOOK_GET_POLICY,
	RAW_HOOK_FIND_PAGE,	/* find_special_page; 7.x: find_normal_page */
	RAW_HOOK_UFFD,		/* uffd_ops */
	RAW_NR_HOOKS,
};

/**
 * struct raw_ops - a vm_operations_struct
 * @ops: address of the structure
 * @hooks: address of the function for each hook, 0 for none
 */
struct raw_ops {
	__u64 ops;
	__u64 hooks[RAW_NR_HOOKS];
};

#define RAW_MAX_OPS	16	/* vm_operations_structs that can be watched at the same time */

/**
 * struct raw_call - raw record of a call of a driver's hook
 * @e: type, time, thread and mm of the record
 * @object: address of the VMA's object
 * @start: first address of the VMA
 * @end: first address behind the VMA
 * @pgoff: page of the VMA's file at @start
 * @vm_flags: flags of the VMA
 * @anon_vma: address of the VMA's anon_vma, 0 for none
 * @ops: address of the VMA's operations
 * @args: arguments of the hook but for the first
 * @asked: arguments of the running system call
 * @addr: address that was touched, for hooks of faults
 * @page: page of the file at @addr, for hooks of faults
 * @ip: user instruction
 * @result: what the hook returned, if @answered
 * @ns: time that the hook took, if @answered
 * @fault: FAULT_FLAG_*, for hooks of faults
 * @hook: enum raw_hook
 * @cow: the fault is a write to a private mapping: the page will be copied
 * @child: the VMA is in another mm than the running thread: if it is opened, in a child's
 * @answered: the return of the hook was seen
 * @unused: 0
 */
struct raw_call {
	struct mmscope_event e;
	__u64 object;
	__u64 start;
	__u64 end;
	__u64 pgoff;
	__u64 vm_flags;
	__u64 anon_vma;
	__u64 ops;
	__u64 args[4];
	__u64 asked[4];
	__u64 addr;
	__u64 page;
	__u64 ip;
	__s64 result;
	__u32 ns;
	__u32 fault;
	__u32 hook;
	__u8 cow;
	__u8 child;
	__u8 answered;
	__u8 unused;
};

#endif
