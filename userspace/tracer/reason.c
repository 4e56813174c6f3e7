// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel asks before it does what a system call about memory wants (mm/mmap.c, mm/vma.c,
 * mm/mremap.c, mm/mprotect.c).
 */
#include <string.h>
#include <sys/mman.h>
#include "aspace/vmflags.h"
#include "base/kernel_rules.h"
#include "base/proc.h"
#include "record/text.h"
#include "tracer/reason.h"

#define MAY_SHIFT	4	/* vm_flags: what mprotect(2) may add is beside what there is */
#define VM_HUGETLB	0x400000U
#define ADDRESSES_MOST	(1ULL << 56)

/**
 * reason_page_up - a size in whole pages
 * @bytes: the size
 *
 * Return: bytes; 0 where that is more than 64 bits hold
 */
__u64 reason_page_up(__u64 bytes)
{
	__u64 size = proc_page_size();

	return (bytes + size - 1) / size * size;
}

/**
 * reason_pages - how many pages the range of a call has
 * @f: the call
 */
__u64 reason_pages(const struct failure *f)
{
	return (f->end - f->start) / proc_page_size();
}

/**
 * reason_aligned - does a page begin here?
 * @addr: an address
 */
bool reason_aligned(__u64 addr)
{
	return addr % proc_page_size() == 0;
}

/**
 * reason_if - take a reason, if none was found before
 * @f: the call
 * @holds: the kernel refuses for it
 * @why: the reason
 */
void reason_if(struct failure *f, bool holds, enum record_failure why)
{
	if (!f->why && holds)
		f->why = why;
}

/**
 * reason_vma - take a VMA for the reason, if none was found before
 * @f: the call
 * @vma: the VMA, NULL if there is none that is one
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
 * reason_limit - take a limit for the reason, if it is exceeded and none was found before
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
 * reason_count - would vm.max_map_count be exceeded?
 * @f: the call
 * @more: VMAs that it needs beside those that are there
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
 * reason_mm - would RLIMIT_AS be exceeded?
 * @f: the call
 * @more: pages that it asks for
 */
void reason_mm(struct failure *f, __u64 more)
{
	__u64 size = proc_page_size();

	reason_limit(f, (f->raw->total_vm + more) * size, f->raw->limits[RAW_LIMIT_AS],
		     FAILURE_LIMIT_AS);
}

/**
 * reason_data - would RLIMIT_DATA be exceeded?
 * @f: the call
 * @more: pages that it asks for
 */
void reason_data(struct failure *f, __u64 more)
{
	__u64 size = proc_page_size();

	reason_limit(f, (f->raw->data_vm + more) * size, f->raw->limits[RAW_LIMIT_DATA],
		     FAILURE_LIMIT_DATA);
}

/**
 * reason_locked - would RLIMIT_MEMLOCK be exceeded, for who may not exceed it?
 * @f: the call
 * @more: pages that it would lock
 */
void reason_locked(struct failure *f, __u64 more)
{
	__u64 size = proc_page_size();

	if (!f->raw->may_lock)
		reason_limit(f, (f->raw->locked_vm + more) * size,
			     f->raw->limits[RAW_LIMIT_MEMLOCK], FAILURE_LIMIT_MEMLOCK);
}

/* Would more be committed than vm.overcommit_memory allows? */
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
 * Take the first address of the range without a VMA for the reason. It goes by ranges, which follow
 * each other: a damaged recording may have a VMA in two places, whose end is before the address.
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

/* The first VMA of the range, or the first for which @is holds. */
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

/* mprotect(2) may add no more than what the VMA may ever have. */
bool reason_may_not(const struct vma *vma, __u64 prot)
{
	__u64 wanted = prot & (PROT_READ | PROT_WRITE | PROT_EXEC);

	return wanted & ~(vma->image.flags >> MAY_SHIFT);
}

/**
 * reason_hole - the largest range without a VMA
 * @mm: whose
 *
 * Return: its bytes
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
 * reason_range - is the range none that a process can have?
 * @f: the call
 */
void reason_range(struct failure *f)
{
	reason_if(f, f->end < f->start || f->end > ADDRESSES_MOST, FAILURE_RANGE);
}

/**
 * reason_length - is a length 0, or more than there are addresses?
 * @f: the call
 * @length: bytes
 */
void reason_length(struct failure *f, __u64 length)
{
	reason_if(f, !length, FAILURE_LENGTH);
	reason_if(f, !reason_page_up(length), FAILURE_RANGE);
}

/* A VMA that has to be cut: where the kernel needs one VMA more. */
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
