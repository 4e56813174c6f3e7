/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What only the tracer tells, in the same 64-byte struct mmscope_event as the module's records. The
 * types here have numbers above all of the module's, so that a type says who told the record.
 */
#ifndef MMSCOPE_RECORD_RECORD_H
#define MMSCOPE_RECORD_RECORD_H

#include <linux/mmscope.h>

/* The tracer's types have numbers from here on. Numbers never change: recordings have them. */
#define RECORD_FIRST	64
_Static_assert(MMSCOPE_NR_TYPES <= RECORD_FIRST, "types of the module and of the tracer overlap");

/**
 * enum record_type - types of records that only the tracer tells, beside enum mmscope_type
 *
 * Types from RECORD_GROW on tell of the set of VMAs, as the module's below MMSCOPE_FAULT do.
 *
 * @RECORD_RSS: pages in [start, end) came or went by no fault, no unmap and no advice. pages: how
 *	many; aux: enum record_rss. queue_extra() has which kinds of pages they were.
 * @RECORD_HUGE_FAULT: ->huge_fault was called. This and the next two tell hooks of other drivers
 *	than the module, by kprobes.
 * @RECORD_MAP_PAGES: ->map_pages was called: mm asks for pages around addr that are there already.
 *	npages: for how many.
 * @RECORD_QUERY: another hook was called. pages: enum raw_hook.
 * @RECORD_FAILED: the system call in cause failed; it was about [start, end). aux: errno and enum
 *	record_failure; vma: the VMA that is the reason, if any. queue_extra() has the arguments.
 * @RECORD_GROW: @vma is now [start, end). aux: where the edge was that moved, which is the upper
 *	one, or with MMSCOPE_F_BELOW the lower one.
 * @RECORD_SHRINK: the same of a VMA that became smaller; what was cut off is no VMA of its own.
 * @RECORD_MERGE: @vma is now [start, end) and has taken in @parent, whose part begins at aux, or
 *	with MMSCOPE_F_BELOW ends there.
 * @RECORD_EXEC: a new program runs; aux is the mm that its process had before.
 * @RECORD_THERE: @vma was there when the tracer attached, or after it had lost records.
 * @RECORD_ADVISE: flags of [start, end) other than its rights were changed. aux: the advice of
 *	madvise(2), the option of prctl(2), or 0. pages: how many were given back.
 * @RECORD_APART: @vma and @parent touch at aux, and are not merged for the reason in pages, an enum
 *	record_why. The record follows the one that made them touch.
 * @RECORD_ANEW: records of this mm's VMAs were lost: forget its VMAs, a THERE for each follows.
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

/* Number of elements of a table by type that has room for the types of both. */
#define RECORD_TYPES	96

/* A set of types has a bit for each value of &mmscope_event.type, which has 8 bits. */
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

/* Does a record of this type tell of one page, or of a driver that is asked for a page? */
static inline _Bool record_of_page(__u8 type)
{
	return (type >= MMSCOPE_FAULT && type < MMSCOPE_NAME) ||
	       (type >= RECORD_HUGE_FAULT && type <= RECORD_QUERY);
}

/*
 * Flags of the tracer's records, beside MMSCOPE_F_*. A MMSCOPE_FAULT with RECORD_F_WHOLE is the
 * tracer's: one record for all attempts of one fault, of any VMA; MMSCOPE_F_TRIED says that there
 * was one after a wait. Bits without a meaning for the module's faults have one here. The upper
 * bits, from RECORD_CLASS_SHIFT on, are an enum record_class.
 */
#define RECORD_F_WHOLE		0x08000	/* ns is the whole fault's time, not the hook's */
#define RECORD_F_GUP		0x02000	/* by get_user_pages(): populate, mlock, ptrace, pinning */
#define RECORD_F_FELL_BACK	0x04000	/* tried under the VMA lock, repeated under mmap_lock */
#define RECORD_F_UNASKED	0x20000	/* the VMA's driver has no hook for what the record tells */
#define RECORD_CLASS_SHIFT	18
#define RECORD_CLASS(flags)	((flags) >> RECORD_CLASS_SHIFT)

/* How a FAULT with MMSCOPE_F_ERROR ended: enum record_error; second byte: enum record_refusal */
static inline __u32 record_error(const struct mmscope_event *e)
{
	return e->npages;
}

/* How many pages of the tracer's UNMAP were anonymous; the others were of the VMA's file. */
static inline __u32 record_anon(const struct mmscope_event *e)
{
	return e->parent;
}

/**
 * enum record_class - what the kernel did at a fault that the tracer tells
 * @RECORD_CLASS_NONE: nothing tells the class, as in the module's records
 * @RECORD_CLASS_ANON: it mapped a fresh zeroed page
 * @RECORD_CLASS_ZERO: it mapped the zero page, for a read
 * @RECORD_CLASS_COPY: it copied a page that is shared with others, for a write
 * @RECORD_CLASS_REUSE: it found that a page has no other user, and made it writable
 * @RECORD_CLASS_PRIVATE: it copied a file's page at once, for a write to a private file mapping
 * @RECORD_CLASS_FILE: it mapped a page of a file
 * @RECORD_CLASS_DIRTY: it made a mapped page of a shared file writable, and asked the file system
 * @RECORD_CLASS_SHMEM: it mapped a page of shared memory
 * @RECORD_CLASS_SWAP: it brought a page back from swap
 * @RECORD_CLASS_THP: it mapped a huge page, or the huge zero page for a read
 * @RECORD_CLASS_HUGETLB: it mapped a page of hugetlbfs
 * @RECORD_CLASS_STACK: it let the stack grow, and mapped a page there
 * @RECORD_CLASS_NUMA: a hint of NUMA balancing; the page was there, and perhaps moved to a node
 * @RECORD_CLASS_DRIVER: a driver gave the page, or the kernel itself as for the vdso
 * @RECORD_CLASS_NOTHING: the page table was right already
 * @RECORD_CLASS_WAIT: it waited while the page was migrated
 * @RECORD_CLASS_UFFD: it handed the fault to user space, by userfaultfd(2)
 * @RECORD_CLASS_REFUSED: it found no VMA, or one that does not allow it: see record_error()
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
 * @RECORD_SIGBUS: SIGBUS: the page is beyond the end of its file, or nobody could give it
 * @RECORD_SEGV_MAPERR: SIGSEGV: there is no VMA
 * @RECORD_SEGV_ACCERR: SIGSEGV: the VMA does not allow the access
 * @RECORD_SEGV_PKUERR: SIGSEGV: the thread's protection keys do not allow the access
 * @RECORD_EFAULT: the kernel's own access failed; a system call may return EFAULT
 * @RECORD_OOM: there was no memory
 * @RECORD_POISONED: SIGBUS: the hardware lost the page
 * @RECORD_KILLED: a fatal signal ended the wait for the page
 * @RECORD_SEGV_OTHER: SIGSEGV: the processor does not say at which address
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
 * enum record_why - why the kernel has not merged two VMAs that touch
 * @RECORD_WHY_NOT_TRIED: nothing keeps them apart, but no call has tried to merge them
 * @RECORD_WHY_FLAGS: their rights or other flags differ
 * @RECORD_WHY_FILE: their files differ
 * @RECORD_WHY_OFFSET: their page numbers, as of a file, do not follow each other
 * @RECORD_WHY_ANON_VMA: their private pages have different owners, or come from before a fork
 * @RECORD_WHY_CLOSE: their driver has ->close, by which it wants to know when a VMA goes
 * @RECORD_WHY_SPECIAL: VMAs with VM_IO, VM_PFNMAP, VM_MIXEDMAP or VM_DONTEXPAND are never merged
 * @RECORD_WHY_POLICY: their NUMA policies differ
 * @RECORD_WHY_NAME: their names differ (PR_SET_VMA)
 * @RECORD_WHY_UFFD: they are registered with different userfaultfds
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
 * Causes that only the tracer tells, beside enum mmscope_cause: two for what the kernel touches
 * when a thread returns to user mode, and the 32-bit system calls, by their numbers.
 */
#define RECORD_CAUSE_SIGNAL	(-16)	/* a signal is delivered: the frame, or a core dump */
#define RECORD_CAUSE_RSEQ	(-17)	/* struct rseq is brought up to date */
#define RECORD_CAUSE_32(nr)	(-1024 - (nr))
#define RECORD_IS_CAUSE_32(cause) ((cause) <= RECORD_CAUSE_32(0))

/**
 * enum record_rss - by what pages came or went, beside faults and unmapping
 * @RECORD_RSS_UNSEEN: not known: the kernel has counted pages that no record told
 * @RECORD_RSS_THERE: they were there when the tracer attached
 * @RECORD_RSS_LOST: the records that told of them were lost
 * @RECORD_RSS_FORK: fork(2) gave the child page-table entries of its own for them
 * @RECORD_RSS_TAKEN: they were taken from VMAs that stay: their file was cut, or a driver did it
 * @RECORD_RSS_RECLAIM: the kernel reclaimed them, for want of memory or since it was asked to
 * @RECORD_RSS_MIGRATE: a page that was to be migrated was taken instead
 * @RECORD_RSS_ZEROED: a part of a huge page that was split was zero, and the zero page replaced it
 * @RECORD_RSS_COLLAPSE: small pages became a huge one
 * @RECORD_RSS_SPLIT: a huge page of a file is no longer mapped as a whole
 * @RECORD_RSS_KSM: KSM merged pages with the same bytes
 * @RECORD_RSS_SWAPOFF: swapoff(2) brought them back
 * @RECORD_RSS_UFFD: a handler of userfaultfd(2) put them there
 * @RECORD_RSS_INSERT: a driver put them there
 * @RECORD_RSS_OOM: the OOM killer took them from a process that is to die
 * @RECORD_RSS_SWAPIN: used by the BPF programs alone: the fault that swaps in tells the pages
 * @RECORD_RSS_ADVICE: used by the BPF programs alone: RECORD_ADVISE tells the pages
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
 *	with MMSCOPE_F_ERROR. &mmscope_event.pgoff has a figure for some of them.
 * @REFUSAL_NOT_TOLD: nothing says why
 * @REFUSAL_HOLE: there is no VMA at the address
 * @REFUSAL_NO_RIGHTS: the VMA allows nothing (PROT_NONE)
 * @REFUSAL_READ: the VMA may not be read; pgoff: vm_flags
 * @REFUSAL_WRITE: the VMA may not be written; pgoff: vm_flags
 * @REFUSAL_EXEC: the VMA may not be executed; pgoff: vm_flags
 * @REFUSAL_PKEY: the thread's protection keys do not allow it; pgoff: the key of the VMA
 * @REFUSAL_KERNEL: the address is the kernel's
 * @REFUSAL_PROTECTION: a general protection fault; the processor does not say at which address
 * @REFUSAL_STACK_LIMIT: a stack would exceed RLIMIT_STACK; pgoff: the limit in bytes
 * @REFUSAL_STACK_GAP: a stack would come too near to another VMA
 * @REFUSAL_STACK_MEMORY: a stack would exceed RLIMIT_AS, RLIMIT_MEMLOCK or what may be committed
 * @REFUSAL_STACK_LOW: a stack would grow below vm.mmap_min_addr
 * @REFUSAL_GUARD: MADV_GUARD_INSTALL has made the page a guard
 * @REFUSAL_END: the file ends before the page; pgoff: size of the file in bytes
 * @REFUSAL_FULL: the tmpfs of the file is full; pgoff: its size in bytes
 * @REFUSAL_NO_HUGE: no huge page is free; pgoff: how many there are
 * @REFUSAL_HUGE_LIMIT: huge pages are free, but this mount or cgroup may not have more
 * @REFUSAL_HUGE_TAKEN: no huge page was free, and a process that shared the page has taken it
 * @REFUSAL_POISON: the hardware lost the page
 * @REFUSAL_MARKED: the page is marked as lost, by UFFDIO_POISON or where it could not be copied
 * @REFUSAL_SWAP: the page could not be read from swap
 * @REFUSAL_UFFD: the userfaultfd is not to wait for an answer
 * @REFUSAL_DRIVER: the driver refused
 * @REFUSAL_FILE: the file system refused
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
 * @FAILURE_FLAGS: the kernel does not know these flags, or not together
 * @FAILURE_LENGTH: the length is 0, or the call wants another
 * @FAILURE_ALIGNMENT: an address or offset is not at the start of a page
 * @FAILURE_HUGE_ALIGNMENT: an address or length is not at the start of a huge page
 * @FAILURE_OFFSET: the offset in the file is too large
 * @FAILURE_RANGE: the range ends beyond all addresses
 * @FAILURE_LOW: the range is below vm.mmap_min_addr
 * @FAILURE_FD: there is no such file descriptor
 * @FAILURE_FILE_MODE: the file is not open for what is asked
 * @FAILURE_FILE_SEAL: the file's seals forbid what is asked
 * @FAILURE_NO_EXEC: the mount of the file is noexec
 * @FAILURE_NO_MMAP: files of this kind cannot be mapped
 * @FAILURE_MAP_COUNT: there are too many VMAs; figure: how many, limit: vm.max_map_count
 * @FAILURE_LIMIT_AS: RLIMIT_AS would be exceeded; figure: bytes there would be, limit: bytes
 * @FAILURE_LIMIT_DATA: the same of RLIMIT_DATA
 * @FAILURE_LIMIT_MEMLOCK: the same of RLIMIT_MEMLOCK
 * @FAILURE_OVERCOMMIT: vm.overcommit_memory forbids it; figure and limit as for RLIMIT_AS
 * @FAILURE_OBSTACLE: a VMA is where the new mapping is to be
 * @FAILURE_NO_HOLE: no hole between VMAs is large enough
 * @FAILURE_NO_HUGE: there are not enough huge pages
 * @FAILURE_NOT_MAPPED: a part of the range has no VMA; figure: address where the hole begins
 * @FAILURE_TWO: the range has two VMAs, where the call wants one
 * @FAILURE_OVERLAP: source and destination overlap
 * @FAILURE_SEALED: a VMA of the range is sealed by mseal(2)
 * @FAILURE_SPECIAL: a VMA is a driver's special mapping, which does not allow it
 * @FAILURE_KIND: the call is not for VMAs of this kind
 * @FAILURE_PKEY: no such protection key is allocated
 * @FAILURE_BUSY: pages are in use, or the map was changing
 * @FAILURE_LOW_HEAP: the heap would end before it begins; figure: address where it begins
 * @FAILURE_RIGHT: the call needs a privilege
 * @FAILURE_PAGE_THERE: a page is there already
 * @FAILURE_NOT_REGISTERED: this userfaultfd has not registered the VMA
 * @FAILURE_OTHER_UFFD: another userfaultfd has registered the VMA
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
