// SPDX-License-Identifier: GPL-2.0
/*
 * An mremap, from ->open of its destination, over ->mremap, to the ->close that ends it. Hooks tell
 * nothing of it but that they are called in the same system call.
 */
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <asm/syscall.h>

#include "internal.h"

/**
 * mmscope_end_move() - no mremap is under way any more, since something else happens to its mm
 * @m: mmap_lock is held for write
 *
 * Of an mremap, the last hook is ->close, of the source, or of the destination if it fails. Where
 * neither came, mm had no memory to unmap it, and has left both.
 */
void mmscope_end_move(struct mmscope_mm *m)
{
	if (m->move.map)
		m->move.map->doubled = true;
	m->move.map = NULL;
}

/**
 * mmscope_begin_move() - an mremap has made its destination
 * @m: mmap_lock is held for write
 * @vma: the destination
 * @old: of the VMA that is moved, or a part of it
 */
void mmscope_begin_move(struct mmscope_mm *m, struct vm_area_struct *vma,
			const struct mmscope_vma *old)
{
	mmscope_end_move(m);
	m->move = (struct mmscope_move) {
		.map = old->map, .tid = current->pid,
		.nr = syscall_get_nr(current, current_pt_regs()),
		.from = old->bias + (vma->vm_pgoff << PAGE_SHIFT),
		.to = vma->vm_start, .pages = vma_pages(vma),
	};
	syscall_get_arguments(current, current_pt_regs(), m->move.args);
}

/* Is this the call that moves? Its number and arguments stay the same in a call. */
static bool same_call(const struct mmscope_move *move)
{
	unsigned long args[6];

	if (!move->map || move->tid != current->pid ||
	    move->nr != syscall_get_nr(current, current_pt_regs()))
		return false;
	syscall_get_arguments(current, current_pt_regs(), args);
	return !memcmp(args, move->args, sizeof(args));
}

/**
 * mmscope_ends_move() - does closing a VMA end the mremap under way?
 * @m: mmap_lock is held for write
 * @vma: the source, whose pages are elsewhere; or the destination, since the mremap has failed:
 *	then every page is in the source, again or still
 *
 * Return: whether it does; if so none is under way any more.
 */
bool mmscope_ends_move(struct mmscope_mm *m, struct vm_area_struct *vma)
{
	struct mmscope_move *move = &m->move;
	bool ends = vma->vm_start == move->from ? vma_pages(vma) <= move->pages :
		    vma->vm_start == move->to && vma_pages(vma) == move->pages;

	if (!ends || vma->vm_start == vma->vm_end || !same_call(move))
		return false;
	move->map = NULL;
	return true;
}

/* mremap(2) that leaves its source: MREMAP_DONTUNMAP, or the copy of a shared range (old_len 0). */
static bool keeps_source(const struct mmscope_move *move)
{
	return !move->args[1] || move->args[3] & MREMAP_DONTUNMAP;
}

/**
 * mmscope_vm_mremap() - the pages have been moved
 * @vma: where they are now. In growable mappings this may be an old VMA that the copy merged with.
 *
 * Return: 0
 */
int mmscope_vm_mremap(struct vm_area_struct *vma)
{
	struct mmscope_vma *v = vma->vm_private_data;
	struct mmscope_event e;

	if (!v)
		return 0;
	e = mmscope_range_event(MMSCOPE_MREMAP, vma);
	if (v != &mmscope_orphan && v->mm->move.map == v->map) {
		struct mmscope_move *move = &v->mm->move;

		e.aux = move->from;
		/* The source is kept: no ->close comes. Only growable mappings move so. */
		if (keeps_source(move))
			move->map = NULL;
	}
	mmscope_record_vma(vma, &e);
	return 0;
}
