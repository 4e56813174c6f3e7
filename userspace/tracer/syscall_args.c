// SPDX-License-Identifier: GPL-2.0
/*
 * What a change was meant to be: the arguments of the system call that makes it.
 */
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include "aspace/aspace.h"
#include "base/proc.h"
#include "tracer/queue.h"
#include "tracer/syscall_args.h"

static __u64 asked_end(const struct raw_vma *raw)
{
	__u64 size = proc_page_size();

	return (raw->args[0] + raw->args[1] + size - 1) & -size;
}

/**
 * call_maps_over - did the caller ask for something else to be put where this VMA is?
 * @raw: a change
 * @vma: the VMA
 */
bool call_maps_over(const struct raw_vma *raw, const struct vma *vma)
{
	switch (raw->e.cause) {
	case SYS_mmap:
		return raw->args[3] & MAP_FIXED && vma->start >= raw->args[0] &&
		       vma->end <= asked_end(raw);
	case SYS_shmat:
		return raw->args[2] & SHM_REMAP;
	case SYS_remap_file_pages:
		return true;
	}
	return false;
}

/**
 * call_shifts_stack - may this be exec that reaches for where the stack is to be?
 * @raw: a change
 * @mm: in whose map
 * @vma: the VMA
 *
 * It makes the first stack at the end of the address space, and moves it when it knows better, by a
 * page or by 16 GiB: the VMA covers both places for a moment. A stack that only grows looks the
 * same until the next record: then it is complete.
 */
bool call_shifts_stack(const struct raw_vma *raw, const struct mm *mm,
		       const struct vma *vma)
{
	/* Where the stack begins is told when exec is done. */
	return !mm->stack && raw->vma.flags & RAW_VM_GROWSDOWN &&
	       raw->e.end == vma->end && raw->e.start < vma->start;
}

/**
 * call_moves - a destination was made: is it that of an mremap(2)?
 * @raw: the change
 * @mm: is to know what will leave
 */
void call_moves(const struct raw_vma *raw, struct mm *mm)
{
	if (raw->e.cause != SYS_mremap || raw->args[3] & MREMAP_DONTUNMAP)
		return;
	mm->move = (struct move){
		.tid = raw->e.tid,
		.call = raw->e.aux,
		.start = raw->args[0],
		.end = asked_end(raw),
	};
}

/**
 * call_moved - does this VMA go because its pages have been moved?
 * @mm: whose
 * @vma: the VMA
 */
bool call_moved(const struct mm *mm, const struct vma *vma)
{
	const struct mmscope_event *now = queue_raw();
	const struct move *move = &mm->move;

	return move->end && move->tid == now->tid && move->call == now->aux &&
	       vma->start >= move->start && vma->end <= move->end;
}

/**
 * call_protects - were rights asked for?
 * @raw: a change
 */
bool call_protects(const struct raw_vma *raw)
{
	return raw->e.cause == SYS_mprotect || raw->e.cause == SYS_pkey_mprotect;
}

/**
 * call_limit - let a record tell of what was asked for, where the VMA is larger
 * @raw: the change
 * @e: the record, with the range of the VMA
 */
void call_limit(const struct raw_vma *raw, struct mmscope_event *e)
{
	__u64 from = raw->args[0], to = asked_end(raw);

	if (!call_protects(raw))
		return;
	if (from > e->start && from < e->end)
		e->start = from;
	if (to < e->end && to > e->start)
		e->end = to;
}
