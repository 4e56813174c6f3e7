/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A fault that a thread of a watched process is in, and what it turns out to be. Programs at rare
 * places note that they ran; a fault at which none did is of the common classes, which its VMA and
 * the access tell apart. So the common fault pays for two programs only.
 */
#ifndef MMSCOPE_BPF_FAULT_BPF_H
#define MMSCOPE_BPF_FAULT_BPF_H

#include "ring.bpf.h"

/* What ran during a fault */
#define SEEN_FELL_BACK	0x0001	/* it was tried under the VMA lock, in vain */
#define SEEN_RETRY	0x0002	/* it was, or will be, tried again */
#define SEEN_STACK	0x0004
#define SEEN_SWAP	0x0008
#define SEEN_WAIT	0x0010
#define SEEN_UFFD	0x0020
#define SEEN_NUMA	0x0040
#define SEEN_THP	0x0080
#define SEEN_WRITABLE	0x0100	/* a page that was there was made writable */
#define SEEN_COPIED	0x0200	/* ... after it was copied */
#define SEEN_THERE	0x0400	/* the entry was there, and allowed the access */
#define SEEN_ZERO	0x0800	/* what was copied was the zero page, or no page of the kernel's */
#define SEEN_OF_FILE	0x1000	/* ... or a file's */
#define SEEN_CLASS	0x07fc	/* what tells a class */
#define SEEN_MARKER	0x2000	/* what looks swapped is a marker */
#define SEEN_WHY	0x4000	/* it is known why it is refused: the detail begins with it */
#define SEEN_SWAPPED	16	/* from this bit on: how many pages came from swap */

/* The thread wants pages, and is about to fault somewhere. */
#define FAULT_ANYWHERE	(~0ULL)

/* What becomes of faults: enum fault_mode */
extern const volatile __u32 fault_mode;

/* Sums of them are kept, and no record of each is needed. */
static __always_inline bool sums_kept(void)
{
	return fault_mode == FAULTS_COUNTED || fault_mode == FAULTS_TIMED;
}

/* There is a record of each fault, also where they are summed up. */
extern const volatile bool faults_told;

/* A program is loaded that counts the page-table entries that are set. */
extern const volatile bool fault_entries;

/* A program is loaded that tells when a signal's frame has been written. */
extern const volatile bool signal_ends;

/**
 * struct fault - a fault that is over
 * @mm: id of the mm that it was in
 * @state: what is known of it
 * @vma: NULL for none
 * @addr: the address
 * @ip: user instruction
 * @flags: MMSCOPE_F_* and class
 * @npages: or error
 * @from: enum raw_from
 * @detail: of a refusal
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
 * Take the thread's state for a fault at this address. What the state has of another address
 * belongs to a fault without an end.
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

/* The fault that a program at a rare place runs in; NULL for that of an mm not watched. */
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

/* As fault_now(), for a place that does not know the address. */
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
 * Why the fault of each state is refused: enum record_refusal in the upper byte, and its figure, if
 * the state says so. Not a part of the state, which is found faster as it is.
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

/* Its VMA has operations, and no program ran that tells more. */
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

/* As enum record_error; who calls knows that it failed. */
static __always_inline __u32 error_of(__u32 result, bool user)
{
	if (result & VM_FAULT_OOM)
		return RECORD_OOM;
	if (!user)
		return RECORD_EFAULT;
	return result & VM_FAULT_HWPOISON ? RECORD_POISONED : RECORD_SIGBUS;
}

#endif
