/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all programs include: helpers of libbpf, types of the kernel, and constants of the kernel
 * that its BTF does not have.
 */
#ifndef MMSCOPE_BPF_KERNEL_BPF_H
#define MMSCOPE_BPF_KERNEL_BPF_H

#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "kernel_types.bpf.h"

#define __unused	__attribute__((unused))
#define PAGE_SHIFT	12
#define PAGE_SIZE	(1UL << PAGE_SHIFT)

/* Flags that no type in the kernel's BTF tells */
#define PF_KTHREAD		0x00200000
#define TS_COMPAT		0x0002
#define TIF_ADDR32		29
#define USER_CS			0x33	/* code segment of 64-bit user code */
#define RSEQ_SIZE		32	/* bytes of struct rseq that each kernel writes */
#define FMODE_BACKING		(1U << 24)
#define S_IFMT			0170000
#define S_IFREG			0100000
#define S_IFBLK			0060000
#define SB_NOUSER		0x80000000UL	/* a file system that nobody can mount */
#define TMPFS_MAGIC		0x01021994

#define VM_READ			0x00000001UL
#define VM_WRITE		0x00000002UL
#define VM_EXEC			0x00000004UL
#define VM_SHARED		0x00000008UL
#define VM_MAYSHARE		0x00000080UL
#define VM_GROWSDOWN		0x00000100UL
#define VM_PFNMAP		0x00000400UL
#define VM_LOCKED		0x00002000UL
#define VM_PKEY_SHIFT		32
#define VM_IO			0x00004000UL
#define VM_HUGETLB		0x00400000UL
#define VM_MIXEDMAP		0x10000000UL

#define FAULT_FLAG_WRITE	0x0001
#define FAULT_FLAG_TRIED	0x0020
#define FAULT_FLAG_USER		0x0040
#define FAULT_FLAG_REMOTE	0x0080
#define FAULT_FLAG_INSTRUCTION	0x0100
#define FAULT_FLAG_VMA_LOCK	0x1000	/* since 6.4 */

#define VM_FAULT_OOM		0x0001
#define VM_FAULT_SIGBUS		0x0002
#define VM_FAULT_MAJOR		0x0004
#define VM_FAULT_HWPOISON	0x0030	/* HWPOISON and HWPOISON_LARGE */
#define VM_FAULT_SIGSEGV	0x0040
#define VM_FAULT_RETRY		0x0400
#define VM_FAULT_FALLBACK	0x0800
#define VM_FAULT_ERROR		0x0873

#define PG_HEAD			6	/* bit of a folio's first word: it has several pages */

#define PFN_MASK		0x000ffffffffff000UL
#define HUGE_ORDER		9
#define HUGE_PAGES		(1 << HUGE_ORDER)	/* pages in one that a PMD maps */
#define MAX_STACK_SIZE		(1UL << 15)	/* kernel stack; without KASAN half of it */
#define TASK_SIZE_MAX		(1ULL << 56)	/* kernel addresses are above, with 4 or 5 levels */

#endif
