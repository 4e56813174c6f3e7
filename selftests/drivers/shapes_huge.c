// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of 2 MiB, of one open file: mapped as a whole, or page by page.
 */
#include <linux/slab.h>
#include "shapes.h"

#define PIECES		0x0001	/* pages of it, never the whole */
/* Mistakes */
#define START		0x0010	/* the whole is right, and of a part the first page is the first */

#define HUGE_PAGES	(PMD_SIZE / PAGE_SIZE)

struct huge {
	unsigned int is;
	struct page *page;
};

static vm_fault_t huge_fault(struct vm_fault *vmf, huge_size_t size)
{
	struct vm_area_struct *vma = vmf->vma;
	struct huge *h = vma->vm_private_data;
	unsigned long at = vmf->address & PMD_MASK;

	if (!HUGE_IS_PMD(size) || at < vma->vm_start || at + PMD_SIZE > vma->vm_end ||
	    (vmf->pgoff & ~(HUGE_PAGES - 1)))
		return VM_FAULT_FALLBACK;
	return vmf_insert_pfn_pmd(vmf, frame_of(page_to_pfn(h->page)),
				  vmf->flags & FAULT_FLAG_WRITE);
}

static vm_fault_t fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct huge *h = vma->vm_private_data;
	unsigned long i = vmf->pgoff;

	if (h->is & START)
		i = (vmf->address - vma->vm_start) >> PAGE_SHIFT;
	if (i >= HUGE_PAGES)
		return VM_FAULT_SIGBUS;
	if (!(h->is & PIECES))
		return vmf_insert_pfn(vma, vmf->address, page_to_pfn(h->page) + i);
	get_page(h->page + i);
	vmf->page = h->page + i;
	return 0;
}

static const struct vm_operations_struct ops = {
	.fault = fault, .huge_fault = huge_fault,
};

static const struct vm_operations_struct ops_of_pieces = {
	.fault = fault,
};

static int map(struct file *file, struct vm_area_struct *vma)
{
	struct huge *h = file->private_data;

	if (vma->vm_pgoff >= HUGE_PAGES || vma_pages(vma) > HUGE_PAGES - vma->vm_pgoff)
		return -EINVAL;
	vma->vm_private_data = h;
	if (h->is & PIECES) {
		vma->vm_ops = &ops_of_pieces;
		return 0;
	}
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	vm_flags_set(vma, VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP | VM_HUGEPAGE);
	vma->vm_ops = &ops;
	return 0;
}

static int open(struct inode *inode, struct file *file)
{
	struct huge *h = kzalloc(sizeof(*h), GFP_KERNEL);

	if (!h)
		return -ENOMEM;
	h->is = shape_is(file);
	h->page = alloc_pages(GFP_KERNEL | __GFP_ZERO | __GFP_COMP, PMD_SHIFT - PAGE_SHIFT);
	if (!h->page) {
		kfree(h);
		return -ENOMEM;
	}
	file->private_data = h;
	return 0;
}

static int release(struct inode *inode, struct file *file)
{
	struct huge *h = file->private_data;

	put_page(h->page);
	kfree(h);
	return 0;
}

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.open = open,
	.mmap = map,
	.get_unmapped_area = thp_get_unmapped_area,
	.release = release,
};

static struct shape shapes[] = {
	{ .name = "huge", .fops = &fops },
	{ .name = "compound", .is = PIECES, .fops = &fops },
	{ .name = "huge_start", .is = START, .fops = &fops },
};

const struct shape_set shapes_huge = { shapes, ARRAY_SIZE(shapes) };
