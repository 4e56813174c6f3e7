// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that ->mmap maps at once, and no ->fault: vmalloc, pages of order 4, and what a device
 * reads itself (dma_alloc_coherent). It belongs to an open file. Behind it is as much again, which
 * nobody is to see: who maps too much harms nobody else.
 */
#include <linux/dma-mapping.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#include "shapes.h"

/* How it is mapped */
#define INSERT		0x0001	/* vm_insert_page() */
#define FRAMES		0x0002	/* remap_pfn_range() of pages of order 4 */
#define DMA		0x0004	/* dma_mmap_coherent() */
/* What is peculiar */
#define ONE_MORE	0x0010	/* a page too many is let through */
#define INT		0x0020	/* the offset in an int */
#define SIGNED		0x0040	/* the offset in a long, of which only the sum is looked at */
#define GLOBAL		0x0080	/* one memory for all */
#define CLEARED		0x2000	/* and cleared for who comes next */
#define WRITABLE	0x0100	/* page tables let write, whatever the VMA says */
#define PRIVATE		0x0200	/* the same of private mappings alone */
#define SINGLE		0x0400	/* opened once at a time, mapped once at a time, as a whole */
#define TICKS		0x0800	/* the device writes, too, now and then */
#define UNCHECKED	0x1000	/* neither offset nor length */

#define TICK		msecs_to_jiffies(20)

/**
 * struct ring - an open file
 * @is: of its shape
 * @device: for DMA
 * @mem: the memory, twice as long as may be mapped
 * @dma: where the device sees it
 * @maps: of it, where only one is allowed
 * @ticks: writes
 */
struct ring {
	unsigned int is;
	struct device *device;
	void *mem;
	dma_addr_t dma;
	atomic_t maps;
	struct delayed_work ticks;
};

static atomic_t opens;
/* GLOBAL: from the first who opens it on, until the module goes */
static void *global;
static DEFINE_MUTEX(global_lock);

static void tick(struct work_struct *work)
{
	struct ring *r = container_of(work, struct ring, ticks.work);

	memset64(r->mem, get_jiffies_64(), SHAPE_BYTES / sizeof(u64));
	schedule_delayed_work(&r->ticks, TICK);
}

static void *get_global(const struct ring *r)
{
	void *mem;

	mutex_lock(&global_lock);
	if (!global)
		global = vmalloc_user(2 * SHAPE_BYTES);
	else if (r->is & CLEARED)
		memset(global, 0, 2 * SHAPE_BYTES);
	mem = global;
	mutex_unlock(&global_lock);
	return mem;
}

void shapes_ring_end(void)
{
	vfree(global);
}

static void *get_memory(struct ring *r)
{
	if (r->is & GLOBAL)
		return get_global(r);
	if (r->is & DMA) {
		dma_coerce_mask_and_coherent(r->device, DMA_BIT_MASK(64));
		return dma_alloc_coherent(r->device, 2 * SHAPE_BYTES, &r->dma, GFP_KERNEL);
	}
	if (r->is & FRAMES)
		return (void *)__get_free_pages(GFP_KERNEL | __GFP_ZERO | __GFP_COMP,
						get_order(2 * SHAPE_BYTES));
	return vmalloc_user(2 * SHAPE_BYTES);
}

static void put_memory(struct ring *r)
{
	if (r->is & GLOBAL)
		return;
	if (r->is & DMA)
		dma_free_coherent(r->device, 2 * SHAPE_BYTES, r->mem, r->dma);
	else if (r->is & FRAMES)
		free_pages((unsigned long)r->mem, get_order(2 * SHAPE_BYTES));
	else
		vfree(r->mem);
}

static int open(struct inode *inode, struct file *file)
{
	struct shape *shape = container_of(file->private_data, struct shape, misc);
	struct ring *r;

	if (shape->is & SINGLE && atomic_cmpxchg(&opens, 0, 1))
		return -EBUSY;
	r = kzalloc(sizeof(*r), GFP_KERNEL);
	if (!r)
		goto err_free_open;
	r->is = shape->is;
	r->device = shape->misc.this_device;
	r->mem = get_memory(r);
	if (!r->mem)
		goto err_free_ring;
	INIT_DELAYED_WORK(&r->ticks, tick);
	if (r->is & TICKS)
		schedule_delayed_work(&r->ticks, TICK);
	file->private_data = r;
	return 0;

err_free_ring:
	kfree(r);
err_free_open:
	if (shape->is & SINGLE)
		atomic_set(&opens, 0);
	return -ENOMEM;
}

static int release(struct inode *inode, struct file *file)
{
	struct ring *r = file->private_data;

	if (r->is & TICKS)
		cancel_delayed_work_sync(&r->ticks);
	put_memory(r);
	if (r->is & SINGLE)
		atomic_set(&opens, 0);
	kfree(r);
	return 0;
}

/* Return: from which page on it is to be mapped, or -EINVAL */
static long first_page(const struct ring *r, struct vm_area_struct *vma)
{
	unsigned long bytes = vma->vm_end - vma->vm_start, pgoff = vma->vm_pgoff;
	int cut = pgoff << PAGE_SHIFT;
	long offset = pgoff << PAGE_SHIFT;
	bool good = shape_fits(vma);

	if (r->is & UNCHECKED)
		return pgoff % SHAPE_PAGES;
	if (r->is & ONE_MORE)
		good = good || (!pgoff && vma_pages(vma) == SHAPE_PAGES + 1);
	if (r->is & INT)
		good = cut >= 0 && cut + (long)bytes <= (long)SHAPE_BYTES;
	if (r->is & SIGNED)
		good = offset + (long)bytes <= (long)SHAPE_BYTES;
	return good ? pgoff % (2 * SHAPE_PAGES) : -EINVAL;
}

static int insert_each(const struct ring *r, struct vm_area_struct *vma, unsigned long first)
{
	int err = 0;

	for (unsigned long i = 0; i < vma_pages(vma) && !err; i++)
		err = vm_insert_page(vma, vma->vm_start + i * PAGE_SIZE,
				     vmalloc_to_page(r->mem + (first + i) % (2 * SHAPE_PAGES) *
						     PAGE_SIZE));
	return err;
}

static int remap(const struct ring *r, struct vm_area_struct *vma, unsigned long first)
{
	bool private = !(vma->vm_flags & VM_SHARED);
	pgprot_t prot = vma->vm_page_prot;

	if (r->is & WRITABLE || (r->is & PRIVATE && private))
		prot = vm_get_page_prot(VM_READ | VM_WRITE | VM_SHARED);
	if (first + vma_pages(vma) > 2 * SHAPE_PAGES)
		first = 0;
	return remap_pfn_range(vma, vma->vm_start, page_to_pfn(virt_to_page(r->mem)) + first,
			       vma->vm_end - vma->vm_start, prot);
}

static void mapped_again(struct vm_area_struct *vma)
{
	atomic_inc(&((struct ring *)vma->vm_private_data)->maps);
}

static void unmapped(struct vm_area_struct *vma)
{
	atomic_dec(&((struct ring *)vma->vm_private_data)->maps);
}

static int may_split(struct vm_area_struct *vma, unsigned long addr)
{
	return -EINVAL;
}

static const struct vm_operations_struct ops_of_single = {
	.open = mapped_again, .close = unmapped, .may_split = may_split,
};

static int map_single(struct ring *r, struct vm_area_struct *vma)
{
	int err;

	if (vma_pages(vma) != SHAPE_PAGES)
		return -EINVAL;
	if (atomic_cmpxchg(&r->maps, 0, 1))
		return -EBUSY;
	err = insert_each(r, vma, 0);
	if (err)
		atomic_set(&r->maps, 0);
	vma->vm_private_data = r;
	vma->vm_ops = &ops_of_single;
	return err;
}

static int map(struct file *file, struct vm_area_struct *vma)
{
	struct ring *r = file->private_data;
	long first = first_page(r, vma);

	if (first < 0)
		return first;
	/* Private mappings are no business of most; one of these has them, badly. */
	if (!(vma->vm_flags & VM_SHARED) && r->is & WRITABLE)
		return -EINVAL;
	if (r->is & SINGLE)
		return map_single(r, vma);
	if (r->is & DMA) {
		vma->vm_pgoff = first;
		return dma_mmap_coherent(r->device, vma, r->mem, r->dma, 2 * SHAPE_BYTES);
	}
	if (r->is & FRAMES)
		return remap(r, vma, first);
	if (r->is & INSERT)
		return insert_each(r, vma, first);
	return remap_vmalloc_range(vma, r->mem, first);
}

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.open = open,
	.mmap = map,
	.release = release,
};

static struct shape shapes[] = {
	{ .name = "vmalloc", .fops = &fops },
	{ .name = "insert", .is = INSERT, .fops = &fops },
	{ .name = "frames", .is = FRAMES, .fops = &fops },
	{ .name = "dma", .is = DMA, .fops = &fops },
	{ .name = "single", .is = INSERT | SINGLE, .fops = &fops },
	{ .name = "ticks", .is = TICKS, .fops = &fops },
	{ .name = "global", .is = GLOBAL, .fops = &fops },
	{ .name = "global_cleared", .is = GLOBAL | CLEARED, .fops = &fops },
	{ .name = "one_more", .is = INSERT | ONE_MORE, .fops = &fops },
	{ .name = "int", .is = INSERT | INT, .fops = &fops },
	{ .name = "signed", .is = FRAMES | SIGNED, .fops = &fops },
	{ .name = "unchecked", .is = DMA | UNCHECKED, .fops = &fops },
	{ .name = "writable", .is = FRAMES | WRITABLE, .fops = &fops },
	{ .name = "private", .is = FRAMES | PRIVATE, .fops = &fops },
};

const struct shape_set shapes_ring = { shapes, ARRAY_SIZE(shapes) };
