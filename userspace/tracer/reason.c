// SPDX-License-Identifier: GPL-2.0
/*
 * The checks that the kernel makes before it does what a system call about memory asks for
 * (mm/mmap.c, mm/vma.c, mm/mremap.c, mm/mprotect.c).
 */
#include <string.h>
#include <sys/mman.h>
#include "aspace/vmflags.h"
#include "base/kernel_rules.h"
#include "base/proc.h"
#include "record/text.h"
#include "tracer/reason.h"

#define MAY_SHIFT	4	/* from VM_READ to VM_MAYREAD: rights that mprotect(2) may add */
#define VM_HUGETLB	0x400000U
#define ADDRESSES_MOST	(1ULL << 56)

/**
 * reason_page_up - round a size up to whole pages
 * @bytes: the size
 *
 * Return: bytes; 0 where 64 bits do not hold the result
 */
__u64 reason_page_up(__u64 bytes)
{
	__u64 size = proc_page_size();

	return (bytes + size - 1) / size * size;
}

/**
 * reason_pages - the number of pages in the range of a call
 * @f: the call
 */
__u64 reason_pages(const struct failure *f)
{
	return (f->end - f->start) / proc_page_size();
}

/**
 * reason_aligned - does a page begin at an address?
 * @addr: the address
 */
bool reason_aligned(__u64 addr)
{
	return addr % proc_page_size() == 0;
}

/**
 * reason_if - note a reason, unless one was noted before
 * @f: the call
 * @holds: the reason is noted only if this is true
 * @why: the reason
 */
void reason_if(struct failure *f, bool holds, enum record_failure why)
{
	if (!f->why && holds)
		f->why = why;
}

/**
 * reason_vma - note a VMA as the reason, unless one was noted before
 * @f: the call
 * @vma: the VMA; nothing is noted if it is NULL
 * @why: the reason
 */
void reason_vma(struct failure *f, const struct vma *vma, enum record_failure why)
{
	if (f->why || !vma)
		return;
	f->why = why;
	f->vma = vma;
}

/**
 * reason_limit - note a limit as the reason if it would be exceeded, unless one was noted before
 * @f: the call
 * @figure: how much there would be
 * @limit: how much there may be, in the same unit
 * @why: the reason
 */
void reason_limit(struct failure *f, __u64 figure, __u64 limit, enum record_failure why)
{
	if (f->why || figure <= limit)
		return;
	f->why = why;
	f->figure = figure;
	f->limit = limit;
}

/**
 * reason_advice - does the running kernel know an advice of madvise(2)?
 * @advice: MADV_*
 */
bool reason_advice(int advice)
{
	bool guard = !strcmp(advice_name(advice), "GUARD_INSTALL") ||
		     !strcmp(advice_name(advice), "GUARD_REMOVE");

	if (guard)
		return rules_kernel() >= KERNEL(6, 13);
	return strcmp(advice_name(advice), "unknown advice");
}

/**
 * reason_count - note vm.max_map_count as the reason if it would be exceeded
 * @f: the call
 * @more: VMAs that the call needs beside those that are there
 */
void reason_count(struct failure *f, unsigned int more)
{
	const struct raw_failed *raw = f->raw;

	if (f->why || !raw->max_map_count || raw->map_count + more <= raw->max_map_count)
		return;
	f->why = FAILURE_MAP_COUNT;
	f->figure = raw->map_count;
	f->limit = raw->max_map_count;
}

/**
 * reason_mm - note RLIMIT_AS as the reason if it would be exceeded
 * @f: the call
 * @more: pages that the call asks for
 */
void reason_mm(struct failure *f, __u64 more)
{
	__u64 size = proc_page_size();

	reason_limit(f, (f->raw->total_vm + more) * size, f->raw->limits[RAW_LIMIT_AS],
		     FAILURE_LIMIT_AS);
}

/**
 * reason_data - note RLIMIT_DATA as the reason if it would be exceeded
 * @f: the call
 * @more: pages that the call asks for
 */
void reason_data(struct failure *f, __u64 more)
{
	__u64 size = proc_page_size();

	reason_limit(f, (f->raw->data_vm + more) * size, f->raw->limits[RAW_LIMIT_DATA],
		     FAILURE_LIMIT_DATA);
}

/**
 * reason_locked - note RLIMIT_MEMLOCK as the reason if it would be exceeded, and holds for the
 *	caller
 * @f: the call
 * @more: pages that the call would lock
 */
void reason_locked(struct failure *f, __u64 more)
{
	__u64 size = proc_page_size();

	if (!f->raw->may_lock)
		reason_limit(f, (f->raw->locked_vm + more) * size,
			     f->raw->limits[RAW_LIMIT_MEMLOCK], FAILURE_LIMIT_MEMLOCK);
}

/* Note vm.overcommit_memory as the reason if it forbids that @more pages are committed. */
void reason_commit(struct failure *f, __u64 more)
{
	__u64 bytes = more * proc_page_size(), memory, swap;

	if (f->why)
		return;
	if (f->raw->overcommit == 2) {
		f->limit = proc_memory("CommitLimit:") * 1024ULL;
		f->figure = proc_memory("Committed_AS:") * 1024ULL + bytes;
		f->why = FAILURE_OVERCOMMIT;
	} else if (!f->raw->overcommit) {
		memory = proc_memory("MemTotal:") * 1024ULL;
		swap = proc_memory("SwapTotal:") * 1024ULL;
		reason_limit(f, bytes, memory + swap, FAILURE_OVERCOMMIT);
	}
}

/*
 * Note the first address of the range that has no VMA as the reason. The search goes by ranges of
 * the map, since a damaged recording may have a VMA in two places, whose end is below the address.
 */
void reason_mapped(struct failure *f)
{
	const struct map_range *range = mm_find(f->mm, f->start);
	__u64 at = f->start;

	for (; range && range->start <= at && at < f->end; range = range_above(range))
		at = range->end;
	if (f->why || at >= f->end)
		return;
	f->why = FAILURE_NOT_MAPPED;
	f->figure = at;
}

/* The first VMA of the range of a call, or the first for which @is holds; NULL for none. */
const struct vma *reason_first(const struct failure *f, reason_fn is)
{
	const struct map_range *range = mm_in(f->mm, f->start, f->end);

	for (; range && range->start < f->end; range = range_above(range))
		if (!is || is(range->vma, f->raw->args[2]))
			return range->vma;
	return NULL;
}

/**
 * reason_sealed - is a VMA sealed by mseal(2)?
 * @vma: the VMA
 * @prot: is not used
 */
bool reason_sealed(const struct vma *vma, __u64 prot)
{
	return vma->image.flags & vmflags_of_smaps("sl ");
}

/**
 * reason_huge - is a VMA of hugetlbfs?
 * @vma: the VMA
 * @prot: is not used
 */
bool reason_huge(const struct vma *vma, __u64 prot)
{
	return vma->image.flags & VM_HUGETLB;
}

/* Does mprotect(2) ask for rights that the VMA may never have? */
bool reason_may_not(const struct vma *vma, __u64 prot)
{
	__u64 wanted = prot & (PROT_READ | PROT_WRITE | PROT_EXEC);

	return wanted & ~(vma->image.flags >> MAY_SHIFT);
}

/**
 * reason_hole - the size of the largest range without a VMA
 * @mm: address space
 *
 * Return: bytes
 */
__u64 reason_hole(const struct mm *mm)
{
	const struct map_range *range;
	__u64 most = 0, at = 0, size;

	for (range = mm_first(mm); range; range = range_above(range)) {
		size = range->start - at;
		most = size > most ? size : most;
		at = range->end;
	}
	size = at < ADDRESSES ? ADDRESSES - at : 0;
	return size > most ? size : most;
}

/**
 * reason_range - note as the reason that no process can have the range of a call
 * @f: the call
 */
void reason_range(struct failure *f)
{
	reason_if(f, f->end < f->start || f->end > ADDRESSES_MOST, FAILURE_RANGE);
}

/**
 * reason_length - note as the reason that a length is 0, or larger than all addresses
 * @f: the call
 * @length: in bytes
 */
void reason_length(struct failure *f, __u64 length)
{
	reason_if(f, !length, FAILURE_LENGTH);
	reason_if(f, !reason_page_up(length), FAILURE_RANGE);
}

/*
 * Does the range begin or end inside of a VMA? Then the kernel has to cut it, and needs one more.
 */
bool reason_cuts(const struct failure *f)
{
	const struct vma *low = mm_at(f->mm, f->start);
	const struct vma *high = mm_at(f->mm, f->end - 1);

	return (low && low->start < f->start) || (high && high->end > f->end);
}

void reason_cut(struct failure *f)
{
	if (reason_cuts(f))
		reason_count(f, 1);
}
