// SPDX-License-Identifier: GPL-2.0
/*
 * Why mmap(2), munmap(2) and mremap(2) failed.
 */
#include <errno.h>
#include <sys/mman.h>
#include "base/proc.h"
#include "tracer/reason.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

#define FMODE_READ	1U
#define FMODE_WRITE	2U
#define F_SEAL_WRITE	0x0008U
#define F_SEAL_FUTURE_WRITE 0x0010U
#define LOWEST		(1ULL << 16)	/* vm.mmap_min_addr, as it is set almost everywhere */

/*
 * The number of pages that a call adds: those of its range but for those that MAP_FIXED replaces.
 */
static __u64 added(const struct failure *f, bool fixed)
{
	const struct map_range *range = mm_in(f->mm, f->start, f->end);
	__u64 there = 0;

	for (; fixed && range && range->start < f->end; range = range_above(range)) {
		__u64 start = range->start > f->start ? range->start : f->start;
		__u64 end = range->end < f->end ? range->end : f->end;

		there += end - start;
	}
	return reason_pages(f) - there / proc_page_size();
}

void failure_file(struct failure *f, __u64 prot, bool shared)
{
	const struct raw_failed *raw = f->raw;

	reason_if(f, !raw->has_file && f->error == EBADF, FAILURE_FD);
	if (!raw->has_file)
		return;
	if (shared && prot & PROT_WRITE) {
		reason_if(f, raw->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE), FAILURE_FILE_SEAL);
		reason_if(f, !(raw->file_mode & FMODE_WRITE), FAILURE_FILE_MODE);
	}
	reason_if(f, !(raw->file_mode & FMODE_READ), FAILURE_FILE_MODE);
	reason_if(f, prot & PROT_EXEC && raw->no_exec, FAILURE_NO_EXEC);
	reason_if(f, raw->no_mmap, FAILURE_NO_MMAP);
}

static void why_no_memory_mapped(struct failure *f)
{
	const __u64 *args = f->raw->args;
	bool fixed = args[3] & (MAP_FIXED | MAP_FIXED_NOREPLACE);
	bool shared = args[3] & MAP_SHARED, write = args[2] & PROT_WRITE;
	__u64 more = added(f, fixed);

	reason_if(f, !reason_page_up(args[1]), FAILURE_RANGE);
	reason_count(f, 0);
	reason_if(f, fixed && f->end > ADDRESSES, FAILURE_RANGE);
	reason_if(f, !fixed && reason_page_up(args[1]) > reason_hole(f->mm), FAILURE_NO_HOLE);
	reason_mm(f, more);
	if (write && !shared)
		reason_data(f, more);
	reason_if(f, args[3] & MAP_HUGETLB, FAILURE_NO_HUGE);
	if (write || shared)
		reason_commit(f, more);
}

static bool is_of_file(int error)
{
	return error == EBADF || error == EACCES || error == EPERM || error == ENODEV;
}

void failure_mmap(struct failure *f)
{
	const __u64 *args = f->raw->args;
	bool fixed = args[3] & (MAP_FIXED | MAP_FIXED_NOREPLACE);
	bool shared = args[3] & MAP_SHARED;

	reason_if(f, f->error == EINVAL && !reason_aligned(args[5]), FAILURE_ALIGNMENT);
	reason_if(f, !args[1], FAILURE_LENGTH);
	if (!(args[3] & MAP_ANONYMOUS) && is_of_file(f->error))
		failure_file(f, args[2], shared);
	switch (f->error) {
	case EINVAL:
		reason_if(f, fixed && !reason_aligned(args[0]), FAILURE_ALIGNMENT);
		reason_if(f, true, FAILURE_FLAGS);
		break;
	case EEXIST:
		reason_vma(f, reason_first(f, NULL), FAILURE_OBSTACLE);
		break;
	case ENOMEM:
		why_no_memory_mapped(f);
		break;
	case EAGAIN:
		reason_locked(f, reason_pages(f));
		break;
	case EPERM:
		if (args[3] & MAP_LOCKED)
			reason_locked(f, reason_pages(f));
		reason_vma(f, reason_first(f, reason_sealed), FAILURE_SEALED);
		reason_if(f, f->end <= f->start + ADDRESSES && f->start < LOWEST, FAILURE_LOW);
		break;
	case EOVERFLOW:
		reason_if(f, true, FAILURE_OFFSET);
		break;
	case EOPNOTSUPP:
		reason_if(f, true, FAILURE_FLAGS);
		break;
	}
}

void failure_munmap(struct failure *f)
{
	reason_if(f, !reason_aligned(f->raw->args[0]), FAILURE_ALIGNMENT);
	reason_length(f, f->raw->args[1]);
	reason_range(f);
	reason_vma(f, f->error == EPERM ? reason_first(f, reason_sealed) : NULL, FAILURE_SEALED);
	reason_vma(f, f->error == EINVAL ? reason_first(f, reason_huge) : NULL,
		   FAILURE_HUGE_ALIGNMENT);
	if (f->error == ENOMEM)
		reason_cut(f);
}

/*
 * Why mremap(2) returns ENOMEM. The kernel refuses a move unless six more VMAs may be made, since
 * source and destination may have to be cut on both sides (mm/mremap.c).
 */
static void why_no_memory_moved(struct failure *f, const struct vma *vma)
{
	const __u64 *args = f->raw->args;
	__u64 old = reason_page_up(args[1]), new = reason_page_up(args[2]), size = proc_page_size();
	__u64 more = new > old ? (new - old) / size : 0;

	reason_if(f, !new || new > ADDRESSES, FAILURE_RANGE);
	if (more && !(args[3] & MREMAP_MAYMOVE))
		f->start = f->end;
	f->end = args[0] + new;
	reason_mm(f, more);
	if (vma && vma->image.flags & PROT_WRITE && !(vma->image.flags & RAW_VM_MAYSHARE))
		reason_data(f, more);
	if (!(args[3] & MREMAP_MAYMOVE))
		reason_vma(f, reason_first(f, NULL), FAILURE_OBSTACLE);
	reason_count(f, 6);
	reason_if(f, new > reason_hole(f->mm), FAILURE_NO_HOLE);
	reason_commit(f, more);
}

static void why_no_source(struct failure *f, const struct vma *vma)
{
	reason_if(f, !vma, FAILURE_NOT_MAPPED);
	if (f->why == FAILURE_NOT_MAPPED)
		f->figure = f->start;
	if (vma && f->end > vma->end && mm_at(f->mm, vma->end))
		reason_vma(f, mm_at(f->mm, vma->end), FAILURE_TWO);
	reason_mapped(f);
	reason_vma(f, vma && vma->image.flags & RAW_VM_SPECIAL ? vma : NULL, FAILURE_SPECIAL);
}

void failure_mremap(struct failure *f)
{
	const struct vma *vma = mm_at(f->mm, f->start);
	const __u64 *args = f->raw->args, known = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP;
	bool fixed = args[3] & MREMAP_FIXED, to = fixed || args[3] & MREMAP_DONTUNMAP;
	__u64 more;

	switch (f->error) {
	case EINVAL:
		reason_if(f, args[3] & ~known || (to && !(args[3] & MREMAP_MAYMOVE)),
			  FAILURE_FLAGS);
		reason_if(f, !reason_aligned(args[0]) || (fixed && !reason_aligned(args[4])),
			  FAILURE_ALIGNMENT);
		reason_if(f, !args[2], FAILURE_LENGTH);
		reason_if(f, args[3] & MREMAP_DONTUNMAP && args[1] != args[2], FAILURE_LENGTH);
		reason_if(f, fixed && args[4] < args[0] + args[1] && args[0] < args[4] + args[2],
			  FAILURE_OVERLAP);
		reason_if(f, fixed && args[4] + args[2] > ADDRESSES, FAILURE_RANGE);
		reason_vma(f, vma && vma->image.flags & RAW_VM_SPECIAL ? vma : NULL,
			   FAILURE_SPECIAL);
		reason_if(f, !args[1], FAILURE_LENGTH);
		break;
	case EFAULT:
		why_no_source(f, vma);
		break;
	case EPERM:
		reason_vma(f, reason_first(f, reason_sealed), FAILURE_SEALED);
		f->start = args[4];
		f->end = args[4] + reason_page_up(args[2]);
		reason_vma(f, fixed ? reason_first(f, reason_sealed) : NULL, FAILURE_SEALED);
		break;
	case EAGAIN:
		more = reason_page_up(args[2]) - reason_page_up(args[1]);
		reason_locked(f, more / proc_page_size());
		break;
	case ENOMEM:
		why_no_memory_moved(f, vma);
		break;
	}
}
