/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the BPF programs and tracer/tracer.c have in common. What the programs tell is a finished
 * struct mmscope_event for each fault, raw records, or sums. Here is what the tool tells them, and
 * what both keep.
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
 * @key: tells its mm_struct from others, 0 for none
 * @mm: its mm_struct
 * @id: the tool's number for it, 0 while it is being put in or out
 * @torn: a record of its VMAs was lost
 * @stale: some of its VMAs look different now, and were not told
 * @first: MM_FIRST_*: what its threads have had of faults does not count
 * @opened: operations on its pages that have begun, and are not over
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

#define MM_FIRST_PROGRAM	1	/* by a thread whose first watched program it is */
#define MM_FIRST_THERE		2	/* by threads that were there when it was attached to */

/**
 * struct wide - which programs are watched that nobody watched has started
 * @which: WIDE_*, all of which must be so; 0 for none
 * @user: user id
 * @comm_size: bytes of @comm that must be the same
 * @cgroup_level: how far below the root @cgroup is
 * @cgroup: id of a cgroup (v2), whose descendants count, too
 * @comm: name of the program
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
#define WIDE_COMM	8	/* known only when the program is about to run */

/**
 * struct fault_state - the fault that a thread is in, or was in last
 * @addr: where, or FAULT_ANYWHERE
 * @start: when, 0 for not known
 * @ip: user instruction, 0 for not known
 * @seen: SEEN_*
 * @npages: entries that were set
 * @tid: whose, 0 for nobody's
 * @mm: id of its mm
 * @error_code: the processor's
 * @count: faults so far in this place
 * @signalled: thread that a signal is delivered to, 0 for none
 * @scratch: of a program, for as long as it runs
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
 * struct rss - the pages that are counted for an mm, by enum raw_rss
 */
struct rss {
	__s64 pages[RAW_NR_RSS];
};

/**
 * struct zap - page tables that a thread empties, or has emptied
 * @object: the VMA
 * @key: of its mm
 * @start: first address
 * @end: first address behind it
 * @mm: id of its mm
 * @tid: the thread, 0 for none
 * @cpu: that it runs on
 * @stays: the VMA does, its pages go
 * @whole: @before is all that there was, and not 0
 * @summed: who does it is of another process: all that all CPUs hold is added up, at both ends
 * @before: what was there
 * @here: what zap_reads() of bpf/zap.bpf.h said of it; changes as the thread changes its CPU
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
 * struct stored - a store that was told, and a hole that was stored
 * @what: made of the mm, the VMA's object and the range; 0 for none
 * @looks: made of that, and of what may be different when the VMA is complete
 * @start: of a hole that is not told yet
 * @end: of it
 * @mm: id of its mm, 0 for none
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
 * @FAULTS_TOLD: a record for each
 * @FAULTS_COUNTED: struct fault_sums, but for times
 * @FAULTS_TIMED: all of it
 * @FAULTS_IGNORED: their programs are not loaded
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

/* No helpers of the kernel's: bpf/hold.bpf.h */
#define HOLD_CALL	0x6d6d01
#define RELEASE_CALL	0x6d6d02
#define MASK_CALL	0x6d6d03
#define UNMASK_CALL	0x6d6d04
#define TYPE_CALL	0x6d6d05	/* bpf/typed.bpf.h */

/* Structures of the kernel's whose members are read by their types. */
enum typed {
	TYPE_vm_area_struct,
	TYPE_mm_struct,
	TYPE_percpu_counter,
	TYPE_refcount_struct,
	TYPE_backing_file,	/* since 6.5 */
	NR_TYPES,
};

#endif
