// SPDX-License-Identifier: GPL-2.0
/*
 * Calls of a driver's hooks, as records like those that mmscope's own module makes: with the same
 * types, ranges and flags, so that the calls of two drivers can be compared.
 */
#include <sys/syscall.h>
#include "aspace/aspace.h"
#include "base/proc.h"
#include "record/record.h"
#include "tracer/context.h"
#include "tracer/queue.h"
#include "tracer/vm_ops_calls.h"

#define FAULT_WRITE		0x001
#define FAULT_TRIED		0x020
#define FAULT_USER		0x040
#define FAULT_REMOTE		0x080
#define FAULT_INSTRUCTION	0x100
#define FAULT_VMA_LOCK		0x1000

#define VM_FAULT_ERROR		0x73	/* without FALLBACK, which is no error */
#define VM_FAULT_OOM		0x001
#define VM_FAULT_RETRY		0x400
#define KEEPS_SOURCE		4	/* MREMAP_DONTUNMAP */

static __u32 rights(__u64 vm_flags)
{
	return (vm_flags & RAW_VM_READ ? MMSCOPE_F_READ : 0) |
	       (vm_flags & RAW_VM_WRITE ? MMSCOPE_F_WRITE : 0) |
	       (vm_flags & RAW_VM_EXEC ? MMSCOPE_F_EXEC : 0) |
	       (vm_flags & RAW_VM_SHARED ? MMSCOPE_F_SHARED : 0);
}

static struct mmscope_event *add(__u8 type, struct mm *mm, const struct raw_call *raw,
				 const struct vma *vma)
{
	struct mmscope_event *e = queue_add(type, mm, NULL);

	e->flags = rights(raw->vm_flags);
	e->vma = vma ? vma->id : 0;
	e->start = raw->start;
	e->end = raw->end;
	e->aux = raw->pgoff;
	e->parent = vma ? vma->parent : 0;
	return e;
}

/*
 * The number of pages that fork(2) has copied. It copies page-table entries only of VMAs with
 * private pages or without struct page, and nothing tells how many these are.
 */
static __u32 copied(const struct raw_call *raw)
{
	return raw->anon_vma || raw->vm_flags & (RAW_VM_PFNMAP | RAW_VM_MIXEDMAP) ?
	       MMSCOPE_PAGES_UNKNOWN : 0;
}

static void opened(struct mm *mm, const struct raw_call *raw, struct vma *vma)
{
	const struct vma *from = vma ? vma_of_id(vma->parent) : NULL;
	struct mmscope_event *e;
	bool below;

	if (raw->child) {
		add(MMSCOPE_DUP, mm, raw, vma)->pages = copied(raw);
		return;
	}
	if (!from || raw->start < from->start || raw->end > from->end) {
		add(MMSCOPE_COPY, mm, raw, vma);
		return;
	}
	below = raw->start == from->start;
	e = add(MMSCOPE_SPLIT, mm, raw, vma);
	e->aux = below ? raw->end : raw->start;
	e->start = from->start;
	e->end = from->end;
	e->flags |= below ? MMSCOPE_F_BELOW : 0;
}

/* Is a VMA that is closed the source of an mremap(2), which has moved its pages? */
static bool is_moved(const struct raw_call *raw)
{
	__u64 size = proc_page_size(), old = raw->asked[1], new = raw->asked[2];
	__u64 end = raw->asked[0] + (old < new ? old : new);

	return raw->e.cause == SYS_mremap && old && !(raw->asked[3] & KEEPS_SOURCE) &&
	       raw->start >= raw->asked[0] && raw->end <= (end + size - 1) / size * size;
}

static void closed(struct mm *mm, const struct raw_call *raw, const struct vma *vma)
{
	bool moves = is_moved(raw);
	struct mmscope_event *e = add(moves ? MMSCOPE_MOVE : MMSCOPE_UNMAP, mm, raw, vma);
	__s64 pages = 0;

	e->pages = MMSCOPE_PAGES_UNKNOWN;
	if (!vma || moves || raw->vm_flags & RAW_VM_PFNMAP)
		return;
	for (int i = 0; i < RAW_NR_RSS; i++)
		pages += i == RAW_RSS_SWAP ? 0 : vma->zapped[i];
	e->pages = pages > 0 ? pages : 0;
	e->parent = vma->zapped[RAW_RSS_ANON] > 0 ? vma->zapped[RAW_RSS_ANON] : 0;
}

static void moved(struct mm *mm, const struct raw_call *raw, const struct vma *vma)
{
	const struct vma *from = vma ? vma_of_id(vma->parent) : NULL;
	struct mmscope_event *e = add(MMSCOPE_MREMAP, mm, raw, vma);

	if (from)
		e->aux = (raw->pgoff - from->base) * proc_page_size();
	e->flags |= raw->result ? MMSCOPE_F_ERROR : 0;
}

static void protected(struct mm *mm, const struct raw_call *raw, const struct vma *vma)
{
	struct mmscope_event *e = add(MMSCOPE_MPROTECT, mm, raw, vma);

	e->aux += (raw->args[0] - raw->start) / proc_page_size();
	e->start = raw->args[0];
	e->end = raw->args[1];
	e->flags = rights(raw->args[2]) | (raw->result ? MMSCOPE_F_ERROR : 0);
}

static void asked_to_split(struct mm *mm, const struct raw_call *raw,
			   const struct vma *vma)
{
	struct mmscope_event *e = add(MMSCOPE_MAY_SPLIT, mm, raw, vma);

	e->aux = raw->args[0];
	e->flags |= raw->result ? MMSCOPE_F_ERROR : 0;
}

/*
 * Who touched the page, and how. Before ->page_mkwrite mm overwrites the flags of the fault, so
 * that the cause has to say it.
 */
static __u32 access_flags(const struct raw_call *raw, __u8 type)
{
	__u32 flags = raw->vm_flags & RAW_VM_SHARED ? MMSCOPE_F_SHARED : 0;
	bool mkwrite = type == MMSCOPE_MKWRITE || type == MMSCOPE_PFN_MKWRITE;
	__u32 fault = raw->fault;

	if (mkwrite) {
		flags |= raw->child ? MMSCOPE_F_REMOTE :
			 raw->e.cause == MMSCOPE_CAUSE_USER ? MMSCOPE_F_USER : MMSCOPE_F_KERNEL;
		return flags | MMSCOPE_F_WRITE;
	}
	flags |= fault & FAULT_REMOTE ? MMSCOPE_F_REMOTE :
		 fault & FAULT_USER ? MMSCOPE_F_USER : MMSCOPE_F_KERNEL;
	return flags | (fault & FAULT_WRITE ? MMSCOPE_F_WRITE : MMSCOPE_F_READ) |
	       (fault & FAULT_INSTRUCTION ? MMSCOPE_F_EXEC : 0) |
	       (fault & FAULT_TRIED ? MMSCOPE_F_TRIED : 0) |
	       (fault & FAULT_VMA_LOCK ? MMSCOPE_F_VMA_LOCK : 0) |
	       (raw->cow ? MMSCOPE_F_COW : 0);
}

/* How often in a row the thread was told to try again; a thread with the same place begins anew. */
static __u32 attempt_of(const struct raw_call *raw)
{
	struct attempt *attempt = &tracer->attempts[raw->e.tid % ATTEMPT_THREADS];
	bool same = attempt->tid == raw->e.tid && attempt->addr == raw->addr;

	if (!(raw->result & (VM_FAULT_OOM | VM_FAULT_RETRY))) {
		if (same)
			*attempt = (struct attempt){ 0 };
		return 0;
	}
	*attempt = (struct attempt){
		.tid = raw->e.tid, .addr = raw->addr, .count = same ? attempt->count + 1 : 1,
	};
	return attempt->count;
}

static void answered(struct mmscope_event *e, const struct raw_call *raw)
{
	struct record_extra *extra = queue_extra(e);

	if (!raw->answered)
		return;
	extra->asked = true;
	extra->answer = raw->result;
	extra->attempt = attempt_of(raw);
}

static void faulted(struct mm *mm, const struct raw_call *raw, const struct vma *vma,
		    __u8 type)
{
	struct mmscope_event *e = queue_add(type, mm, NULL);
	bool failed = raw->result & VM_FAULT_ERROR;
	bool none = failed || raw->result & VM_FAULT_RETRY;

	e->vma = vma ? vma->id : 0;
	e->addr = raw->addr;
	e->ip = raw->ip;
	e->pgoff = raw->page;
	e->ns = raw->ns;
	e->flags = access_flags(raw, type) | (failed ? MMSCOPE_F_ERROR : 0);
	e->npages = none ? 0 : 1;
	if (type == RECORD_MAP_PAGES)
		e->npages = raw->args[1] - raw->args[0] + 1;
	answered(e, raw);
}

static void accessed(struct mm *mm, const struct raw_call *raw, const struct vma *vma)
{
	struct mmscope_event *e = queue_add(MMSCOPE_ACCESS, mm, NULL);

	e->vma = vma ? vma->id : 0;
	e->addr = raw->args[0];
	e->pgoff = raw->pgoff + (raw->args[0] - raw->start) / proc_page_size();
	e->npages = raw->result > 0 ? raw->result : 0;
	e->ns = raw->ns;
	e->flags = MMSCOPE_F_REMOTE | (raw->args[3] & 0xffffffff ? MMSCOPE_F_WRITE :
				       MMSCOPE_F_READ) |
		   (raw->vm_flags & RAW_VM_SHARED ? MMSCOPE_F_SHARED : 0) |
		   (raw->result <= 0 ? MMSCOPE_F_ERROR : 0);
}

/**
 * vm_ops_calls_take - make a record of a call of a driver's hook
 * @mm: address space that the call was about
 * @raw: what the driver was asked, and what it answered
 */
void vm_ops_calls_take(struct mm *mm, const struct raw_call *raw)
{
	struct vma *vma = vma_of_object(raw->object);

	switch (raw->hook) {
	case RAW_HOOK_OPEN:
		opened(mm, raw, vma);
		break;
	case RAW_HOOK_CLOSE:
		closed(mm, raw, vma);
		break;
	case RAW_HOOK_MAY_SPLIT:
		asked_to_split(mm, raw, vma);
		break;
	case RAW_HOOK_MREMAP:
		moved(mm, raw, vma);
		break;
	case RAW_HOOK_MPROTECT:
		protected(mm, raw, vma);
		break;
	case RAW_HOOK_FAULT:
		faulted(mm, raw, vma, MMSCOPE_FAULT);
		break;
	case RAW_HOOK_HUGE_FAULT:
		faulted(mm, raw, vma, RECORD_HUGE_FAULT);
		break;
	case RAW_HOOK_MAP_PAGES:
		faulted(mm, raw, vma, RECORD_MAP_PAGES);
		break;
	case RAW_HOOK_PAGE_MKWRITE:
		faulted(mm, raw, vma, MMSCOPE_MKWRITE);
		break;
	case RAW_HOOK_PFN_MKWRITE:
		faulted(mm, raw, vma, MMSCOPE_PFN_MKWRITE);
		break;
	case RAW_HOOK_ACCESS:
		accessed(mm, raw, vma);
		break;
	default:
		add(RECORD_QUERY, mm, raw, vma)->pages = raw->hook;
		break;
	}
}
