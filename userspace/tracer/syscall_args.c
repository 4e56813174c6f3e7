// SPDX-License-Identifier: GPL-2.0
/*
 * The arguments of the system call that changes VMAs: they say what the change was meant to be.
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
 * call_maps_over - did the running call ask for a mapping where a VMA is?
 * @raw: raw record of a change that the call made
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
 * call_shifts_stack - may a change be that execve(2) moves the first stack?
 * @raw: raw record of the change
 * @mm: address space of the VMA
 * @vma: VMA that is stored over more than it had
 *
 * execve(2) makes the first stack at the end of the address space. When it knows where the stack is
 * to be it moves the VMA, by a page or by 16 GiB (shift_arg_pages()): the VMA covers both places
 * for a moment. A stack that only grows looks the same until the next raw record, which says that
 * the VMA is complete.
 */
bool call_shifts_stack(const struct raw_vma *raw, const struct mm *mm,
		       const struct vma *vma)
{
	/* mm->stack is set when execve(2) is done. */
	return !mm->stack && raw->vma.flags & RAW_VM_GROWSDOWN &&
	       raw->e.end == vma->end && raw->e.start < vma->start;
}

/**
 * call_moves - if a change made the destination of an mremap(2), note what is going to move there
 * @raw: raw record of the change
 * @mm: its @move becomes the source of the mremap(2)
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
 * call_moved - does a VMA go because mremap(2) has moved its pages?
 * @mm: address space of the VMA
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
 * call_protects - is the running call one that changes rights?
 * @raw: raw record of a change that the call made
 */
bool call_protects(const struct raw_vma *raw)
{
	return raw->e.cause == SYS_mprotect || raw->e.cause == SYS_pkey_mprotect;
}

/**
 * call_limit - cut the range of a record to what the running call asked for, if the call sets
 *	rights
 * @raw: raw record of the change
 * @e: record with the range of the VMA, which may be larger
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
