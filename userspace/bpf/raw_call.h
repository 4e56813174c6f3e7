/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The operations of drivers, and calls of them, as the programs tell them.
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
 * @ops: its address
 * @hooks: address of each, 0 for none
 */
struct raw_ops {
	__u64 ops;
	__u64 hooks[RAW_NR_HOOKS];
};

#define RAW_MAX_OPS	16	/* that are watched at a time */

/**
 * struct raw_call - mm has asked a driver
 * @object: the VMA it is about
 * @start: its first address
 * @end: first address behind it
 * @pgoff: page of its file at @start
 * @vm_flags: its flags
 * @anon_vma: what its private pages hang on, 0 for none
 * @ops: its operations
 * @args: of the hook, without the first
 * @asked: arguments of the running system call
 * @addr: of the fault
 * @page: of the file, there
 * @ip: user instruction
 * @result: what the hook returned, if @answered
 * @ns: how long it took
 * @fault: FAULT_FLAG_* of the fault
 * @hook: enum raw_hook
 * @cow: a private copy is wanted at once
 * @child: the VMA is another process's: when it is opened, a child's
 * @answered: the return was seen
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
