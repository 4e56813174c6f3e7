// SPDX-License-Identifier: GPL-2.0
/*
 * Why a system call about memory failed. The kernel returns the same errno for many reasons. So its
 * checks are done again here, in its order, with the limits as they were and the VMAs as they are
 * known: the first check that fails is the reason.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include "base/new_syscalls.h"
#include "base/proc.h"
#include "record/record.h"
#include "tracer/failure.h"
#include "tracer/queue.h"
#include "tracer/reason.h"

#define VM_LOCKED	0x2000U
#define STACK_GAP	256	/* pages between a stack and what is below */
#define UFFDIO_COPY_NR	0x03U	/* <linux/userfaultfd.h>: these have a source before the size */
#define UFFDIO_MOVE_NR	0x05U
#define UFFDIO_API_NR	0x3fU

static void why_not_permitted(struct failure *f)
{
	const struct vma *vma = reason_first(f, reason_may_not);
	__u64 prot = f->raw->args[2];

	if (!vma)
		return;
	if (mm_at(f->mm, f->start) == vma)
		failure_file(f, prot, vma->image.flags & RAW_VM_MAYSHARE);
	reason_vma(f, vma, FAILURE_FILE_MODE);
	f->vma = vma;
}

static void why_mprotect(struct failure *f)
{
	const __u64 *args = f->raw->args;
	bool known = !(args[2] & ~(__u64)(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_GROWSDOWN |
					  PROT_GROWSUP));

	reason_if(f, !reason_aligned(args[0]), FAILURE_ALIGNMENT);
	switch (f->error) {
	case EINVAL:
		reason_if(f, !known, FAILURE_FLAGS);
		reason_if(f, f->raw->e.cause == SYS_pkey_mprotect, FAILURE_PKEY);
		reason_if(f, true, FAILURE_FLAGS);
		break;
	case EPERM:
		reason_vma(f, reason_first(f, reason_sealed), FAILURE_SEALED);
		break;
	case EACCES:
		why_not_permitted(f);
		break;
	case ENOMEM:
		reason_range(f);
		reason_if(f, !mm_at(f->mm, f->start), FAILURE_NOT_MAPPED);
		if (f->why == FAILURE_NOT_MAPPED)
			f->figure = f->start;
		reason_cut(f);
		reason_mapped(f);
		if (args[2] & PROT_WRITE) {
			reason_data(f, reason_pages(f));
			reason_commit(f, reason_pages(f));
		}
		break;
	}
}

static void why_madvise(struct failure *f)
{
	reason_if(f, !reason_aligned(f->raw->args[0]), FAILURE_ALIGNMENT);
	reason_range(f);
	switch (f->error) {
	case ENOMEM:
		reason_cut(f);
		reason_mapped(f);
		break;
	case EPERM:
		reason_vma(f, reason_first(f, reason_sealed), FAILURE_SEALED);
		break;
	case EINVAL:
	case EBADF:
	case EACCES:
	case EFAULT:
	case EHWPOISON:
		reason_if(f, !reason_advice(f->raw->args[2]), FAILURE_FLAGS);
		reason_vma(f, reason_first(f, NULL), FAILURE_KIND);
		break;
	case EAGAIN:
	case EBUSY:
		reason_vma(f, reason_first(f, NULL), FAILURE_BUSY);
		break;
	}
}

/*
 * Why brk(2) fails. Its argument is where the heap is to end; the limit of data counts all data of
 * the process.
 */
static void why_brk(struct failure *f)
{
	__u64 asked = f->raw->args[0], start = f->mm->brk_start, now = f->raw->result;
	const struct vma *heap = mm_at(f->mm, now - 1);
	__u64 more;

	f->start = reason_page_up(now);
	f->end = reason_page_up(asked);
	reason_if(f, asked < start, FAILURE_LOW_HEAP);
	if (f->why == FAILURE_LOW_HEAP) {
		f->start = asked;
		f->end = asked;
		f->figure = start;
	}
	if (asked < now)
		return;
	more = reason_pages(f);
	reason_limit(f, asked - start + f->raw->data_size, f->raw->limits[RAW_LIMIT_DATA],
		     FAILURE_LIMIT_DATA);
	if (heap && heap->image.flags & VM_LOCKED)
		reason_locked(f, more);
	f->end += proc_page_size();
	reason_vma(f, reason_first(f, NULL), FAILURE_OBSTACLE);
	f->end -= proc_page_size();
	reason_mm(f, more);
	reason_data(f, more);
	reason_count(f, 0);
	reason_commit(f, more);
}

/* The number of pages in the range of a call that are not locked yet. */
static __u64 unlocked(const struct failure *f)
{
	const struct map_range *range = mm_in(f->mm, f->start, f->end);
	__u64 locked = 0;

	for (; range && range->start < f->end; range = range_above(range)) {
		__u64 start = range->start > f->start ? range->start : f->start;
		__u64 end = range->end < f->end ? range->end : f->end;

		if (range->vma->image.flags & VM_LOCKED)
			locked += end - start;
	}
	return reason_pages(f) - locked / proc_page_size();
}

static void why_mlock(struct failure *f)
{
	bool lock = f->raw->e.cause != SYS_munlock;

	reason_if(f, f->error == EINVAL && f->raw->e.cause == SYS_mlock2 && f->raw->args[2] & ~1ULL,
		  FAILURE_FLAGS);
	if (f->error == EINVAL || f->error == ENOMEM)
		reason_range(f);
	if (f->error != ENOMEM && f->error != EPERM)
		return;
	if (lock)
		reason_locked(f, unlocked(f));
	reason_cut(f);
	reason_mapped(f);
}

static void why_mlockall(struct failure *f)
{
	reason_if(f, f->error == EINVAL, FAILURE_FLAGS);
	if (f->raw->may_lock)
		return;
	if (f->error == EPERM || f->error == ENOMEM)
		reason_limit(f, f->raw->total_vm * proc_page_size(),
			     f->raw->limits[RAW_LIMIT_MEMLOCK], FAILURE_LIMIT_MEMLOCK);
}

static void why_mseal(struct failure *f)
{
	reason_if(f, f->error == EINVAL && f->raw->args[2], FAILURE_FLAGS);
	reason_if(f, !reason_aligned(f->raw->args[0]), FAILURE_ALIGNMENT);
	reason_range(f);
	if (f->error != ENOMEM)
		return;
	reason_mapped(f);
	reason_cut(f);
}

static void why_userfaultfd(struct failure *f)
{
	reason_if(f, f->error == EINVAL, FAILURE_FLAGS);
	reason_if(f, f->error == EPERM, FAILURE_RIGHT);
}

/*
 * Why a request to a userfaultfd fails. Its argument begins with a range, or with a destination and
 * a source.
 */
static void why_uffd_ioctl(struct failure *f)
{
	const __u64 *copied = f->raw->copied;

	switch (f->error) {
	case EINVAL:
		reason_if(f, !reason_aligned(copied[0]) || !reason_aligned(copied[1]),
			  FAILURE_ALIGNMENT);
		reason_if(f, f->end == f->start, FAILURE_LENGTH);
		reason_mapped(f);
		reason_vma(f, reason_first(f, NULL), FAILURE_KIND);
		break;
	case EEXIST:
		reason_if(f, true, FAILURE_PAGE_THERE);
		break;
	case ENOENT:
		reason_mapped(f);
		reason_vma(f, reason_first(f, NULL), FAILURE_NOT_REGISTERED);
		break;
	case EBUSY:
		reason_vma(f, reason_first(f, NULL), FAILURE_OTHER_UFFD);
		break;
	case EAGAIN:
		reason_if(f, true, FAILURE_BUSY);
		break;
	case ENOTTY:
		reason_if(f, true, FAILURE_FLAGS);
		break;
	}
}

/* Find the range that a call is about, by its arguments. */
static void find_range(struct failure *f)
{
	const __u64 *args = f->raw->args, *copied = f->raw->copied;
	unsigned int nr = args[1] & 0xff;
	__u64 size = args[1];

	f->start = args[0];
	switch (f->raw->e.cause) {
	case SYS_brk:
	case SYS_mlockall:
	case SYS_userfaultfd:
		f->start = 0;
		size = 0;
		break;
	case SYS_ioctl:
		f->start = nr == UFFDIO_API_NR ? 0 : copied[0];
		size = nr == UFFDIO_COPY_NR || nr == UFFDIO_MOVE_NR ? copied[2] :
		       nr == UFFDIO_API_NR ? 0 : copied[1];
		break;
	case SYS_mlock:
	case SYS_mlock2:
	case SYS_munlock:
		size += f->start % proc_page_size();
		f->start -= f->start % proc_page_size();
		break;
	}
	f->end = f->start + reason_page_up(size);
}

static void find_why(struct failure *f)
{
	reason_if(f, f->error == EINTR, FAILURE_SIGNAL);
	switch (f->raw->e.cause) {
	case SYS_mmap:
		failure_mmap(f);
		break;
	case SYS_munmap:
		failure_munmap(f);
		break;
	case SYS_mremap:
		failure_mremap(f);
		break;
	case SYS_mprotect:
	case SYS_pkey_mprotect:
		why_mprotect(f);
		break;
	case SYS_madvise:
		why_madvise(f);
		break;
	case SYS_brk:
		why_brk(f);
		break;
	case SYS_mlock:
	case SYS_mlock2:
	case SYS_munlock:
		why_mlock(f);
		break;
	case SYS_mlockall:
		why_mlockall(f);
		break;
	case SYS_mseal:
		why_mseal(f);
		break;
	case SYS_userfaultfd:
		why_userfaultfd(f);
		break;
	case SYS_ioctl:
		why_uffd_ioctl(f);
		break;
	}
}

/**
 * failure_tell - make the record RECORD_FAILED of a system call
 * @mm: address space that the call was about
 * @raw: the call, its result, and the limits at that time
 */
void failure_tell(struct mm *mm, const struct raw_failed *raw)
{
	struct failure f = {
		.raw = raw,
		.mm = mm,
		.error = raw->e.cause == SYS_brk ? ENOMEM : -raw->result,
	};
	struct record_extra *extra;
	struct mmscope_event *e;
	__u64 start, end;

	find_range(&f);
	start = f.start;
	end = f.end;
	find_why(&f);
	if (raw->e.cause == SYS_brk) {
		start = f.start;
		end = f.end;
	}
	e = queue_add(RECORD_FAILED, mm, f.vma);
	e->flags = RECORD_F_WHOLE | MMSCOPE_F_ERROR;
	e->start = start;
	e->end = end < start ? start : end;
	e->aux = FAILURE_AUX(f.error, f.why);
	e->parent = 0;
	e->pages = 0;
	extra = queue_extra(e);
	memcpy(extra->args, raw->args, sizeof(extra->args));
	extra->figure = f.figure;
	extra->limit = f.limit;
}
