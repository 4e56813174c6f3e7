/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the BPF programs tell probe.c. A fault is a finished struct mmscope_event. What happens to
 * VMAs comes as it is in the kernel: stores into the tree of VMAs, births and deaths of their
 * objects; which of them is a split or a merge is for ../change.c to see. Such a raw record begins
 * with a struct mmscope_event too, of a type that never leaves the tool.
 *
 * Kernel pointers in raw records tell objects apart while they live. They are never shown, and no
 * id is made of one.
 */
#ifndef MMSCOPE_BPF_PROBE_H
#define MMSCOPE_BPF_PROBE_H

#include "../record.h"

/**
 * enum raw_type - raw records: &mmscope_event.type of what is no struct mmscope_event alone; their
 *	numbers are above those of ../record.h, since some are handed out along with records
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
 * @RAW_FAULTS: pages: faults that a VMA had which is about to go; start: its object
 * @RAW_OPS: start: a vm_operations_struct of the device that is watched, first seen; end: the
 *	process that has been stopped until its calls are told, or 0
 * @RAW_CALL: struct raw_call
 * @RAW_ANEW: what is known of this mm is to be forgotten: RAW_HAVE for all of it follow
 * @RAW_STACK: struct raw_stack
 * @RAW_RSS_BEGINS: what takes its time begins, that may end with RAW_RSS or RAW_ADVISE of the same
 *	thread: what is told in between is no part of it
 * @RAW_RSS: struct raw_pages: they came or went in [start, end), by no fault and no unmap
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

/**
 * enum stack_way - how what led to faults is found
 * @STACKS_NONE: it is not
 * @STACKS_FP: by following frame pointers, in the kernel
 * @STACKS_DWARF: from a copy, by what compilers tell of each instruction
 */
enum stack_way {
	STACKS_NONE,
	STACKS_FP,
	STACKS_DWARF,
};

/**
 * enum raw_copied - what there was to copy
 * @RAW_COPIED: registers and stack
 * @RAW_NOT_BEGUN: nothing: execve(2) makes the address space, no code has run in it
 * @RAW_NOT_OWN: nothing: who runs is another process, or a thread of the kernel
 * @RAW_NOT_64: nothing: 32-bit code, whose stack nobody here can read
 */
enum raw_copied {
	RAW_COPIED,
	RAW_NOT_BEGUN,
	RAW_NOT_OWN,
	RAW_NOT_64,
};

#define STACK_PART	512U	/* bytes, of one page: they are there, or not */
#define STACK_PARTS	17U
#define STACK_LIMIT	8192U	/* that are copied at least, if the stack is as large */
#define STACK_REGS	17

/**
 * struct raw_stack - a fault that was summed up, and what its thread's stack was like
 * @class: enum mmscope_class
 * @copied: enum raw_copied
 * @ns: how long the fault took
 * @pages: that it mapped
 * @regs: as DWARF numbers them; the last is the instruction
 * @start: address of the first byte
 * @end: first address that was not to be copied
 * @there: bits by part: it was there
 * @bytes: the stack; as many as there was reason to copy
 */
struct raw_stack {
	struct mmscope_event e;
	__u32 class;
	__u32 copied;
	__u32 ns;
	__u32 pages;
	__u64 regs[STACK_REGS];
	__u64 start;
	__u64 end;
	__u64 there;
	char bytes[STACK_PARTS * STACK_PART];
};

/**
 * struct mm_slot - a watched address space
 * @key: tells its mm_struct from others, 0 for none
 * @mm: its mm_struct
 * @id: the tool's number for it, 0 while it is being put in or out
 * @torn: a record of its VMAs was lost
 * @stale: some of its VMAs look different now, and were not told
 */
struct mm_slot {
	__u64 key;
	__u64 mm;
	__u32 id;
	__u32 torn;
	__u32 stale;
};

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

/**
 * struct fault_total - faults that have something in common
 * @count: how many
 * @pages: that they mapped
 * @ns: that they took
 */
struct fault_total {
	__u64 count;
	__u64 pages;
	__u64 ns;
};

/**
 * struct fault_site - faults of one class at one instruction, and with one stack if that is asked
 * @who: id of the mm, class and stack; 0 for none
 * @ip: the instruction
 * @total: how many
 */
struct fault_site {
	__u64 who;
	__u64 ip;
	struct fault_total total;
};

#define SITE_WHO(mm, class)	((__u64)(mm) << 8 | (class))
#define SITE_MM(who)		((__u32)((who) >> 8))
#define SITE_CLASS(who)		((who) & 0xff)

/* A place in the map of stacks, or 0 for no stack; and as a part of @who. */
#define SITE_STACK(who)		((who) >> 40)
#define STACK_WHO(id)		((__u64)((id) + 1) << 40)

#define MAX_STACKS	16384
#define MAX_FRAMES	127	/* kernel.perf_event_max_stack, as it is by default */

/**
 * struct fault_vma - faults in one VMA
 * @object: the VMA, 0 for none
 * @who: id of its mm, and whether it has operations
 * @count: how many
 */
struct fault_vma {
	__u64 object;
	__u64 who;
	__u64 count;
};

#define VMA_WHO(mm, ops)	((__u64)(mm) << 1 | !!(ops))
#define VMA_MM(who)		((who) >> 1)

/**
 * struct fault_driver - whose memory faults of class driver were in
 * @ops: its vm_operations_struct
 * @name: what the kernel calls the mapping, if it is one of its own: "[vdso]"
 */
struct fault_driver {
	__u64 ops;
	char name[24];
};

#define MAX_DRIVERS	256

#define SUM_WAYS	4
#define SITE_SET_BITS	10
#define VMA_SET_BITS	8
#define TIME_BUCKETS	128	/* four for each power of two ns */

/**
 * struct fault_sums - faults summed up by the CPUs that share this, instead of a record for each
 * @sites: sets of ways, by instruction
 * @vmas: sets of ways, by VMA
 * @missed: by class: those that found no room in @sites
 * @missed_vmas: those that found no room in @vmas
 * @times: how many took how long, by class
 */
struct fault_sums {
	struct fault_site sites[SUM_WAYS << SITE_SET_BITS];
	struct fault_vma vmas[SUM_WAYS << VMA_SET_BITS];
	struct fault_total missed[32];
	__u64 missed_vmas;
	__u64 times[32][TIME_BUCKETS];
};

#define MAX_SUMS	64

/* Times up to this are looked up. */
#define SHORT_BITS	16
#define SHORT_STEP	4	/* in steps of so many bits */

/* Four buckets for each power of two. */
static inline __u32 time_bucket(__u32 ns)
{
	__u32 power = 0, rest = ns;

	if (ns < 4)
		return ns;
	if (rest >> 16) {
		rest >>= 16;
		power = 16;
	}
	if (rest >> 8) {
		rest >>= 8;
		power += 8;
	}
	if (rest >> 4) {
		rest >>= 4;
		power += 4;
	}
	if (rest >> 2) {
		rest >>= 2;
		power += 2;
	}
	power += rest >> 1;
	return power << 2 | (ns >> (power - 2) & 3);
}

#define MM_SET_BITS	12
#define MM_WAYS		4
#define MM_SLOTS	(MM_WAYS << MM_SET_BITS)
#define MAX_CPUS	8192	/* the kernel's own limit */

#endif
