/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happens to VMAs and pages, as the programs tell it: stores into the tree of VMAs, and births
 * and deaths of their objects. tracer/vma_events.c finds out which of them are a split or a merge.
 * Such a raw record begins with a struct mmscope_event, whose type never leaves the tool.
 *
 * Raw records have addresses of the kernel, to tell objects apart while they live. They are never
 * shown, and no id is made of one.
 */
#ifndef MMSCOPE_BPF_RAW_RECORD_H
#define MMSCOPE_BPF_RAW_RECORD_H

#include "record/record.h"

/**
 * enum raw_type - types of raw records, &mmscope_event.type
 *
 * The numbers are above those of record/record.h, since some raw records are handed out, too.
 *
 * @RAW_MM: an address space was seen for the first time; parent: id of that of its maker; pages:
 *	enum raw_origin
 * @RAW_MM_END: an address space has lost its last VMA, and ends
 * @RAW_STORE: struct raw_vma: the tree now has this VMA in [start, end), or nothing if the VMA's
 *	object is 0. If end is 0 the range goes to the end of all addresses
 * @RAW_CHANGE: struct raw_vma: the VMA is complete, and looks like this; its image has its range
 * @RAW_HAVE: struct raw_vma: as RAW_CHANGE, of a VMA that was there before the tool came
 * @RAW_DUP: the object in start was copied to that in end, which is in no tree yet
 * @RAW_FREE: the object in start is freed
 * @RAW_ZAP: struct raw_pages: pages of a VMA that is about to go
 * @RAW_FILE: struct raw_file
 * @RAW_NAME: struct raw_name: name of a VMA without a file, of which the next record of the thread
 *	is
 * @RAW_FORK: struct raw_task: a process or thread was made; mm: its own; aux: its maker's
 * @RAW_EXEC: struct raw_task: a process runs a new program, in mm
 * @RAW_HAVE_TASK: struct raw_task: a process that was there before the tool came
 * @RAW_BRK: the heap is in [start, end); aux: where the first stack began
 * @RAW_ADVISE: struct raw_pages: a call of madvise(2) is over; start, end, aux: its range and
 *	advice; pages: its errno
 * @RAW_LOOKS: struct raw_vma: the VMA looks like this, after a call that stored nothing
 * @RAW_ANON: the VMA with the object in start has the anon_vma in end from now on
 * @RAW_FAULTS: the VMA with the object in start had as many faults as end says. It is about to go,
 *	or made room for another among the sums
 * @RAW_OPS: start: address of a vm_operations_struct of the watched device, seen for the first
 *	time; end: id of the process that is stopped until its calls are told, or 0
 * @RAW_CALL: struct raw_call
 * @RAW_ANEW: all VMAs of this mm are to be forgotten, for RAW_HAVE of all of them follow
 * @RAW_STACK: struct raw_stack
 * @RAW_RSS: struct raw_pages: pages came or went in [start, end), by no fault and no unmap
 * @RAW_RSS_BEGINS: an operation begins that takes time, and may end with RAW_RSS or RAW_ADVISE of
 *	the same thread. Pages in records that come in between are not its own
 * @RAW_CGROUP: struct raw_name: the memory cgroup that was full at the refused fault that follows
 * @RAW_SITE: struct raw_site: faults at an instruction, which made room for others among the sums
 * @RAW_FAILED: struct raw_failed
 * @RAW_GONE: struct raw_pages: RAW_ZAP and RAW_FREE of the same object in one record
 */
enum raw_type {
	RAW_MM		= 128,
	RAW_MM_END,
	RAW_STORE,
	RAW_CHANGE,
	RAW_HAVE,
	RAW_DUP,
	RAW_FREE,
	RAW_ZAP,
	RAW_FILE,
	RAW_NAME,
	RAW_FORK,
	RAW_EXEC,
	RAW_HAVE_TASK,
	RAW_BRK,
	RAW_ADVISE,
	RAW_LOOKS,
	RAW_ANON,
	RAW_FAULTS,
	RAW_OPS,
	RAW_CALL,
	RAW_ANEW,
	RAW_STACK,
	RAW_RSS,
	RAW_RSS_BEGINS,
	RAW_CGROUP,
	RAW_SITE,
	RAW_FAILED,
	RAW_GONE,
	RAW_TYPES,
};

/* vm_flags that user space asks for; the same on all kernels */
#define RAW_VM_READ		0x00000001
#define RAW_VM_WRITE		0x00000002
#define RAW_VM_EXEC		0x00000004
#define RAW_VM_SHARED		0x00000008
#define RAW_VM_MAYSHARE		0x00000080
#define RAW_VM_NO_MATTER	0x08000800	/* SOFTDIRTY, MAYBE_GUARD: no matter to merging */
#define RAW_VM_UFFD		0x0a6000001200	/* MISSING, WP; MINOR and RWP of all kernels */
#define RAW_VM_GROWSDOWN	0x00000100
#define RAW_VM_ACCOUNT		0x00100000	/* unset while mremap(2) moves the VMA */
#define RAW_VM_PFNMAP		0x00000400
#define RAW_VM_MIXEDMAP		0x10000000
#define RAW_VM_SPECIAL		0x10044400	/* MIXEDMAP, DONTEXPAND, IO, PFNMAP */

/**
 * enum raw_from - which page a fault has replaced, where its class does not say how RSS changes
 *
 * It is in &mmscope_event.seq until the tool hands the record out.
 *
 * @RAW_FROM_NOTHING: RSS changes as the class says
 * @RAW_FROM_ZERO: the zero page was copied
 * @RAW_FROM_FILE: a page of a file was copied, and is not mapped any more
 * @RAW_FROM_SHMEM: a page of shared memory or tmpfs was copied, and is not mapped any more
 * @RAW_FROM_DRIVER: the driver's pages count as pages of a file
 * @RAW_FROM_SWAP: as many pages came from swap as the number is larger than this
 */
enum raw_from {
	RAW_FROM_NOTHING,
	RAW_FROM_ZERO,
	RAW_FROM_FILE,
	RAW_FROM_SHMEM,
	RAW_FROM_DRIVER,
	RAW_FROM_SWAP,
};

/* How an address space came to be watched */
enum raw_origin {
	RAW_BY_FORK,
	RAW_BY_EXEC,
	RAW_BY_ATTACH,
};

/**
 * struct vma_image - a VMA as the kernel has it at one moment
 * @object: address of its struct vm_area_struct
 * @start: first address
 * @end: first address behind the VMA
 * @pgoff: page of the file, or of the address space, at @start
 * @flags: vm_flags
 * @file: address of its struct file, 0 for none
 * @path: &raw_file.key of the path of its file
 * @ino: inode number of its file, as in /proc/PID/maps
 * @ops: address of its vm_operations_struct, 0 for none
 * @anon_vma: address of its anon_vma, 0 while it has had no private page
 * @policy: a number for what its NUMA policy says, 0 for none
 * @uffd: address of the userfaultfd_ctx that it is registered with, 0 for none
 * @named: address of the name that prctl(2) gave it, 0 for none
 * @dev: device of the inode, as in struct super_block
 * @mode: i_mode of the inode
 * @forked: its private pages come from before a fork, or are shared with a child
 */
struct vma_image {
	__u64 object;
	__u64 start;
	__u64 end;
	__u64 pgoff;
	__u64 flags;
	__u64 file;
	__u64 path;
	__u64 ino;
	__u64 ops;
	__u64 anon_vma;
	__u64 policy;
	__u64 uffd;
	__u64 named;
	__u32 dev;
	__u16 mode;
	__u16 forked;
};

struct raw_vma {
	struct mmscope_event e;
	struct vma_image vma;
	__u64 args[4];		/* of the call, as address, length, new length, flags */
};

/**
 * enum raw_rss - kinds of pages that the kernel counts for an address space
 * @RAW_RSS_FILE: pages of files
 * @RAW_RSS_ANON: private pages
 * @RAW_RSS_SWAP: private pages that are in swap
 * @RAW_RSS_SHMEM: pages of shared memory and tmpfs
 * @RAW_RSS_HUGETLB: pages of hugetlbfs, in units of the usual page size
 */
enum raw_rss {
	RAW_RSS_FILE,
	RAW_RSS_ANON,
	RAW_RSS_SWAP,
	RAW_RSS_SHMEM,
	RAW_RSS_HUGETLB,
	RAW_NR_RSS,
};

/**
 * struct raw_pages - raw record with the pages of an address space before and after an operation
 * @e: range, time and thread of the operation
 * @object: address of the VMA's object, 0 if the operation is not about one VMA
 * @before: pages before the operation, by enum raw_rss
 * @after: pages after it
 * @lazy: pages that reclaim is to take first, or may drop, because of the operation
 * @why: enum record_rss
 * @exact: nobody else can have changed the counts meanwhile
 * @outside: the thread is of another address space
 * @begun: RAW_RSS_BEGINS of the operation was told
 * @by: name of the thread, if @outside
 */
struct raw_pages {
	struct mmscope_event e;
	__u64 object;
	__s64 before[RAW_NR_RSS];
	__s64 after[RAW_NR_RSS];
	__u32 lazy;
	__u8 why;
	__u8 exact;
	__u8 outside;
	__u8 begun;
	char by[16];
};

#define RAW_PATH	4096

/* &raw_file.flags: how the parts of a path are put together */
#define RAW_FILE_DELETED	0x1
#define RAW_FILE_PSEUDO		0x2	/* the only part is a name on no mounted file system */

/**
 * struct raw_file - raw record of the path of a file, told when the path is seen for the first time
 * @e: type and mm of the record
 * @key: &vma_image.path of VMAs with this path. It is made of the directory entry and its name, so
 *	that a file that was renamed is told again
 * @magic: s_magic of its file system
 * @flags: RAW_FILE_*
 * @size: bytes of @parts
 * @parts: names from the file up to the root, each with its NUL
 */
struct raw_file {
	struct mmscope_event e;
	__u64 key;
	__u64 magic;
	__u32 flags;
	__u32 size;
	char parts[RAW_PATH + 256];
};

struct raw_name {
	struct mmscope_event e;
	__u64 object;
	char text[96];
};

struct raw_task {
	struct mmscope_event e;
	__u32 tgid;
	__u32 compat;		/* 1 for a 32-bit program */
	char comm[16];
};

enum raw_limit {
	RAW_LIMIT_AS,
	RAW_LIMIT_DATA,
	RAW_LIMIT_MEMLOCK,
	RAW_NR_LIMITS,
};

/**
 * struct raw_failed - raw record of a system call that failed, with the limits that held then
 * @e: type, thread and cause of the record; the cause is the call
 * @args: arguments of the call
 * @copied: first words of the argument of a request to a userfaultfd
 * @result: what the call returned
 * @limits: resource limits in bytes, by enum raw_limit
 * @total_vm: pages of all VMAs
 * @data_vm: pages of VMAs that are private and can be written
 * @locked_vm: pages of VMAs that are locked
 * @data_size: bytes of the program's data segment
 * @magic: s_magic of the file system of the call's file
 * @map_count: number of VMAs
 * @max_map_count: vm.max_map_count, 0 if it is not known
 * @overcommit: vm.overcommit_memory
 * @file_mode: FMODE_* with which the file is open
 * @seals: seals of the file, as in fcntl(2)
 * @may_lock: the process has CAP_IPC_LOCK, so that RLIMIT_MEMLOCK does not hold
 * @has_file: the file is known: that of mmap(2), or that of the VMA at the call's first address
 * @no_mmap: the file cannot be mapped
 * @no_exec: the mount or the file system of the file is noexec
 */
struct raw_failed {
	struct mmscope_event e;
	__u64 args[6];
	__u64 copied[3];
	__s64 result;
	__u64 limits[RAW_NR_LIMITS];
	__u64 total_vm;
	__u64 data_vm;
	__u64 locked_vm;
	__u64 data_size;
	__u64 magic;
	__u32 map_count;
	__u32 max_map_count;
	__u32 overcommit;
	__u32 file_mode;
	__u32 seals;
	__u8 may_lock;
	__u8 has_file;
	__u8 no_mmap;
	__u8 no_exec;
};

#endif
