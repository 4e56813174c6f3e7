// SPDX-License-Identifier: GPL-2.0
/*
 * mmap() of the device, and the tables of hooks. A const table per combination in use, since it is
 * the presence of a hook that tells mm something: page_mkwrite makes shared writable entries start
 * read-only, and map_pages says that ->fault does not need mmap_lock (6.4+).
 */
#include <linux/compat.h>
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <asm/syscall.h>

#include "internal.h"

/**
 * mmscope_cause() - who is behind a hook: an annotation, never the source of a range
 * @mm: whose memory it is about
 *
 * Hooks run in the context of the system call or fault that needs them, but for the end of an mm,
 * which any task may run, and kernel threads, whose registers are stale.
 *
 * Return: number of the running system call, or MMSCOPE_CAUSE_*
 */
s16 mmscope_cause(const struct mm_struct *mm)
{
	int nr;

	if (!atomic_read(&mm->mm_users))
		return MMSCOPE_CAUSE_TEARDOWN;
	if (current->flags & (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER))
		return MMSCOPE_CAUSE_KTHREAD;
	nr = syscall_get_nr(current, current_pt_regs());
	if (nr < 0)
		return MMSCOPE_CAUSE_USER;
	return in_compat_syscall() ? MMSCOPE_CAUSE_COMPAT : nr;
}

/**
 * mmscope_rights() - vm_flags as flags of a record
 * @vm_flags: VM_*
 *
 * Return: MMSCOPE_F_READ, WRITE, EXEC and SHARED
 */
u32 mmscope_rights(vm_flags_t vm_flags)
{
	return (vm_flags & VM_READ ? MMSCOPE_F_READ : 0) |
	       (vm_flags & VM_WRITE ? MMSCOPE_F_WRITE : 0) |
	       (vm_flags & VM_EXEC ? MMSCOPE_F_EXEC : 0) |
	       (vm_flags & VM_SHARED ? MMSCOPE_F_SHARED : 0);
}

/**
 * mmscope_range_event() - a record about a VMA
 * @type: below MMSCOPE_FAULT
 * @vma: vm_private_data is its identity, or the orphan
 *
 * Return: record for mmscope_record(), about all of @vma
 */
struct mmscope_event mmscope_range_event(u32 type, const struct vm_area_struct *vma)
{
	const struct mmscope_vma *v = vma->vm_private_data;

	return (struct mmscope_event) {
		.type = type, .flags = mmscope_rights(vma->vm_flags),
		.cause = mmscope_cause(vma->vm_mm), .vma = v->id, .parent = v->parent,
		.start = vma->vm_start, .end = vma->vm_end, .aux = vma->vm_pgoff,
	};
}

/*
 * Maps nothing: our pages are given in ->fault. It is there because mm tries a fault under the VMA
 * lock only for VMAs that have it: vmf_can_call_fault() in mm/memory.c.
 */
static vm_fault_t mmscope_vm_map_pages(struct vm_fault *vmf, pgoff_t start, pgoff_t end)
{
	return 0;
}

#define VMA_HOOKS					\
	.open		= mmscope_vm_open,		\
	.close		= mmscope_vm_close,		\
	.may_split	= mmscope_vm_may_split,		\
	.mremap		= mmscope_vm_mremap,		\
	.mprotect	= mmscope_vm_mprotect,		\
	.fault		= mmscope_vm_fault

#define MKWRITE_HOOK	.page_mkwrite = mmscope_vm_page_mkwrite
#define VMA_LOCK_HOOK	.map_pages = mmscope_vm_map_pages
#define PFN_HOOKS					\
	.pfn_mkwrite	= mmscope_vm_pfn_mkwrite,	\
	.access		= mmscope_vm_access

static const struct vm_operations_struct vm_ops = { VMA_HOOKS, VMA_LOCK_HOOK };
static const struct vm_operations_struct vm_ops_no_vma_lock = { VMA_HOOKS };
static const struct vm_operations_struct vm_ops_mkwrite = {
	VMA_HOOKS, VMA_LOCK_HOOK, MKWRITE_HOOK
};

static const struct vm_operations_struct vm_ops_mkwrite_no_vma_lock = { VMA_HOOKS, MKWRITE_HOOK };
static const struct vm_operations_struct vm_ops_pfn = { VMA_HOOKS, VMA_LOCK_HOOK, PFN_HOOKS };
static const struct vm_operations_struct vm_ops_pfn_no_vma_lock = { VMA_HOOKS, PFN_HOOKS };

static const struct vm_operations_struct *choose_ops(const struct mmscope_file *f)
{
	bool vma_lock = !(f->flags & MMSCOPE_NO_VMA_LOCK);

	if (f->backing == MMSCOPE_PFN)
		return vma_lock ? &vm_ops_pfn : &vm_ops_pfn_no_vma_lock;
	if (f->flags & MMSCOPE_MKWRITE_NOTIFY)
		return vma_lock ? &vm_ops_mkwrite : &vm_ops_mkwrite_no_vma_lock;
	return vma_lock ? &vm_ops : &vm_ops_no_vma_lock;
}

/*
 * VM_DONTEXPAND makes mm ask us about every change on every kernel; it alone forbids merges (it is
 * in VM_SPECIAL). A growable mapping has no flag at all: with VM_DONTDUMP alone, 6.12 merges a new
 * VMA after ->mmap and frees it without ->close.
 */
static vm_flags_t choose_flags(const struct mmscope_file *f)
{
	vm_flags_t flags = VM_DONTEXPAND | VM_DONTDUMP;

	if (f->flags & MMSCOPE_GROWABLE)
		return 0;
	if (f->backing == MMSCOPE_PFN)
		flags |= VM_PFNMAP;
	if (f->flags & (MMSCOPE_EAGER | MMSCOPE_AROUND))
		flags |= VM_MIXEDMAP;
	return flags;
}

/* The first mmap() settles the file's behaviour; without SETUP, the default. */
static int settle(struct mmscope_file *f)
{
	struct mmscope_store store;
	int err = 0;

	mutex_lock(&f->setup_lock);
	if (!f->store.pages) {
		err = mmscope_store_setup(&store, MMSCOPE_PAGE, false, mmscope_max_pages);
		if (!err)
			mmscope_store_swap(&f->store, &store);
	}
	if (!err)
		f->mapped = true;
	mutex_unlock(&f->setup_lock);
	return err;
}

static int check_range(const struct mmscope_store *store, struct vm_area_struct *vma)
{
	unsigned long end;

	if (check_add_overflow(vma->vm_pgoff, vma_pages(vma), &end) || end > store->pages)
		return -EINVAL;
	return 0;
}

/* All pages at once. On error mm unmaps those that were inserted. */
static int insert_all(struct mmscope_file *f, struct vm_area_struct *vma, struct mmscope_map *map)
{
	unsigned long i;

	for (i = 0; i < vma_pages(vma); i++) {
		unsigned long pgoff = vma->vm_pgoff + i;
		int err = mmscope_store_insert(&f->store, vma, vma->vm_start + i * PAGE_SIZE,
					       pgoff);

		if (err)
			return err;
		if (map)
			mmscope_map_give(map, pgoff, mmscope_dropping(f));
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static int map_recorded(struct mmscope_file *f, struct vm_area_struct *vma, struct mmscope_mm *m)
{
	unsigned long pages = vma_pages(vma);
	struct mmscope_map *map;
	struct mmscope_vma *v;
	struct mmscope_event e;
	int err = 0;

	map = mmscope_map_create(m, vma->vm_pgoff, f->flags & MMSCOPE_GROWABLE ? 0 : pages);
	if (!map)
		return -ENOMEM;
	v = mmscope_vma_create(map, vma, MMSCOPE_MMAP, 0);
	if (!v) {
		mmscope_map_put(map);
		return -ENOMEM;
	}
	vma->vm_private_data = v;
	e = mmscope_range_event(MMSCOPE_MMAP, vma);
	if (f->flags & MMSCOPE_EAGER) {
		/* mm makes entries read-only for page_mkwrite after ->mmap: too late for EAGER. */
		if (f->flags & MMSCOPE_MKWRITE_NOTIFY)
			vma->vm_page_prot = vm_get_page_prot(vma->vm_flags & ~VM_SHARED);
		err = insert_all(f, vma, map);
		e.pages = pages;
	}
	if (err) {
		mmscope_map_take(map, vma->vm_pgoff, pages, mmscope_dropping(f));
		mmscope_vma_unlink(v);
		mmscope_vma_free(v);
		return err;
	}
	mmscope_end_move(m);
	mmscope_record(m, &e, f->flags);
	return 0;
}

/**
 * mmscope_vm_mmap() - f_op->mmap: a new VMA, not in the tree yet
 * @file: the device
 * @vma: its flags and range are mm's; mmap_lock is held for write
 *
 * Not called where mm merges the new range into a neighbour (growable mappings, 6.12 on).
 *
 * Return: 0 or the errors that uapi/linux/mmscope.h lists; then nothing is left behind, and mm
 * calls no hook of ours.
 */
int mmscope_vm_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct mmscope_file *f = file->private_data;
	struct mmscope_mm *m;
	int err = settle(f) ?: check_range(&f->store, vma);

	if (err)
		return err;
	/* Copy on write needs struct pages: vmf_insert_pfn() would BUG. */
	if (f->backing == MMSCOPE_PFN && (vma->vm_flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE)
		return -EOPNOTSUPP;
	vm_flags_set(vma, choose_flags(f));
	vma->vm_ops = choose_ops(f);
	vma->vm_private_data = NULL;
	if (f->flags & MMSCOPE_QUIET)
		return f->flags & MMSCOPE_EAGER ? insert_all(f, vma, NULL) : 0;

	m = mmscope_mm_get(vma->vm_mm, current, NULL);
	if (!m)
		return -ENOMEM;
	err = map_recorded(f, vma, m);
	mmscope_mm_release(m);
	return err;
}
