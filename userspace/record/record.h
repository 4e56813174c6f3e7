/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What only the tracer tells, in the same 64-byte record as the module: struct mmscope_event. These
 * numbers begin above all of the module's, so that a record says by its type who told it.
 */
#ifndef MMSCOPE_RECORD_RECORD_H
#define MMSCOPE_RECORD_RECORD_H

#include <linux/mmscope.h>

/* Types of records from here on are the tracer's alone. Numbers never change. */
#define RECORD_FIRST	64
_Static_assert(MMSCOPE_NR_TYPES <= RECORD_FIRST, "types of the module and of the tracer overlap");

/**
 * enum record_type - what the tracer tells, beside what enum mmscope_type has
 *
 * Types from RECORD_GROW on tell of the set of VMAs, as the module's below MMSCOPE_FAULT.
 *
 * @RECORD_RSS: pages in [start, end) came or went by no fault, no unmap and no advice. pages: how
 *	many; aux: enum record_rss. Which kinds of pages: queue_extra().
 * @RECORD_HUGE_FAULT: ->huge_fault. This and the next two: of other drivers than ours, whose
 *	hooks are told by kprobes.
 * @RECORD_MAP_PAGES: ->map_pages: are pages around addr there already? npages: asked for.
 * @RECORD_QUERY: another hook: pages says which, by the numbers of the tool.
 * @RECORD_FAILED: a system call about [start, end) failed, which the cause names. aux: errno and
 *	enum record_failure; vma: the reason, if it is one. Its arguments: queue_extra().
 * @RECORD_GROW: @vma is now [start, end); aux is where the edge was that moved: the upper one,
 *	or with MMSCOPE_F_BELOW the lower one.
 * @RECORD_SHRINK: the same, smaller, and nothing was cut off as a VMA of its own.
 * @RECORD_MERGE: @vma is now [start, end) and has taken in @parent, whose part begins at aux, or
 *	with MMSCOPE_F_BELOW ends there.
 * @RECORD_EXEC: a new program runs; aux is the mm that its process had before.
 * @RECORD_THERE: @vma was there when the tracer came, or came back after it had lost records.
 * @RECORD_ADVISE: flags of [start, end) that are no rights were changed: aux is the advice of
 *	madvise(2), the option of prctl(2), 0 elsewhere. pages: given back.
 * @RECORD_APART: @vma and @parent touch at aux, and are two for the reason in pages, an enum
 *	record_why. It follows what made them touch.
 * @RECORD_ANEW: records of VMAs of this mm were lost: forget them, THERE follows for each.
 */
enum record_type {
	RECORD_RSS		= 64,
	RECORD_HUGE_FAULT	= 65,
	RECORD_MAP_PAGES	= 66,
	RECORD_QUERY		= 67,
	RECORD_FAILED		= 72,
	RECORD_GROW		= 80,
	RECORD_SHRINK		= 81,
	RECORD_MERGE		= 82,
	RECORD_EXEC		= 83,
	RECORD_THERE		= 84,
	RECORD_ADVISE		= 85,
	RECORD_APART		= 86,
	RECORD_ANEW		= 87,
};

/* Room for all types of both, for tables by type. */
#define RECORD_TYPES	96

/* A set of types has a bit for each number that a type can have: so many words of them. */
#define RECORD_SET	(256 / 64)

static inline _Bool record_in_set(const __u64 set[RECORD_SET], __u8 type)
{
	return set[type / 64] >> type % 64 & 1;
}

/* Does a record of this type tell of the set of VMAs? */
static inline _Bool record_structural(__u8 type)
{
	return type < MMSCOPE_FAULT || type >= RECORD_GROW;
}

/* Does it tell of one page, or of a driver that is asked for one? */
static inline _Bool record_of_page(__u8 type)
{
	return (type >= MMSCOPE_FAULT && type < MMSCOPE_NAME) ||
	       (type >= RECORD_HUGE_FAULT && type <= RECORD_QUERY);
}

/*
 * Flags of the tracer's records, beside MMSCOPE_F_*. A FAULT with WHOLE is the tracer's: one record
 * for all attempts of one fault, of any VMA. TRIED says that there were several after a wait,
 * REFAULT is not told, and bits that have no meaning for faults have one here. The upper six bits
 * are an enum record_class.
 */
#define RECORD_F_WHOLE		0x08000	/* ns is the whole fault's time, not the hook's */
#define RECORD_F_GUP		0x02000	/* by get_user_pages(): populate, mlock, ptrace, pinning */
#define RECORD_F_FELL_BACK	0x04000	/* tried under the VMA lock, repeated under mmap_lock */
#define RECORD_F_UNASKED	0x20000	/* no hook of the VMA's driver is asked about it */
#define RECORD_CLASS_SHIFT	18
#define RECORD_CLASS(flags)	((flags) >> RECORD_CLASS_SHIFT)

/* Of a FAULT with MMSCOPE_F_ERROR: enum record_error, and enum record_refusal in the second byte */
static inline __u32 record_error(const struct mmscope_event *e)
{
	return e->npages;
}

/* Of the tracer's UNMAP: how many of its pages were anonymous; the others were of its file */
static inline __u32 record_anon(const struct mmscope_event *e)
{
	return e->parent;
}

/**
 * enum record_class - what a fault of the tracer's did
 * @RECORD_CLASS_NONE: not told: a record of the module's
 * @RECORD_CLASS_ANON: a fresh zeroed page
 * @RECORD_CLASS_ZERO: the zero page, for a read
 * @RECORD_CLASS_COPY: a page shared with others was copied for a write
 * @RECORD_CLASS_REUSE: a page was found to have no other user, and was made writable
 * @RECORD_CLASS_PRIVATE: a write to a private file mapping: the file's page was copied at once
 * @RECORD_CLASS_FILE: a page of a file was mapped
 * @RECORD_CLASS_DIRTY: a mapped page of a shared file was made writable, the file system asked
 * @RECORD_CLASS_SHMEM: shared memory
 * @RECORD_CLASS_SWAP: a page came back from swap
 * @RECORD_CLASS_THP: a huge page, or the huge zero page for a read
 * @RECORD_CLASS_HUGETLB: a page of hugetlbfs
 * @RECORD_CLASS_STACK: the stack grew, and got a page
 * @RECORD_CLASS_NUMA: a hint: the page was there, and perhaps moved to another node
 * @RECORD_CLASS_DRIVER: a driver's, or the kernel's own like the vdso
 * @RECORD_CLASS_NOTHING: the page table was as it should be
 * @RECORD_CLASS_WAIT: the page was being migrated
 * @RECORD_CLASS_UFFD: handed to user space by userfaultfd(2)
 * @RECORD_CLASS_REFUSED: no VMA, or one that does not allow it: see record_error()
 */
enum record_class {
	RECORD_CLASS_NONE	= 0,
	RECORD_CLASS_ANON	= 1,
	RECORD_CLASS_ZERO	= 2,
	RECORD_CLASS_COPY	= 3,
	RECORD_CLASS_REUSE	= 4,
	RECORD_CLASS_PRIVATE	= 5,
	RECORD_CLASS_FILE	= 6,
	RECORD_CLASS_DIRTY	= 7,
	RECORD_CLASS_SHMEM	= 8,
	RECORD_CLASS_SWAP	= 9,
	RECORD_CLASS_THP	= 10,
	RECORD_CLASS_HUGETLB	= 11,
	RECORD_CLASS_STACK	= 12,
	RECORD_CLASS_NUMA	= 13,
	RECORD_CLASS_DRIVER	= 14,
	RECORD_CLASS_NOTHING	= 15,
	RECORD_CLASS_WAIT	= 16,
	RECORD_CLASS_UFFD	= 17,
	RECORD_CLASS_REFUSED	= 18,
};

#define RECORD_NR_CLASSES	19

/**
 * enum record_error - how a fault with MMSCOPE_F_ERROR ended
 * @RECORD_SIGBUS: beyond the end, or its owner could not give the page
 * @RECORD_SEGV_MAPERR: SIGSEGV: no VMA there
 * @RECORD_SEGV_ACCERR: SIGSEGV: the VMA does not allow it
 * @RECORD_SEGV_PKUERR: SIGSEGV: the thread's protection keys do not allow it
 * @RECORD_EFAULT: the kernel's own access failed; a system call may return EFAULT
 * @RECORD_OOM: no memory
 * @RECORD_POISONED: SIGBUS: the hardware lost the page
 * @RECORD_KILLED: a fatal signal ended the wait for the page
 * @RECORD_SEGV_OTHER: SIGSEGV: the processor does not say where
 */
enum record_error {
	RECORD_SIGBUS		= 0,
	RECORD_SEGV_MAPERR	= 1,
	RECORD_SEGV_ACCERR	= 2,
	RECORD_SEGV_PKUERR	= 3,
	RECORD_EFAULT		= 4,
	RECORD_OOM		= 5,
	RECORD_POISONED	= 6,
	RECORD_KILLED		= 7,
	RECORD_SEGV_OTHER	= 8,
};

/**
 * enum record_why - why two VMAs that touch are two
 * @RECORD_WHY_NOT_TRIED: nothing keeps them apart: no call has tried to merge them
 * @RECORD_WHY_FLAGS: their rights or other flags differ
 * @RECORD_WHY_FILE: their files differ
 * @RECORD_WHY_OFFSET: the file, or the page numbers, do not go on
 * @RECORD_WHY_ANON_VMA: their private pages have different owners, or come from before a fork
 * @RECORD_WHY_CLOSE: the driver wants to know when a VMA goes (->close)
 * @RECORD_WHY_SPECIAL: VM_IO, VM_PFNMAP, VM_MIXEDMAP or VM_DONTEXPAND: never merged
 * @RECORD_WHY_POLICY: their NUMA policies differ
 * @RECORD_WHY_NAME: their names differ (PR_SET_VMA)
 * @RECORD_WHY_UFFD: they are with different userfaultfds
 */
enum record_why {
	RECORD_WHY_NOT_TRIED	= 0,
	RECORD_WHY_FLAGS	= 1,
	RECORD_WHY_FILE	= 2,
	RECORD_WHY_OFFSET	= 3,
	RECORD_WHY_ANON_VMA	= 4,
	RECORD_WHY_CLOSE	= 5,
	RECORD_WHY_SPECIAL	= 6,
	RECORD_WHY_POLICY	= 7,
	RECORD_WHY_NAME	= 8,
	RECORD_WHY_UFFD	= 9,
};

/*
 * Causes that only the tracer tells, beside those of enum mmscope_cause: the kernel touches what a
 * thread has registered or is to find, on its way back to user mode; and 32-bit system calls, by
 * their numbers.
 */
#define RECORD_CAUSE_SIGNAL	(-16)	/* a signal is delivered: the frame, or a core dump */
#define RECORD_CAUSE_RSEQ	(-17)	/* struct rseq is brought up to date */
#define RECORD_CAUSE_32(nr)	(-1024 - (nr))
#define RECORD_IS_CAUSE_32(cause) ((cause) <= RECORD_CAUSE_32(0))

/**
 * enum record_rss - what else brings and takes pages
 * @RECORD_RSS_UNSEEN: nobody knows: the kernel has counted what was not told
 * @RECORD_RSS_THERE: they were there when the tracer came
 * @RECORD_RSS_LOST: it was in records that were lost
 * @RECORD_RSS_FORK: fork(2) gave the child its own entries of them
 * @RECORD_RSS_TAKEN: they were taken from VMAs that stay: their file was cut, or a driver did it
 * @RECORD_RSS_RECLAIM: memory was needed, or asked to be given back
 * @RECORD_RSS_MIGRATE: a page that was to be moved was taken instead
 * @RECORD_RSS_ZEROED: a part of a split huge page was zero: the zero page is in its place
 * @RECORD_RSS_COLLAPSE: small pages became a huge one
 * @RECORD_RSS_SPLIT: a huge page of a file is no longer mapped as a whole
 * @RECORD_RSS_KSM: like pages were merged
 * @RECORD_RSS_SWAPOFF: they came back because their swap device goes
 * @RECORD_RSS_UFFD: a handler of userfaultfd(2) put them there
 * @RECORD_RSS_INSERT: a driver put them there
 * @RECORD_RSS_OOM: the OOM killer reaps who is to die
 * @RECORD_RSS_SWAPIN: part of a fault, never told so
 * @RECORD_RSS_ADVICE: part of a record of advice, which has its own type
 */
enum record_rss {
	RECORD_RSS_UNSEEN,
	RECORD_RSS_THERE,
	RECORD_RSS_LOST,
	RECORD_RSS_FORK,
	RECORD_RSS_TAKEN,
	RECORD_RSS_RECLAIM,
	RECORD_RSS_MIGRATE,
	RECORD_RSS_ZEROED,
	RECORD_RSS_COLLAPSE,
	RECORD_RSS_SPLIT,
	RECORD_RSS_KSM,
	RECORD_RSS_SWAPOFF,
	RECORD_RSS_UFFD,
	RECORD_RSS_INSERT,
	RECORD_RSS_OOM,
	RECORD_RSS_SWAPIN,
	RECORD_RSS_ADVICE,
	RECORD_NR_RSS,
};

/**
 * enum record_refusal - why a fault was refused: the second byte of record_error() of a FAULT
 *	with MMSCOPE_F_ERROR; &mmscope_event.pgoff says more
 * @REFUSAL_NOT_TOLD: nothing says why
 * @REFUSAL_HOLE: no VMA is there
 * @REFUSAL_NO_RIGHTS: the VMA allows nothing (PROT_NONE)
 * @REFUSAL_READ: it may not be read; pgoff: vm_flags
 * @REFUSAL_WRITE: nor written
 * @REFUSAL_EXEC: nor executed
 * @REFUSAL_PKEY: the thread's protection keys do not allow it; pgoff: the key of the VMA
 * @REFUSAL_KERNEL: the address is the kernel's
 * @REFUSAL_PROTECTION: a general protection fault: nobody says where
 * @REFUSAL_STACK_LIMIT: a stack would exceed RLIMIT_STACK; pgoff: the limit in bytes
 * @REFUSAL_STACK_GAP: a stack would come too near to another VMA
 * @REFUSAL_STACK_MEMORY: a stack would exceed RLIMIT_AS, RLIMIT_MEMLOCK or what may be committed
 * @REFUSAL_STACK_LOW: a stack would grow below vm.mmap_min_addr
 * @REFUSAL_GUARD: MADV_GUARD_INSTALL has made it a guard
 * @REFUSAL_END: the file ends before; pgoff: its bytes
 * @REFUSAL_FULL: its tmpfs is full; pgoff: its size in bytes
 * @REFUSAL_NO_HUGE: no huge page is free; pgoff: how many there are
 * @REFUSAL_HUGE_LIMIT: some are free, but not for this mount or cgroup
 * @REFUSAL_HUGE_TAKEN: a process it was shared with has taken it, when none was free
 * @REFUSAL_POISON: the hardware lost the page
 * @REFUSAL_MARKED: it is marked as lost, by UFFDIO_POISON or where it could not be copied
 * @REFUSAL_SWAP: it could not be read from swap
 * @REFUSAL_UFFD: a userfaultfd is not to wait for it
 * @REFUSAL_DRIVER: the driver said no
 * @REFUSAL_FILE: the file system said no
 * @REFUSAL_CGROUP: the memory cgroup is full; pgoff: its limit in bytes
 * @REFUSAL_MEMORY: there is no memory
 */
enum record_refusal {
	REFUSAL_NOT_TOLD,
	REFUSAL_HOLE,
	REFUSAL_NO_RIGHTS,
	REFUSAL_READ,
	REFUSAL_WRITE,
	REFUSAL_EXEC,
	REFUSAL_PKEY,
	REFUSAL_KERNEL,
	REFUSAL_PROTECTION,
	REFUSAL_STACK_LIMIT,
	REFUSAL_STACK_GAP,
	REFUSAL_STACK_MEMORY,
	REFUSAL_STACK_LOW,
	REFUSAL_GUARD,
	REFUSAL_END,
	REFUSAL_FULL,
	REFUSAL_NO_HUGE,
	REFUSAL_HUGE_LIMIT,
	REFUSAL_HUGE_TAKEN,
	REFUSAL_POISON,
	REFUSAL_MARKED,
	REFUSAL_SWAP,
	REFUSAL_UFFD,
	REFUSAL_DRIVER,
	REFUSAL_FILE,
	REFUSAL_CGROUP,
	REFUSAL_MEMORY,
	NR_REFUSALS,
};

/**
 * enum record_failure - why a system call failed: the upper half of &mmscope_event.aux
 * @FAILURE_NOT_TOLD: nothing says why
 * @FAILURE_SIGNAL: a signal ended the wait for mmap_lock
 * @FAILURE_FLAGS: the kernel knows no such flags, or not together
 * @FAILURE_LENGTH: nothing is asked for, or another length is
 * @FAILURE_ALIGNMENT: an address or offset is in a page's midst
 * @FAILURE_HUGE_ALIGNMENT: ... or in a huge page's
 * @FAILURE_OFFSET: the file's offset is too large
 * @FAILURE_RANGE: it ends beyond all addresses
 * @FAILURE_LOW: it is below vm.mmap_min_addr
 * @FAILURE_FD: there is no such file descriptor
 * @FAILURE_FILE_MODE: the file is not open for that
 * @FAILURE_FILE_SEAL: the file's seals forbid that
 * @FAILURE_NO_EXEC: the mount does not allow it to be executed
 * @FAILURE_NO_MMAP: such a file cannot be mapped
 * @FAILURE_MAP_COUNT: there are too many VMAs; figure: how many, limit: vm.max_map_count
 * @FAILURE_LIMIT_AS: RLIMIT_AS; figure: bytes there would be, limit: bytes
 * @FAILURE_LIMIT_DATA: RLIMIT_DATA
 * @FAILURE_LIMIT_MEMLOCK: RLIMIT_MEMLOCK
 * @FAILURE_OVERCOMMIT: more than vm.overcommit_memory lets processes have
 * @FAILURE_OBSTACLE: a VMA is in its way
 * @FAILURE_NO_HOLE: no hole is so large
 * @FAILURE_NO_HUGE: there are not so many huge pages
 * @FAILURE_NOT_MAPPED: there is a hole; figure: where it begins
 * @FAILURE_TWO: another VMA begins in it, where one is wanted
 * @FAILURE_OVERLAP: source and destination overlap
 * @FAILURE_SEALED: a VMA is sealed
 * @FAILURE_SPECIAL: a driver's VMA does not allow it
 * @FAILURE_KIND: it is not for such a VMA
 * @FAILURE_PKEY: no such protection key is allocated
 * @FAILURE_BUSY: pages are in use, or the map was changing
 * @FAILURE_LOW_HEAP: it is below where the heap begins; figure: where
 * @FAILURE_RIGHT: it takes a privilege
 * @FAILURE_PAGE_THERE: a page is there already
 * @FAILURE_NOT_REGISTERED: this userfaultfd does not have it
 * @FAILURE_OTHER_UFFD: another userfaultfd has it
 */
enum record_failure {
	FAILURE_NOT_TOLD,
	FAILURE_SIGNAL,
	FAILURE_FLAGS,
	FAILURE_LENGTH,
	FAILURE_ALIGNMENT,
	FAILURE_HUGE_ALIGNMENT,
	FAILURE_OFFSET,
	FAILURE_RANGE,
	FAILURE_LOW,
	FAILURE_FD,
	FAILURE_FILE_MODE,
	FAILURE_FILE_SEAL,
	FAILURE_NO_EXEC,
	FAILURE_NO_MMAP,
	FAILURE_MAP_COUNT,
	FAILURE_LIMIT_AS,
	FAILURE_LIMIT_DATA,
	FAILURE_LIMIT_MEMLOCK,
	FAILURE_OVERCOMMIT,
	FAILURE_OBSTACLE,
	FAILURE_NO_HOLE,
	FAILURE_NO_HUGE,
	FAILURE_NOT_MAPPED,
	FAILURE_TWO,
	FAILURE_OVERLAP,
	FAILURE_SEALED,
	FAILURE_SPECIAL,
	FAILURE_KIND,
	FAILURE_PKEY,
	FAILURE_BUSY,
	FAILURE_LOW_HEAP,
	FAILURE_RIGHT,
	FAILURE_PAGE_THERE,
	FAILURE_NOT_REGISTERED,
	FAILURE_OTHER_UFFD,
	NR_FAILURES,
};

#define FAILURE_AUX(error, why)	((__u64)(why) << 32 | (error))
#define FAILURE_ERROR(aux)	((int)((aux) & 0xffffffff))
#define FAILURE_WHY(aux)	((aux) >> 32)

#define REFUSAL_SHIFT		8
#define REFUSAL_ERROR(error)	((error) & 0xff)
#define REFUSAL_WHY(error)	((error) >> REFUSAL_SHIFT & 0xff)

#endif
