/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fault that a thread of a watched process is in, and which class it has. Programs at rare
 * places of the kernel note that they ran. A fault at which none of them ran is of one of the
 * common classes, which its VMA and the kind of access tell apart. So a common fault pays for two
 * programs only.
 */
#ifndef MMSCOPE_BPF_FAULT_BPF_H
#define MMSCOPE_BPF_FAULT_BPF_H

#include "ring.bpf.h"

/* &fault_state.seen: what ran during a fault */
#define SEEN_FELL_BACK	0x0001	/* an attempt under the VMA lock was in vain */
#define SEEN_RETRY	0x0002	/* there was, or will be, another attempt */
#define SEEN_STACK	0x0004
#define SEEN_SWAP	0x0008
#define SEEN_WAIT	0x0010
#define SEEN_UFFD	0x0020
#define SEEN_NUMA	0x0040
#define SEEN_THP	0x0080
#define SEEN_WRITABLE	0x0100	/* a page that was there was made writable */
#define SEEN_COPIED	0x0200	/* the page was copied before it was made writable */
#define SEEN_THERE	0x0400	/* the entry was there, and allowed the access */
#define SEEN_ZERO	0x0800	/* the copied page was the zero page, or has no struct page */
#define SEEN_OF_FILE	0x1000	/* the copied page was a file's */
#define SEEN_CLASS	0x07fc	/* bits that tell a class */
#define SEEN_MARKER	0x2000	/* the entry looks swapped, and is a marker */
#define SEEN_WHY	0x4000	/* fault_whys[] has the reason why the fault is refused */
#define SEEN_SWAPPED	16	/* bits from this one on: number of pages that came from swap */

/* &fault_state.addr of a thread that is about to fault at an address that is not known yet */
#define FAULT_ANYWHERE	(~0ULL)

/* What becomes of faults: enum fault_mode */
extern const volatile __u32 fault_mode;

/* Are sums of faults kept? Then no record of each fault is needed. */
static __always_inline bool sums_kept(void)
{
	return fault_mode == FAULTS_COUNTED || fault_mode == FAULTS_TIMED;
}

/* There is a record of each fault, even where faults are summed up. */
extern const volatile bool faults_told;

/* A program is loaded that counts the page-table entries that are set. */
extern const volatile bool fault_entries;

/* A program is loaded that tells when a signal's frame has been written. */
extern const volatile bool signal_ends;

/**
 * struct fault - a fault that is over
 * @mm: id of the address space that it was in
 * @state: what the programs have noted of it
 * @vma: VMA that it was in, NULL for none
 * @addr: address that was touched
 * @ip: user instruction, 0 for none
 * @flags: MMSCOPE_F_* and enum record_class, as in the record
 * @npages: number of pages that were mapped; or record_error() of a refused fault
 * @from: enum raw_from
 * @detail: figure beside the reason of a refused fault
 */
struct fault {
	__u32 mm;
	struct fault_state *state;
	struct vm_area_struct *vma;
	__u64 addr;
	__u64 ip;
	__u32 flags;
	__u32 npages;
	__u32 from;
	__u64 detail;
};

static __always_inline __u32 time_since(__u64 start, __u64 now)
{
	__u64 ns = now - start;

	if (!start)
		return 0;
	return ns < 0x7fffffff ? ns : 0x7fffffff;
}

static __always_inline void fault_open(struct fault_state *state, const struct task_struct *task,
				       __u32 mm, __u64 addr, __u64 start)
{
	state->addr = addr;
	state->start = start;
	state->ip = 0;
	state->seen = 0;
	state->npages = 0;
	state->tid = task->pid;
	state->mm = mm;
}

/*
 * Take the state of a thread for a fault at an address. If the state is about another page, it
 * belongs to a fault whose end was not seen, and is begun anew.
 */
static __noinline void fault_claim(struct fault_state *state, const struct task_struct *task,
				   __u32 mm, __u64 addr)
{
	if (state->tid != task->pid)
		fault_open(state, task, mm, addr, 0);
	else if (state->addr == FAULT_ANYWHERE)
		state->addr = addr;
	else if ((state->addr ^ addr) >> PAGE_SHIFT)
		fault_open(state, task, mm, addr, 0);
}

/* The state of the fault that a program at a rare place runs in; NULL if the mm is not watched. */
static __always_inline struct fault_state *fault_now(const void *mm, __u64 addr)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct mm_slot *slot = mm_find(mm);
	struct fault_state *state;

	if (!slot)
		return NULL;
	state = fault_of(task);
	fault_claim(state, task, slot->id, addr);
	return state;
}

/* As fault_now(), for a program that does not know the address. */
static __always_inline struct fault_state *fault_somewhere(const void *mm)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct mm_slot *slot = mm_find(mm);
	struct fault_state *state;

	if (!slot)
		return NULL;
	state = fault_of(task);
	if (state->tid != task->pid)
		fault_open(state, task, slot->id, FAULT_ANYWHERE, 0);
	return state;
}

#define WHY_SHIFT	56

/*
 * Why the fault of each state is refused, where SEEN_WHY says so: enum record_refusal in the upper
 * byte, and its figure. It is not a member of the state, whose size is to stay a power of two.
 */
extern __u64 fault_whys[FAULT_SLOTS];

static __always_inline __u64 *why_now(void)
{
	return &fault_whys[bpf_get_current_pid_tgid() & (FAULT_SLOTS - 1)];
}

static __always_inline __u32 why_of(const struct fault_state *state)
{
	return state->seen & SEEN_WHY ? *why_now() >> WHY_SHIFT : REFUSAL_NOT_TOLD;
}

static __always_inline __u64 detail_of(const struct fault_state *state)
{
	return state->seen & SEEN_WHY ? *why_now() & ((1ULL << WHY_SHIFT) - 1) : 0;
}

/* The reason that is noted first holds: those noted later follow from it. */
static __always_inline void note_why(struct fault_state *state, __u32 why, __u64 detail)
{
	if (state->seen & SEEN_WHY || !why)
		return;
	state->seen |= SEEN_WHY;
	*why_now() = (__u64)why << WHY_SHIFT | (detail & ((1ULL << WHY_SHIFT) - 1));
}

/*
 * The class of a fault in a mapped file: file, or shmem for one of tmpfs, if it is a regular file
 * of a mounted file system; else driver.
 */
static __u32 class_of_file(struct vm_area_struct *vma)
{
	struct file *file = vma->vm_file;
	struct super_block *sb;

	if (!file || (file->f_inode->i_mode & S_IFMT) != S_IFREG)
		return RECORD_CLASS_DRIVER;
	sb = file->f_inode->i_sb;
	if (sb->s_magic == TMPFS_MAGIC)
		return RECORD_CLASS_SHMEM;
	if (sb->s_flags & SB_NOUSER || vma->vm_flags & (VM_PFNMAP | VM_IO | VM_MIXEDMAP))
		return RECORD_CLASS_DRIVER;
	return RECORD_CLASS_FILE;
}

/* The class of a fault in a VMA with operations, where no program at a rare place ran. */
static __noinline __u32 class_of_ops(struct vm_area_struct *vma, __u32 flags,
				     const struct fault_state *state)
{
	__u32 class;

	class = class_of_file(vma);
	if (class == RECORD_CLASS_DRIVER)
		return class;
	/* No entry was set: another thread has mapped the page meanwhile. */
	if (fault_entries && !state->npages)
		return RECORD_CLASS_NOTHING;
	if (flags & FAULT_FLAG_WRITE && !(vma->vm_flags & VM_SHARED))
		return RECORD_CLASS_PRIVATE;
	return class;
}

static __noinline __u32 class_of_seen(struct vm_area_struct *vma, const struct fault_state *state)
{
	__u32 seen = state->seen;

	if (seen & SEEN_UFFD)
		return RECORD_CLASS_UFFD;
	if (seen & SEEN_WAIT)
		return RECORD_CLASS_WAIT;
	/* Marks of userfaultfd(2) look like swapped pages, and lead to pages of files. */
	if (seen & SEEN_SWAP && !state->npages)
		return RECORD_CLASS_SWAP;
	if (seen & SEEN_NUMA)
		return RECORD_CLASS_NUMA;
	if (seen & SEEN_THP)
		return RECORD_CLASS_THP;
	if (seen & SEEN_WRITABLE && vma->vm_flags & VM_MAYSHARE)
		return RECORD_CLASS_DIRTY;
	if (seen & SEEN_WRITABLE)
		return seen & SEEN_COPIED ? RECORD_CLASS_COPY : RECORD_CLASS_REUSE;
	if (seen & SEEN_STACK)
		return RECORD_CLASS_STACK;
	return RECORD_CLASS_NOTHING;
}

static __always_inline __u32 class_of(struct vm_area_struct *vma, __u32 flags,
				      const struct fault_state *state)
{
	/* hugetlb_fault() calls some functions whose programs set SEEN_*: the VMA decides first. */
	if (vma->vm_flags & VM_HUGETLB)
		return RECORD_CLASS_HUGETLB;
	if (state->seen & SEEN_CLASS)
		return class_of_seen(vma, state);
	if (vma->vm_ops)
		return class_of_ops(vma, flags, state);
	return flags & FAULT_FLAG_WRITE ? RECORD_CLASS_ANON : RECORD_CLASS_ZERO;
}

/* The enum record_error of a fault that has failed. */
static __always_inline __u32 error_of(__u32 result, bool user)
{
	if (result & VM_FAULT_OOM)
		return RECORD_OOM;
	if (!user)
		return RECORD_EFAULT;
	return result & VM_FAULT_HWPOISON ? RECORD_POISONED : RECORD_SIGBUS;
}

#endif
