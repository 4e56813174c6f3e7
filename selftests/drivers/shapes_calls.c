// SPDX-License-Identifier: GPL-2.0
/*
 * Drivers that are called beside their mapping: ioctl(2) of any number gives or takes a word at
 * @arg, and read(2) fills what it is handed.
 */
#include <linux/delay.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "shapes.h"

#define REVOKES		0x0001	/* a call takes the memory back, and says so to mm */
/* Mistakes */
#define FREES		0x0010	/* a call frees it, though it is mapped */
#define KEEPS_VMA	0x0020	/* a call acts upon a VMA that was mapped once */
#define FAULT_LOCK	0x0040	/* a call reaches for user memory with the lock of ->fault */
#define MAP_LOCK	0x0080	/* the same with a lock that ->mmap takes */
#define READ_LOCK	0x0100	/* the same of read(2) and ->fault */
#define SHARED		0x0200	/* all that have it open have the same memory, counted badly */

struct called {
	unsigned int is;
	struct mutex lock;	/* protects @pages */
	struct mutex map_lock;
	struct page *pages[SHAPE_PAGES];
	struct vm_area_struct *vma;
};

/* SHARED: whoever comes first makes it, and the last but one puts it aside as if it were last. */
static struct called *all, *aside;
static atomic_t users;

static void free_pages_of(struct called *c)
{
	for (int i = 0; i < SHAPE_PAGES; i++) {
		if (c->pages[i])
			put_page(c->pages[i]);
		c->pages[i] = NULL;
	}
}

static struct called *new_called(unsigned int is)
{
	struct called *c = kzalloc(sizeof(*c), GFP_KERNEL);
	bool good = c;

	if (!c)
		return NULL;
	c->is = is;
	mutex_init(&c->lock);
	mutex_init(&c->map_lock);
	for (int i = 0; i < SHAPE_PAGES && good; i++) {
		c->pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		good = c->pages[i];
	}
	if (good)
		return c;
	free_pages_of(c);
	kfree(c);
	return NULL;
}

static vm_fault_t fault(struct vm_fault *vmf)
{
	struct called *c = vmf->vma->vm_private_data;
	vm_fault_t answer = VM_FAULT_SIGBUS;
	struct page *page;

	if (!c || vmf->pgoff >= SHAPE_PAGES)
		return answer;
	mutex_lock(&c->lock);
	page = c->pages[vmf->pgoff];
	if (page && c->is & FREES) {
		answer = vmf_insert_pfn(vmf->vma, vmf->address, page_to_pfn(page));
	} else if (page) {
		get_page(page);
		vmf->page = page;
		answer = 0;
	}
	mutex_unlock(&c->lock);
	return answer;
}

static const struct vm_operations_struct ops = {
	.fault = fault,
};

static int map(struct file *file, struct vm_area_struct *vma)
{
	struct called *c = file->private_data;

	if (!shape_fits(vma))
		return -EINVAL;
	if (c->is & FREES) {
		if (!(vma->vm_flags & VM_SHARED))
			return -EINVAL;
		vm_flags_set(vma, VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
	}
	if (c->is & MAP_LOCK)
		mutex_lock(&c->map_lock);
	c->vma = vma;
	vma->vm_private_data = c->is & SHARED ? READ_ONCE(all) : c;
	vma->vm_ops = &ops;
	if (c->is & MAP_LOCK)
		mutex_unlock(&c->map_lock);
	return 0;
}

static struct mutex *lock_of_call(struct called *c)
{
	return c->is & FAULT_LOCK ? &c->lock : c->is & MAP_LOCK ? &c->map_lock : NULL;
}

static long call(struct file *file, unsigned int request, unsigned long arg)
{
	struct called *c = file->private_data;
	struct mutex *lock = lock_of_call(c);
	u64 word = 0;
	long err = 0;

	if (c->is & REVOKES)
		unmap_mapping_range(file->f_mapping, 0, SHAPE_BYTES, 1);
	if (c->is & (REVOKES | FREES)) {
		mutex_lock(&c->lock);
		free_pages_of(c);
		mutex_unlock(&c->lock);
		return 0;
	}
	if (c->is & KEEPS_VMA && c->vma) {
		mmap_read_lock(c->vma->vm_mm);
		zap_vma_ptes(c->vma, c->vma->vm_start, PAGE_SIZE);
		mmap_read_unlock(c->vma->vm_mm);
		return 0;
	}
	if (!lock && copy_from_user(&word, (void __user *)arg, sizeof(word)))
		return -EFAULT;
	if (lock)
		mutex_lock(lock);
	if (copy_to_user((void __user *)arg, &word, sizeof(word)))
		err = -EFAULT;
	if (lock)
		mutex_unlock(lock);
	return err;
}

void shapes_calls_end(void)
{
	if (aside)
		free_pages_of(aside);
	kfree(aside);
}

static ssize_t read(struct file *file, char __user *to, size_t n, loff_t *at)
{
	struct called *c = file->private_data;
	u64 word = 0;
	int err;

	if (n < sizeof(word))
		return -EINVAL;
	if (c->is & READ_LOCK)
		mutex_lock(&c->lock);
	err = copy_to_user(to, &word, sizeof(word));
	if (c->is & READ_LOCK)
		mutex_unlock(&c->lock);
	return err ? -EFAULT : sizeof(word);
}

static int open_shared(struct file *file)
{
	struct called *c = kzalloc(sizeof(*c), GFP_KERNEL);

	if (!c)
		return -ENOMEM;
	c->is = SHARED;
	if (atomic_inc_return(&users) == 1) {
		if (!aside)
			aside = new_called(SHARED);
		WRITE_ONCE(all, aside);
	}
	file->private_data = c;
	return 0;
}

static int open(struct inode *inode, struct file *file)
{
	unsigned int is = shape_is(file);

	if (is & SHARED)
		return open_shared(file);
	file->private_data = new_called(is);
	return file->private_data ? 0 : -ENOMEM;
}

static int release(struct inode *inode, struct file *file)
{
	struct called *c = file->private_data;

	/* Who opens it while the last has it open is no first, and finds nothing. */
	if (c->is & SHARED && atomic_dec_return(&users) <= 1)
		WRITE_ONCE(all, NULL);
	free_pages_of(c);
	kfree(c);
	return 0;
}

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.open = open,
	.mmap = map,
	.unlocked_ioctl = call,
	.release = release,
};

static const struct file_operations fops_that_read = {
	.owner = THIS_MODULE,
	.open = open,
	.mmap = map,
	.read = read,
	.release = release,
};

static struct shape shapes[] = {
	{ .name = "calls", .fops = &fops },
	{ .name = "reads", .fops = &fops_that_read },
	{ .name = "revokes", .is = REVOKES, .fops = &fops },
	{ .name = "call_frees", .is = FREES, .fops = &fops },
	{ .name = "call_vma", .is = KEEPS_VMA, .fops = &fops },
	{ .name = "call_fault", .is = FAULT_LOCK, .fops = &fops },
	{ .name = "call_map", .is = MAP_LOCK, .fops = &fops },
	{ .name = "read_lock", .is = READ_LOCK, .fops = &fops_that_read },
	{ .name = "shared", .is = SHARED, .fops = &fops },
};

const struct shape_set shapes_calls = { shapes, ARRAY_SIZE(shapes) };
