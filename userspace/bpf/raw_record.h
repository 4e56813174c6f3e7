/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happens to VMAs and pages, as the programs tell it: stores into the tree of VMAs, births and
 * deaths of their objects; which of them is a split or a merge is for tracer/vma_events.c to see.
 * Such a raw record begins with a struct mmscope_event, of a type that never leaves the tool.
 *
 * Kernel pointers in raw records tell objects apart while they live. They are never shown, and no
 * id is made of one.
 */
#ifndef MMSCOPE_BPF_RAW_RECORD_H
#define MMSCOPE_BPF_RAW_RECORD_H

#include "record/record.h"

/**
 * enum raw_type - raw records: &mmscope_event.type of what is no struct mmscope_event alone; their
 *	numbers are above those of record/record.h, since some are handed out along with records
 * @RAW_MM: first sight of an address space; parent: that of who made it; pages: enum raw_origin
 * @RAW_MM_END: it has no VMA any more, nor ever will
 * @RAW_STORE: struct raw_vma: [start, end) of the tree now holds this VMA, or none if its object
 *	is 0; end 0 is the end of all
 * @RAW_CHANGE: struct raw_vma: it is complete and like this; its range is in the image
 * @RAW_HAVE: struct raw_vma: the same, of one that was there before we came
 * @RAW_DUP: start: a VMA's object; end: that of its copy, which is in no tree yet
 * @RAW_FREE: start: the object is gone
 * @RAW_ZAP: struct raw_pages: of a VMA that is about to go
 * @RAW_FILE: struct raw_file
 * @RAW_NAME: struct raw_name: what the VMA that follows is called, which has no file
 * @RAW_FORK: struct raw_task: a process or thread was made; mm: its own; its maker's in
 *	aux
 * @RAW_EXEC: struct raw_task: the running program is a new one, in mm
 * @RAW_HAVE_TASK: struct raw_task: a process that was there before we came
 * @RAW_BRK: start, end: where the heap is; aux: where the first stack began
 * @RAW_ADVISE: struct raw_pages; start, end, aux: range and advice of a madvise(2); pages: its
 *	errno
 * @RAW_LOOKS: struct raw_vma: it looks like this now, by a call that stores nothing
 * @RAW_ANON: start: a VMA's object; end: the anon_vma that it has from now on
 * @RAW_FAULTS: end: faults that a VMA had which is about to go, or made room for another among the
 *	sums; start: its object
 * @RAW_OPS: start: a vm_operations_struct of the device that is watched, first seen; end: the
 *	process that has been stopped until its calls are told, or 0
 * @RAW_CALL: struct raw_call
 * @RAW_ANEW: what is known of this mm is to be forgotten: RAW_HAVE for all of it follow
 * @RAW_STACK: struct raw_stack
 * @RAW_RSS_BEGINS: what takes its time begins, that may end with RAW_RSS or RAW_ADVISE of the same
 *	thread: what is told in between is no part of it
 * @RAW_RSS: struct raw_pages: they came or went in [start, end), by no fault and no unmap
 * @RAW_CGROUP: struct raw_name: the memory cgroup that the refused fault that follows is in
 * @RAW_SITE: struct raw_site: faults at an instruction, which made room for another among the sums
 * @RAW_FAILED: struct raw_failed
 * @RAW_GONE: struct raw_pages: RAW_ZAP and RAW_FREE of the same object
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
#define RAW_VM_NO_MATTER	0x08000800	/* to merging: SOFTDIRTY, MAYBE_GUARD */
#define RAW_VM_UFFD		0x0a6000001200	/* MISSING, WP; by kernel MINOR, RWP */
#define RAW_VM_GROWSDOWN	0x00000100
#define RAW_VM_ACCOUNT		0x00100000	/* it is charged, but while it moves */
#define RAW_VM_PFNMAP		0x00000400
#define RAW_VM_MIXEDMAP		0x10000000
#define RAW_VM_SPECIAL		0x10044400	/* MIXEDMAP, DONTEXPAND, IO, PFNMAP */

/**
 * enum raw_from - what a fault replaced, and more that its class does not tell: &mmscope_event.seq
 *	on its way
 * @RAW_FROM_NOTHING: it is as the class says
 * @RAW_FROM_ZERO: a copy of the zero page
 * @RAW_FROM_FILE: a copy of a page of a file, which is no longer mapped
 * @RAW_FROM_SHMEM: the same, of shared memory or tmpfs
 * @RAW_FROM_DRIVER: pages that the kernel counts as a file's
 * @RAW_FROM_SWAP: and above: so many pages less are in swap
 */
enum raw_from {
	RAW_FROM_NOTHING,
	RAW_FROM_ZERO,
	RAW_FROM_FILE,
	RAW_FROM_SHMEM,
	RAW_FROM_DRIVER,
	RAW_FROM_SWAP,
};

enum raw_origin {
	RAW_BY_FORK,
	RAW_BY_EXEC,
	RAW_BY_ATTACH,
};

/**
 * struct vma_image - a VMA as the kernel has it at one moment
 * @object: its address, to tell it from others that live
 * @start: first address
 * @end: first address behind it
 * @pgoff: page of the file, or of the address space, at @start
 * @flags: vm_flags
 * @file: the open file, 0 for none
 * @path: of the file; see &raw_file.key
 * @ino: inode, as in /proc/PID/maps
 * @ops: its vm_operations_struct
 * @anon_vma: what its private pages hang on, 0 for none yet
 * @policy: NUMA policy, the same number for the same, 0 for none
 * @uffd: its userfaultfd, 0 for none
 * @named: the name given with prctl(2), 0 for none
 * @dev: device of the inode, as in struct super_block
 * @mode: of the inode: which kind of file
 * @forked: its private pages come from before a fork, or are shared with one
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
	__u64 args[4];		/* of the running system call: address, length, new length, flags */
};

/**
 * enum raw_rss - what the kernel counts the pages of an address space as
 * @RAW_RSS_FILE: of files
 * @RAW_RSS_ANON: private ones
 * @RAW_RSS_SWAP: private ones that are in swap
 * @RAW_RSS_SHMEM: of shared memory and tmpfs
 * @RAW_RSS_HUGETLB: of hugetlbfs, in pages of the usual size
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
 * struct raw_pages - the counts of pages of an address space, before and after something
 * @object: the VMA, 0 for none in particular
 * @before: by enum raw_rss
 * @after: and then
 * @lazy: pages that reclaim is to take first, or may drop, from now on
 * @why: enum record_rss
 * @begun: RAW_RSS_BEGINS was told
 * @exact: nobody else can have changed the counts
 * @outside: who did it has another address space
 * @by: and is called so
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

/* How the parts of a path are to be put together */
#define RAW_FILE_DELETED	0x1
#define RAW_FILE_PSEUDO		0x2	/* a name of its own, on no mounted file system */

/**
 * struct raw_file - a file, once when first seen
 * @key: path of a &vma_image. Made of the entry's address and its name's hash: a file renamed is
 *	told anew
 * @magic: of its file system
 * @flags: RAW_FILE_*
 * @size: bytes of @parts
 * @parts: names from the last to the first, each with its NUL
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
	__u32 compat;		/* it is a 32-bit program */
	char comm[16];
};

enum raw_limit {
	RAW_LIMIT_AS,
	RAW_LIMIT_DATA,
	RAW_LIMIT_MEMLOCK,
	RAW_NR_LIMITS,
};

/**
 * struct raw_failed - a system call that failed, and what it met
 * @args: its arguments
 * @copied: the first words of what an ioctl(2) was given
 * @result: what it returned
 * @limits: resource limits in bytes, by enum raw_limit
 * @total_vm: pages of address space in use
 * @data_vm: those that can be written, and are private
 * @locked_vm: those that are locked
 * @data_size: bytes of the program's data segment
 * @magic: of the file system of its file
 * @map_count: VMAs
 * @max_map_count: vm.max_map_count, 0 if it is not known
 * @overcommit: vm.overcommit_memory
 * @file_mode: how the file is open: FMODE_*
 * @seals: of the file, as in fcntl(2)
 * @may_lock: the limit of locked memory does not hold for it
 * @has_file: its file is known: the one that was to be mapped, or of the VMA that it begins at
 * @no_mmap: which cannot be mapped
 * @no_exec: nor executed: the mount says so
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
