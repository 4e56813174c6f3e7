// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that is allocated page by page with the first fault, in an array of the open file, and
 * stays there until it is closed.
 */
#include <linux/delay.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include "shapes.h"

#define LOCKED		0x0001	/* answers with the page locked */
#define BY_PFN		0x0002	/* as page frames */
#define BY_INSERT	0x0004	/* itself, as pages */
#define MKWRITE		0x0008	/* is asked before a write */
/* Mistakes */
#define LOST		0x0010	/* does not keep what it gave */
#define TWO_REFS	0x0020	/* a reference too many for each fault */
#define NO_REF		0x0040	/* a reference too few */
#define NO_END		0x0080	/* any index is good */
#define ASLEEP		0x0100	/* sleeps under a spinlock */
#define ZERO		0x0200	/* ->page_mkwrite answers 0, and has not locked the page */
#define UNLOCKED	0x0400	/* two first faults of a page get a page each */
#define USER		0x0800	/* serves only faults that come from a program itself */
#define OLD		0x1000	/* pages as the allocator has them */
#define RANDOM		0x2000	/* serves no VMA that is advised so */
#define NOT_LOCKED	0x4000	/* serves none that is locked */
#define UNCLEARED	0x8000	/* pages as they come, which most kernels clear */

struct lazy {
	unsigned int is;
	struct mutex lock;	/* protects @pages */
	spinlock_t spin;
	struct xarray pages;
};

static struct page *new_page(const struct lazy *m)
{
	struct page *page = alloc_page(GFP_KERNEL | (m->is & (OLD | UNCLEARED) ? 0 : __GFP_ZERO));

	if (page && m->is & OLD)
		memset64(page_address(page), (unsigned long)page_address(page), 64);
	return page;
}

/* Under the lock, but for who has none. */
static struct page *page_at(struct lazy *m, unsigned long i)
{
	struct page *page = xa_load(&m->pages, i);

	if (page)
		return page;
	page = new_page(m);
	if (!page || m->is & LOST)
		return page;
	/* So long as a slow allocation may take. */
	if (m->is & UNLOCKED)
		usleep_range(200, 400);
	if (xa_err(xa_store(&m->pages, i, page, GFP_KERNEL))) {
		put_page(page);
		return NULL;
	}
	return page;
}

static vm_fault_t give(struct lazy *m, struct vm_fault *vmf, struct page *page)
{
	int err;

	if (m->is & BY_PFN)
		return vmf_insert_pfn(vmf->vma, vmf->address, page_to_pfn(page));
	if (m->is & BY_INSERT) {
		err = vm_insert_page(vmf->vma, vmf->address, page);
		return err && err != -EBUSY ? VM_FAULT_SIGBUS : VM_FAULT_NOPAGE;
	}
	/* What is not kept is the user's alone. */
	if (!(m->is & (NO_REF | LOST)))
		get_page(page);
	if (m->is & TWO_REFS)
		get_page(page);
	vmf->page = page;
	if (!(m->is & LOCKED))
		return 0;
	lock_page(page);
	return VM_FAULT_LOCKED;
}

static vm_fault_t give_one(struct lazy *m, struct vm_fault *vmf)
{
	struct page *page = page_at(m, vmf->pgoff);

	return page ? give(m, vmf, page) : VM_FAULT_SIGBUS;
}

/* Whoever sleeps under a spinlock, or takes no lock at all, makes a mistake. */
static vm_fault_t give_one_alone(struct lazy *m, struct vm_fault *vmf)
{
	vm_fault_t answer;

	if (m->is & UNLOCKED)
		return give_one(m, vmf);
	if (m->is & ASLEEP) {
		spin_lock(&m->spin);
		usleep_range(100, 200);
		answer = give_one(m, vmf);
		spin_unlock(&m->spin);
		return answer;
	}
	mutex_lock(&m->lock);
	answer = give_one(m, vmf);
	mutex_unlock(&m->lock);
	return answer;
}

static vm_fault_t fault(struct vm_fault *vmf)
{
	struct lazy *m = vmf->vma->vm_private_data;

	if (vmf->pgoff >= SHAPE_PAGES && !(m->is & NO_END))
		return VM_FAULT_SIGBUS;
	if (m->is & USER && !(vmf->flags & FAULT_FLAG_USER))
		return VM_FAULT_SIGBUS;
	if ((m->is & RANDOM && vmf->vma->vm_flags & VM_RAND_READ) ||
	    (m->is & NOT_LOCKED && vmf->vma->vm_flags & VM_LOCKED))
		return VM_FAULT_SIGBUS;
	return give_one_alone(m, vmf);
}

/* What has no page->mapping is to be locked here: mm takes it for truncated else, for ever. */
static vm_fault_t page_mkwrite(struct vm_fault *vmf)
{
	struct lazy *m = vmf->vma->vm_private_data;

	if (m->is & ZERO)
		return 0;
	lock_page(vmf->page);
	return VM_FAULT_LOCKED;
}

static const struct vm_operations_struct ops = {
	.fault = fault,
};

static const struct vm_operations_struct ops_of_mkwrite = {
	.fault = fault, .page_mkwrite = page_mkwrite,
};

static int map(struct file *file, struct vm_area_struct *vma)
{
	struct lazy *m = file->private_data;

	if (!shape_fits(vma))
		return -EINVAL;
	if (m->is & BY_PFN) {
		if (!(vma->vm_flags & VM_SHARED))
			return -EINVAL;
		vm_flags_set(vma, VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
	}
	if (m->is & BY_INSERT)
		vm_flags_set(vma, VM_MIXEDMAP);
	vma->vm_private_data = m;
	vma->vm_ops = m->is & MKWRITE ? &ops_of_mkwrite : &ops;
	return 0;
}

static int open(struct inode *inode, struct file *file)
{
	struct lazy *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return -ENOMEM;
	m->is = shape_is(file);
	mutex_init(&m->lock);
	spin_lock_init(&m->spin);
	xa_init(&m->pages);
	file->private_data = m;
	return 0;
}

static int release(struct inode *inode, struct file *file)
{
	struct lazy *m = file->private_data;
	struct page *page;
	unsigned long i;

	xa_for_each(&m->pages, i, page)
		put_page(page);
	xa_destroy(&m->pages);
	kfree(m);
	return 0;
}

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.open = open,
	.mmap = map,
	.release = release,
};

static struct shape shapes[] = {
	{ .name = "lazy", .fops = &fops },
	{ .name = "lazy_locked", .is = LOCKED, .fops = &fops },
	{ .name = "lazy_pfn", .is = BY_PFN, .fops = &fops },
	{ .name = "lazy_insert", .is = BY_INSERT, .fops = &fops },
	{ .name = "mkwrite", .is = MKWRITE, .fops = &fops },
	{ .name = "lazy_lost", .is = LOST, .fops = &fops },
	{ .name = "lazy_two_refs", .is = TWO_REFS, .fops = &fops },
	{ .name = "lazy_no_ref", .is = NO_REF, .fops = &fops },
	{ .name = "lazy_no_end", .is = NO_END, .fops = &fops },
	{ .name = "lazy_asleep", .is = ASLEEP, .fops = &fops },
	{ .name = "lazy_unlocked", .is = UNLOCKED, .fops = &fops },
	{ .name = "lazy_user", .is = USER, .fops = &fops },
	{ .name = "lazy_random", .is = RANDOM, .fops = &fops },
	{ .name = "lazy_not_locked", .is = NOT_LOCKED, .fops = &fops },
	{ .name = "lazy_old", .is = OLD, .fops = &fops },
	{ .name = "lazy_uncleared", .is = UNCLEARED, .fops = &fops },
	{ .name = "mkwrite_zero", .is = MKWRITE | ZERO, .fops = &fops },
};

const struct shape_set shapes_lazy = { shapes, ARRAY_SIZE(shapes) };
