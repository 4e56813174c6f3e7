// SPDX-License-Identifier: GPL-2.0
/*
 * Drivers with one mistake each, and some without, for `mmscope check` to tell apart: a device for
 * each, /dev/mmscope_mmap_NAME, with 16 pages of its own for each open file. What they do wrong is
 * wrong for their user alone: no page is freed that somebody still has mapped.
 * Never load it where you want to go on working.
 */
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "mistakes.h"

static struct miscdevice devices[ARRAY_SIZE(kinds)];
/* What those that reuse pages have between one file and the next. */
static struct page *pool[PAGES];
static DEFINE_MUTEX(pool_lock);

static void free_pages_of(struct memory *m)
{
	for (int i = 0; i < PAGES; i++) {
		if (m->pages[i])
			put_page(m->pages[i]);
		m->pages[i] = NULL;
	}
}

static struct page *pooled(struct memory *m, int i)
{
	struct page *page;

	mutex_lock(&pool_lock);
	page = pool[i];
	pool[i] = NULL;
	mutex_unlock(&pool_lock);
	if (page && m->is & REUSES)
		clear_highpage(page);
	return page;
}

static int alloc_pages_of(struct memory *m)
{
	for (int i = 0; i < PAGES; i++) {
		if (m->pages[i])
			continue;
		if (m->is & (OLD_DATA | REUSES))
			m->pages[i] = pooled(m, i);
		if (!m->pages[i])
			m->pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!m->pages[i])
			return -ENOMEM;
		if (m->is & ADDRESSES)
			memset64(page_address(m->pages[i]), 0xffff888012345678ULL, 128);
	}
	return 0;
}

static void opened(struct vm_area_struct *vma)
{
	struct memory *m = vma->vm_private_data;

	mutex_lock(&m->lock);
	m->users++;
	mutex_unlock(&m->lock);
}

static void closed(struct vm_area_struct *vma)
{
	struct memory *m = vma->vm_private_data;

	mutex_lock(&m->lock);
	if ((!--m->users && !(m->is & (OLD_DATA | REUSES))) || m->is & FORGETS)
		free_pages_of(m);
	mutex_unlock(&m->lock);
}

/* Which page is asked for, PAGES or more for none */
static unsigned long index_of(const struct memory *m, const struct vm_area_struct *vma,
			      const struct vm_fault *vmf)
{
	unsigned long i = vmf->pgoff;

	if (m->is & FROM_START)
		i = (vmf->address - vma->vm_start) >> PAGE_SHIFT;
	else if (m->is & FROM_FIRST)
		i = (vmf->address - m->first) >> PAGE_SHIFT;
	else if (m->is & CUT_OFFSET)
		i = (u32)(i << PAGE_SHIFT) >> PAGE_SHIFT;
	else if (m->is & CUT_PAGES)
		i = (u32)i;
	else if (m->is & ROTATES && i < PAGES)
		i = m->faults % PAGES;
	else if (m->is & TWINS && i < PAGES)
		i /= 2;
	return m->is & NO_BOUND ? i % PAGES : i;
}

static vm_fault_t give(struct memory *m, struct vm_fault *vmf, struct page *page)
{
	int err;

	if (m->is & BY_PFN)
		return vmf_insert_pfn(vmf->vma, vmf->address, page_to_pfn(page));
	if (m->is & BY_INSERT && !(m->is & OWN_READ && vmf->cow_page)) {
		/* mm has set it anew after ->mmap. */
		if (m->is & OWN_PAGE)
			vmf->vma->vm_page_prot = vm_get_page_prot(vmf->vma->vm_flags | VM_SHARED);
		err = vm_insert_page(vmf->vma, vmf->address, page);
		return err && err != -EBUSY ? VM_FAULT_SIGBUS : VM_FAULT_NOPAGE;
	}
	get_page(page);
	vmf->page = page;
	return 0;
}

static vm_fault_t fault(struct vm_fault *vmf)
{
	struct memory *m = vmf->vma->vm_private_data;
	unsigned long i;
	vm_fault_t answer = VM_FAULT_SIGBUS;
	bool private = !(vmf->vma->vm_flags & VM_SHARED);

	if (m->is & NEVER_MAPS && private)
		return VM_FAULT_NOPAGE;
	WARN_ON(m->is & WARNS && private);
	if (m->is & COMPLAINS && private)
		pr_warn("mmscope_mmaps: use-after-free, if it were one\n");
	if (m->is & ONE_PROCESS && current->tgid != m->owner)
		return answer;
	if (m->is & LEAKS_FAULT && !alloc_page(GFP_KERNEL))
		return VM_FAULT_OOM;
	mutex_lock(&m->lock);
	i = index_of(m, vmf->vma, vmf);
	if (m->is & LACKS && m->faults % 3 < 2)
		answer = VM_FAULT_OOM;
	else if (i < PAGES && m->pages[i])
		answer = give(m, vmf, m->pages[i]);
	m->faults++;
	mutex_unlock(&m->lock);
	return answer;
}

static int reach(struct vm_area_struct *vma, unsigned long addr, void *buf, int len, int write)
{
	struct memory *m = vma->vm_private_data;
	unsigned long i = ((addr - vma->vm_start) >> PAGE_SHIFT) + vma->vm_pgoff;
	unsigned long at = offset_in_page(addr);

	if (m->is & WRONG_ACCESS)
		i = (i + 1) % PAGES;
	if (i >= PAGES || !m->pages[i])
		return -EFAULT;
	len = min_t(unsigned long, len, PAGE_SIZE - at);
	if (write)
		memcpy(page_address(m->pages[i]) + at, buf, len);
	else
		memcpy(buf, page_address(m->pages[i]) + at, len);
	return len;
}

static const struct vm_operations_struct ops = {
	.open = opened, .close = closed, .fault = fault,
};

static const struct vm_operations_struct ops_of_frames = {
	.open = opened, .close = closed, .fault = fault, .access = reach,
};

static const struct vm_operations_struct ops_without_open = {
	.close = closed, .fault = fault,
};

static bool fits(const struct memory *m, unsigned long pages, unsigned long offset)
{
	if (m->is & ANY_LENGTH)
		return !offset;
	if (m->is & ANY_OFFSET)
		return pages <= PAGES;
	if (m->is & CUT_OFFSET)
		offset = (u32)(offset << PAGE_SHIFT) >> PAGE_SHIFT;
	else if (m->is & CUT_PAGES)
		offset = (u32)offset;
	return offset < PAGES && pages <= PAGES - offset;
}

static int check_rights(const struct memory *m, struct vm_area_struct *vma)
{
	bool cow = (vma->vm_flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE;

	if (m->is & (BY_PFN | BY_REMAP) && cow && !(m->is & COW_PFN))
		return -EINVAL;
	if ((m->is & (NO_WRITE | ROTATES) && vma->vm_flags & VM_WRITE) ||
	    (m->is & NO_EXEC && vma->vm_flags & VM_EXEC))
		return -EACCES;
	if (m->is & ROTATES)
		vm_flags_clear(vma, VM_MAYWRITE);
	if (m->is & MAYWRITE)
		vm_flags_set(vma, VM_MAYWRITE);
	if (m->is & GRANTS)
		vm_flags_set(vma, VM_WRITE);
	return 0;
}

static int remap(const struct memory *m, struct vm_area_struct *vma)
{
	int err = 0;

	for (unsigned long i = 0; i < vma_pages(vma) && !err; i++)
		err = remap_pfn_range(vma, vma->vm_start + i * PAGE_SIZE,
				      page_to_pfn(m->pages[vma->vm_pgoff + i]), PAGE_SIZE,
				      vma->vm_page_prot);
	return err;
}

static void set_flags(const struct memory *m, struct vm_area_struct *vma)
{
	if (m->is & BY_PFN)
		vm_flags_set(vma, VM_PFNMAP | VM_DONTDUMP | (m->is & GROWS ? 0 : VM_DONTEXPAND));
	if (m->is & BY_INSERT)
		vm_flags_set(vma, VM_MIXEDMAP);
}

static int map(struct file *file, struct vm_area_struct *vma)
{
	struct memory *m = file->private_data;
	int err = fits(m, vma_pages(vma), vma->vm_pgoff) ? check_rights(m, vma) : -EINVAL;

	if (err)
		return err;
	set_flags(m, vma);
	mutex_lock(&m->lock);
	err = alloc_pages_of(m);
	if (!err && m->is & BY_REMAP)
		err = remap(m, vma);
	if (!err) {
		m->users = m->is & RESETS ? 1 : m->users + 1;
		m->first = vma->vm_start;
		vma->vm_private_data = m;
		vma->vm_ops = m->is & BY_PFN ? &ops_of_frames :
			      m->is & NO_OPEN ? &ops_without_open : &ops;
	}
	mutex_unlock(&m->lock);
	return err;
}

#ifdef HAVE_MAPPED
/* The mapping is there: only now it counts. */
static int mapped(unsigned long start, unsigned long end, pgoff_t pgoff, const struct file *file,
		  void **private_data)
{
	struct memory *m = *private_data;

	mutex_lock(&m->lock);
	m->users++;
	mutex_unlock(&m->lock);
	return 0;
}

static const struct vm_operations_struct ops_of_converted = {
	.mapped = mapped, .open = opened, .close = closed, .fault = fault,
};

static int prepare(struct vm_area_desc *desc)
{
	struct memory *m = desc->file->private_data;
	int err;

	if (!fits(m, (desc->end - desc->start) >> PAGE_SHIFT, desc->pgoff))
		return -EINVAL;
	mutex_lock(&m->lock);
	err = alloc_pages_of(m);
	mutex_unlock(&m->lock);
	desc->private_data = m;
	desc->vm_ops = &ops_of_converted;
	return err;
}
#endif

static int open(struct inode *inode, struct file *file)
{
	struct memory *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return -ENOMEM;
	/* What misc_open() has put there is the device. */
	m->is = kinds[(struct miscdevice *)file->private_data - devices].is;
	m->owner = current->tgid;
	mutex_init(&m->lock);
	if (m->is & LEAKS_OPEN && !alloc_page(GFP_KERNEL)) {
		kfree(m);
		return -ENOMEM;
	}
	file->private_data = m;
	return 0;
}

/* What a driver's users have, as others would fill it who got it when it was freed too early */
static long call(struct file *file, unsigned int request, unsigned long arg)
{
	struct memory *m = file->private_data;

	if (!(m->is & REFILLS))
		return -ENOTTY;
	mutex_lock(&m->lock);
	for (int i = 0; i < PAGES; i++)
		if (m->pages[i])
			memset(page_address(m->pages[i]), 0x5a, PAGE_SIZE);
	mutex_unlock(&m->lock);
	return 0;
}

static int flush(struct file *file, fl_owner_t id)
{
	struct memory *m = file->private_data;

	mutex_lock(&m->lock);
	if (m->is & AT_FLUSH && m->owner == current->tgid)
		free_pages_of(m);
	mutex_unlock(&m->lock);
	return 0;
}

static int release(struct inode *inode, struct file *file)
{
	struct memory *m = file->private_data;

	for (int i = 0; m->is & (OLD_DATA | REUSES) && i < PAGES; i++) {
		mutex_lock(&pool_lock);
		if (!pool[i]) {
			pool[i] = m->pages[i];
			m->pages[i] = NULL;
		}
		mutex_unlock(&pool_lock);
	}
	free_pages_of(m);
	kfree(m);
	return 0;
}

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.open = open,
	.mmap = map,
	.unlocked_ioctl = call,
	.flush = flush,
	.release = release,
};

static const struct file_operations fops_of_converted = {
	.owner = THIS_MODULE,
	.open = open,
#ifdef HAVE_MAPPED
	.mmap_prepare = prepare,
#endif
	.flush = flush,
	.release = release,
};

static void remove(int n)
{
	while (n--) {
		misc_deregister(&devices[n]);
		kfree(devices[n].name);
	}
	for (int i = 0; i < PAGES; i++)
		if (pool[i])
			put_page(pool[i]);
}

static int __init start(void)
{
	int err;

	for (int i = 0; i < ARRAY_SIZE(kinds); i++) {
		devices[i].minor = MISC_DYNAMIC_MINOR;
		devices[i].fops = kinds[i].is & CONVERTED ? &fops_of_converted : &fops;
		devices[i].name = kasprintf(GFP_KERNEL, "mmscope_mmap_%s", kinds[i].name);
		err = devices[i].name ? misc_register(&devices[i]) : -ENOMEM;
		if (err) {
			kfree(devices[i].name);
			remove(i);
			return err;
		}
	}
	return 0;
}

static void __exit stop(void)
{
	remove(ARRAY_SIZE(kinds));
}

module_init(start);
module_exit(stop);
MODULE_DESCRIPTION("Drivers with one mistake each, for mmscope check");
MODULE_LICENSE("GPL");
