/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the BPF programs share with tracer/. The programs send a finished struct mmscope_event for
 * each fault, raw records, or sums. This file has what the tool sets, and what both read and write.
 */
#ifndef MMSCOPE_BPF_TRACER_ABI_H
#define MMSCOPE_BPF_TRACER_ABI_H

#include "bpf/fault_sums.h"
#include "bpf/raw_call.h"
#include "bpf/raw_record.h"
#include "bpf/raw_stack.h"
#include "record/record.h"

/**
 * struct mm_slot - a watched address space
 * @key: mm_key() of its mm_struct, 0 for a free slot
 * @mm: address of its mm_struct
 * @id: number of the address space in records, 0 while the slot is being filled or emptied
 * @torn: a record of its VMAs was lost
 * @stale: some of its VMAs look different now, which was not told
 * @first: MM_FIRST_*: which faults of its threads do not count
 * @opened: number of operations on its pages that are under way
 */
struct mm_slot {
	__u64 key;
	__u64 mm;
	__u32 id;
	__u32 torn;
	__u32 stale;
	__u32 first;
	__u32 opened;
};

#define MM_FIRST_PROGRAM	1	/* those before the thread's first watched program */
#define MM_FIRST_THERE		2	/* those before the tool attached to the threads */

/**
 * struct wide - programs that are watched even if no watched process starts them
 * @which: WIDE_* of the conditions, which must all hold; 0 to watch none
 * @user: user id for WIDE_USER
 * @comm_size: number of bytes of @comm that must be the same
 * @cgroup_level: depth of @cgroup below the root
 * @cgroup: id of a cgroup (v2); its descendants count, too
 * @comm: name of the program for WIDE_COMM
 */
struct wide {
	__u32 which;
	__u32 user;
	__u32 comm_size;
	__u32 cgroup_level;
	__u64 cgroup;
	char comm[16];
};

#define WIDE_PATH	256	/* a program whose path is longer is not known by its name */
#define WIDE_ALL	1
#define WIDE_USER	2
#define WIDE_CGROUP	4
#define WIDE_COMM	8	/* known when the program is about to run, not before */

/**
 * struct fault_state - the fault that a thread is in, or was in last
 * @addr: address that is touched, or FAULT_ANYWHERE
 * @start: when the fault began, in ns; 0 for not known
 * @ip: user instruction, 0 for not known
 * @seen: SEEN_*
 * @npages: number of page-table entries that were set
 * @tid: the thread, 0 if the fault is over
 * @mm: id of its address space
 * @error_code: error code of the processor
 * @count: number of faults so far that used this state
 * @signalled: thread that a signal is being delivered to, 0 for none
 * @scratch: memory for as_number(), used within one program
 */
struct fault_state {
	__u64 addr;
	__u64 start;
	__u64 ip;
	__u32 seen;
	__u32 npages;
	__s32 tid;
	__u32 mm;
	__u16 error_code;
	__u16 count;
	__s32 signalled;
	__u64 scratch;
};

#define FAULT_SLOTS	32768

/**
 * struct rss - pages that are counted for an address space
 * @pages: number of pages, by enum raw_rss
 */
struct rss {
	__s64 pages[RAW_NR_RSS];
};

/**
 * struct zap - a range whose page tables a thread empties, or has emptied
 * @object: address of the VMA's object
 * @key: &mm_slot.key of its address space
 * @start: first address
 * @end: first address behind the range
 * @mm: id of its address space
 * @tid: the thread, 0 for a free element
 * @cpu: CPU that the thread runs on
 * @stays: the VMA stays, and only its pages go
 * @whole: @before has all pages of the address space; else it is 0
 * @summed: the thread is of another process, so that the parts of all CPUs are added up at both
 *	ends
 * @before: counts before
 * @here: what zap_reads() returned at the beginning; is corrected when the thread changes its CPU
 */
struct zap {
	__u64 object;
	__u64 key;
	__u64 start;
	__u64 end;
	__u32 mm;
	__s32 tid;
	__u32 cpu;
	__u8 stays;
	__u8 whole;
	__u16 summed;
	struct rss before;
	struct rss here;
};

#define ZAP_WAYS	4
#define ZAP_SETS	1024

/**
 * struct stored - the last store that was told of an address space, and a hole that is not told yet
 * @what: stored_what() of the store, 0 for none
 * @looks: stored_looks() of the store
 * @start: first address of the hole
 * @end: first address behind the hole
 * @mm: id of the address space that has the hole, 0 for no hole
 */
struct stored {
	__u64 what;
	__u64 looks;
	__u64 start;
	__u64 end;
	__u32 mm;
};

#define STORED	1024

/**
 * enum fault_mode - what becomes of faults
 * @FAULTS_TOLD: there is a record of each fault
 * @FAULTS_COUNTED: faults are summed up in struct fault_sums, without times
 * @FAULTS_TIMED: faults are summed up with their times
 * @FAULTS_IGNORED: no programs for faults are loaded
 */
enum fault_mode {
	FAULTS_TOLD,
	FAULTS_COUNTED,
	FAULTS_TIMED,
	FAULTS_IGNORED,
};

#define MM_SET_BITS	16
#define MM_WAYS		4
#define MM_SLOTS	(MM_WAYS << MM_SET_BITS)
#define MAX_CPUS	8192	/* the kernel's own limit */

/*
 * Numbers of calls that no helper of the kernel has; tracer/kfunc.c replaces them. See
 * bpf/hold.bpf.h
 */
#define HOLD_CALL	0x6d6d01
#define RELEASE_CALL	0x6d6d02
#define MASK_CALL	0x6d6d03
#define UNMASK_CALL	0x6d6d04
#define TYPE_CALL	0x6d6d05	/* bpf/typed.bpf.h */

/* Types of the kernel whose members are read by instructions: see bpf/typed.bpf.h */
enum typed {
	TYPE_vm_area_struct,
	TYPE_mm_struct,
	TYPE_percpu_counter,
	TYPE_refcount_struct,
	TYPE_backing_file,	/* since 6.5 */
	NR_TYPES,
};

#endif
