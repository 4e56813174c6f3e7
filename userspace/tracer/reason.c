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
 * @area: the VMA, NULL if there is none that is one
 * @why: the reason
 */
void reason_vma(struct failure *f, const struct area *area, enum record_failure why)
{
	if (f->why || !area)
		return;
	f->why = why;
	f->area = area;
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
 * reason_space - would RLIMIT_AS be exceeded?
 * @f: the call
 * @more: pages that it asks for
 */
void reason_space(struct failure *f, __u64 more)
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
 * Take the first address of the range without a VMA for the reason. It goes by pieces, which follow
 * each other: a damaged recording may have a VMA in two places, whose end is before the address.
 */
void reason_mapped(struct failure *f)
{
	const struct piece *piece = space_find(f->space, f->start);
	__u64 at = f->start;

	for (; piece && piece->start <= at && at < f->end; piece = piece_above(piece))
		at = piece->end;
	if (f->why || at >= f->end)
		return;
	f->why = FAILURE_NOT_MAPPED;
	f->figure = at;
}

/* The first VMA of the range, or the first for which @is holds. */
const struct area *reason_first(const struct failure *f, reason_fn is)
{
	const struct piece *piece = space_in(f->space, f->start, f->end);

	for (; piece && piece->start < f->end; piece = piece_above(piece))
		if (!is || is(piece->area, f->raw->args[2]))
			return piece->area;
	return NULL;
}

/**
 * reason_sealed - is a VMA sealed by mseal(2)?
 * @area: the VMA
 * @prot: is not used
 */
bool reason_sealed(const struct area *area, __u64 prot)
{
	return area->image.flags & vmflags_of_smaps("sl ");
}

/**
 * reason_huge - is a VMA of hugetlbfs?
 * @area: the VMA
 * @prot: is not used
 */
bool reason_huge(const struct area *area, __u64 prot)
{
	return area->image.flags & VM_HUGETLB;
}

/* mprotect(2) may add no more than what the VMA may ever have. */
bool reason_may_not(const struct area *area, __u64 prot)
{
	__u64 wanted = prot & (PROT_READ | PROT_WRITE | PROT_EXEC);

	return wanted & ~(area->image.flags >> MAY_SHIFT);
}

/**
 * reason_hole - the largest range without a VMA
 * @space: whose
 *
 * Return: its bytes
 */
__u64 reason_hole(const struct space *space)
{
	const struct piece *piece;
	__u64 most = 0, at = 0, size;

	for (piece = space_first(space); piece; piece = piece_above(piece)) {
		size = piece->start - at;
		most = size > most ? size : most;
		at = piece->end;
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
	const struct area *low = space_at(f->space, f->start);
	const struct area *high = space_at(f->space, f->end - 1);

	return (low && low->start < f->start) || (high && high->end > f->end);
}

void reason_cut(struct failure *f)
{
	if (reason_cuts(f))
		reason_count(f, 1);
}
