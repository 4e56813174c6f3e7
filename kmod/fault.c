// SPDX-License-Identifier: GPL-2.0
/*
 * The hooks that faults call: they run concurrently, also for the same page, under mmap_lock held
 * for reading or under the VMA lock. They touch the page's slot, its bit and this CPU's ring only.
 */
#include <linux/highmem.h>
#include <linux/hrtimer.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/timekeeping.h>

#include "internal.h"

/* Pages that MMSCOPE_AROUND maps at a time. */
#define AROUND	16UL

/* Returns true if the fault shall fail. */
static bool misbehave(struct mmscope_file *f)
{
	ktime_t delay = f->delay_us * NSEC_PER_USEC;

	if (delay) {
		set_current_state(TASK_KILLABLE);
		schedule_hrtimeout(&delay, HRTIMER_MODE_REL);
	}
	return f->error_nth && !(atomic_inc_return(&f->faults) % f->error_nth);
}

/* Has the VMA's map the page already? */
static bool has(const struct mmscope_vma *v, unsigned long pgoff)
{
	return v && v->map && v->map->pages && mmscope_map_has(v->map, pgoff);
}

/*
 * A page was given to a VMA: its map has it from now on, or had it, which is returned. An orphan
 * has no map that could be counted: the page stays.
 */
static bool given(struct mmscope_file *f, struct mmscope_vma *v, unsigned long pgoff)
{
	struct mmscope_store *drop = mmscope_dropping(f);

	if (v && v->map)
		return v->map->pages && mmscope_map_give(v->map, pgoff, drop);
	if (drop)
		mmscope_store_keep(drop, pgoff);
	return false;
}

static int insert_page(struct mmscope_file *f, struct vm_fault *vmf, unsigned long pgoff)
{
	return mmscope_store_insert(&f->store, vmf->vma,
				    vmf->address + (pgoff - vmf->pgoff) * PAGE_SIZE, pgoff);
}

/* The neighbours that this map has not had yet, as far as memory lasts. Returns how many. */
static u32 insert_neighbours(struct mmscope_file *f, struct vm_fault *vmf, struct mmscope_vma *v)
{
	struct vm_area_struct *vma = vmf->vma;
	unsigned long first = max(round_down(vmf->pgoff, AROUND), vma->vm_pgoff);
	unsigned long end = min(round_down(vmf->pgoff, AROUND) + AROUND,
				vma->vm_pgoff + vma_pages(vma));
	unsigned long pgoff;
	u32 n = 0;

	for (pgoff = first; pgoff < end; pgoff++) {
		if (pgoff == vmf->pgoff || has(v, pgoff))
			continue;
		if (insert_page(f, vmf, pgoff))
			break;
		n += !given(f, v, pgoff);
	}
	return n;
}

static vm_fault_t give_around(struct mmscope_file *f, struct vm_fault *vmf, u32 *npages)
{
	int err = insert_page(f, vmf, vmf->pgoff);

	if (err)
		return vmf_error(err);
	*npages = 1 + insert_neighbours(f, vmf, vmf->vma->vm_private_data);
	return VM_FAULT_NOPAGE;
}

static vm_fault_t give_pfn(struct vm_fault *vmf, struct page *page)
{
	vm_fault_t ret = vmf_insert_pfn(vmf->vma, vmf->address, page_to_pfn(page));

	/* The entry is raw and holds no reference; the store does until the file is closed. */
	put_page(page);
	return ret;
}

static vm_fault_t give(struct mmscope_file *f, struct vm_fault *vmf, u32 *npages)
{
	struct page *page;

	if (unlikely((f->error_nth || f->delay_us) && misbehave(f)))
		return VM_FAULT_SIGBUS;
	/*
	 * A fault that will copy the page wants that page alone: it is not mapped, so none is given
	 * around it.
	 */
	if (unlikely(f->flags & MMSCOPE_AROUND) && !vmf->cow_page)
		return give_around(f, vmf, npages);
	page = mmscope_store_get(&f->store, vmf->pgoff);
	if (IS_ERR(page))
		return vmf_error(PTR_ERR(page));
	*npages = 1;
	if (unlikely(f->backing == MMSCOPE_PFN))
		return give_pfn(vmf, page);
	vmf->page = page;
	return 0;
}

/* How a fault came about; most come from user mode, for the first time, for the page itself. */
static __always_inline u32 fault_flags(const struct vm_fault *vmf, const struct mmscope_vma *v)
{
	static const u32 access[] = { MMSCOPE_F_READ, MMSCOPE_F_WRITE };
	const u32 rare = FAULT_FLAG_REMOTE | FAULT_FLAG_INSTRUCTION | FAULT_FLAG_TRIED;
	u32 f = vmf->flags;
	u32 flags = v->flags | access[!!(f & FAULT_FLAG_WRITE)] |
		    (f & FAULT_FLAG_VMA_LOCK ? MMSCOPE_F_VMA_LOCK : 0);

	if (unlikely(vmf->cow_page))
		flags |= MMSCOPE_F_COW;
	if (likely((f & (FAULT_FLAG_USER | rare)) == FAULT_FLAG_USER))
		return flags;
	if (f & FAULT_FLAG_REMOTE)
		flags ^= MMSCOPE_F_USER | MMSCOPE_F_REMOTE;
	else if (!(f & FAULT_FLAG_USER))
		flags ^= MMSCOPE_F_USER | MMSCOPE_F_KERNEL;
	return flags | (f & FAULT_FLAG_INSTRUCTION ? MMSCOPE_F_EXEC : 0) |
	       (f & FAULT_FLAG_TRIED ? MMSCOPE_F_TRIED : 0);
}

static __always_inline struct mmscope_event fault_event(const struct vm_fault *vmf,
							const struct mmscope_vma *v)
{
	return (struct mmscope_event) {
		.type = MMSCOPE_FAULT, .flags = fault_flags(vmf, v), .vma = v->id,
		.cause = vmf->flags & FAULT_FLAG_USER ? MMSCOPE_CAUSE_USER :
							mmscope_cause(vmf->vma->vm_mm),
		.addr = vmf->address, .ip = mmscope_user_ip(), .pgoff = vmf->pgoff,
	};
}

/*
 * Every way of serving a fault, and orphans. Only a page that was given is counted, and after it
 * was: another fault for the same page, which fails or does not, may run at the same time.
 */
static noinline vm_fault_t fault_any(struct vm_fault *vmf, struct mmscope_file *f,
				     struct mmscope_vma *v, u64 began)
{
	struct mmscope_event e;
	u32 npages = 0;
	vm_fault_t ret = give(f, vmf, &npages);
	bool failed = ret & VM_FAULT_ERROR;
	bool again = !failed && given(f, v, vmf->pgoff);

	if (!v)
		return ret;
	e = fault_event(vmf, v);
	e.time_ns = began;
	e.npages = failed ? 0 : npages;
	e.flags |= (failed ? MMSCOPE_F_ERROR : again ? MMSCOPE_F_REFAULT : 0) |
		   (v->map && v->map->pages ? 0 : MMSCOPE_F_UNTRACKED);
	mmscope_record_vma(vmf->vma, &e);
	return ret;
}

/* mmscope_record_fault() with MMSCOPE_COUNT. */
static __always_inline void count_fault(struct mmscope_mm *m, u32 flags, u64 began)
{
	struct mmscope_cpu *c = mmscope_cpu_get(m);

	if (unlikely(!c)) {
		mmscope_count_dropped(m, flags);
		return;
	}
	mmscope_count_fault(c, flags);
	if (unlikely(began))
		mmscope_count_time(c, ktime_get_ns() - began);
	put_cpu();
}

/**
 * mmscope_vm_fault() - a page of ours was touched and is not mapped
 * @vmf: vma, address, pgoff and flags are mm's. Called once per fault, or once per thread where
 *	several race for a page.
 *
 * The common case is written out here, for the sake of its length in instructions.
 *
 * Return: 0 with vmf->page, or VM_FAULT_NOPAGE, or VM_FAULT_SIGBUS, or VM_FAULT_OOM.
 */
vm_fault_t mmscope_vm_fault(struct vm_fault *vmf)
{
	struct mmscope_file *f = vmf->vma->vm_file->private_data;
	struct mmscope_vma *v = vmf->vma->vm_private_data;
	u64 began = 0;
	struct page *page;
	u32 flags;

	if (unlikely(f->flags & MMSCOPE_LATENCY))
		began = ktime_get_ns();
	if (unlikely(!f->plain || v == &mmscope_orphan))
		return fault_any(vmf, f, v, began);
	page = mmscope_store_page(&f->store, vmf->pgoff);
	if (IS_ERR(page))
		return fault_any(vmf, f, v, began);
	/* get_page() without its search for the head: the store's pages are single ones. */
	page_ref_inc(page);
	vmf->page = page;
	if (!v)
		return 0;
	flags = fault_flags(vmf, v);
	if (unlikely(mmscope_map_mark(v->map, vmf->pgoff)))
		flags |= MMSCOPE_F_REFAULT;
	if (f->flags & MMSCOPE_COUNT)
		count_fault(v->mm, flags, began);
	else
		mmscope_record_fault(vmf, v, flags, began);
	return 0;
}

/*
 * mm has overwritten vmf->flags: who accesses the page is found by current->mm and the system call.
 */
static void record_mkwrite(const struct vm_fault *vmf, u32 type, u64 began)
{
	struct vm_area_struct *vma = vmf->vma;
	struct mmscope_vma *v = vma->vm_private_data;
	struct mmscope_event e = {
		.time_ns = began, .type = type, .cause = mmscope_cause(vma->vm_mm),
		.addr = vmf->address, .ip = mmscope_user_ip(), .pgoff = vmf->pgoff, .npages = 1,
	};

	if (!v)
		return;
	e.vma = v->id;
	e.flags = MMSCOPE_F_WRITE | (vma->vm_flags & VM_SHARED ? MMSCOPE_F_SHARED : 0);
	if (current->mm != vma->vm_mm)
		e.flags |= MMSCOPE_F_REMOTE;
	else
		e.flags |= e.cause == MMSCOPE_CAUSE_USER ? MMSCOPE_F_USER : MMSCOPE_F_KERNEL;
	mmscope_record_vma(vma, &e);
}

/**
 * mmscope_vm_page_mkwrite() - a page that is mapped read-only is about to be written
 * @vmf: vmf->page is ours
 *
 * Return: VM_FAULT_LOCKED. A plain 0 would make mm retry for ever, since our pages have no
 * page->mapping: do_page_mkwrite() in mm/memory.c.
 */
vm_fault_t mmscope_vm_page_mkwrite(struct vm_fault *vmf)
{
	u64 began = ktime_get_ns();

	lock_page(vmf->page);
	record_mkwrite(vmf, MMSCOPE_MKWRITE, began);
	return VM_FAULT_LOCKED;
}

/**
 * mmscope_vm_pfn_mkwrite() - the same for a raw entry, which has no page to lock
 * @vmf: the place
 *
 * Return: 0
 */
vm_fault_t mmscope_vm_pfn_mkwrite(struct vm_fault *vmf)
{
	record_mkwrite(vmf, MMSCOPE_PFN_MKWRITE, ktime_get_ns());
	return 0;
}

static int copy_page_part(struct page *page, unsigned long offset, void *buf, int len, int write)
{
	if (write)
		memcpy_to_page(page, offset, buf, len);
	else
		memcpy_from_page(buf, page, offset, len);
	return len;
}

/**
 * mmscope_vm_access() - ptrace or /proc/PID/mem wants memory that get_user_pages() cannot have
 * @vma: pfn backing; mmap_lock is held for reading
 * @addr: first byte
 * @buf: kernel memory
 * @len: bytes wanted; may go beyond the page and the VMA
 * @write: to or from us
 *
 * Return: bytes copied, up to the page's end; -EACCES for a write to a mapping that is not
 * writable (FOLL_FORCE is for private memory); -EFAULT behind the end; -ENOMEM.
 */
int mmscope_vm_access(struct vm_area_struct *vma, unsigned long addr, void *buf, int len,
		      int write)
{
	struct mmscope_file *f = vma->vm_file->private_data;
	struct mmscope_vma *v = vma->vm_private_data;
	struct mmscope_event e = { .type = MMSCOPE_ACCESS, .addr = addr };
	struct page *page;

	len = min_t(unsigned long, len, PAGE_SIZE - offset_in_page(addr));
	e.pgoff = vma->vm_pgoff + ((addr - vma->vm_start) >> PAGE_SHIFT);
	e.flags = MMSCOPE_F_REMOTE | (write ? MMSCOPE_F_WRITE : MMSCOPE_F_READ) |
		  (vma->vm_flags & VM_SHARED ? MMSCOPE_F_SHARED : 0);
	if (!(vma->vm_flags & (write ? VM_WRITE : VM_MAYREAD)))
		return -EACCES;
	page = mmscope_store_get(&f->store, e.pgoff);
	if (IS_ERR(page))
		return PTR_ERR(page);
	e.npages = copy_page_part(page, offset_in_page(addr), buf, len, write);
	put_page(page);
	if (v) {
		e.vma = v->id;
		e.cause = mmscope_cause(vma->vm_mm);
		mmscope_record_vma(vma, &e);
	}
	return len;
}
