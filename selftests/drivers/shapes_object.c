// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that belongs to each mapping: an object with a count, which ->open takes and ->close gives
 * back. One driver keeps it until the file is closed.
 */
#include <linux/delay.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include "shapes.h"

#define UNTIL_CLOSE	0x0001	/* lives as long as the file */
#define MIRROR		0x0002	/* each page twice, one half behind the other */
/* Mistakes */
#define NO_PUT		0x0010	/* ->close does not give it back */
#define SMALL		0x0020	/* ->close forgets something small */
#define COPY		0x0040	/* ->open makes another one */
#define START		0x0080	/* knows where it was mapped first */
#define NO_GET		0x0100	/* no ->open: it is freed with the first of two */
#define REFUSED		0x0400	/* is forgotten where ->mmap refuses in the end */
#define RACY		0x1000	/* counts users without a lock, and serves none without any */
#define CLEARS		0x0800	/* ->close clears it, though others have it */

struct object {
	unsigned int is;
	struct kref kref;
	struct page *pages[SHAPE_PAGES];
	unsigned long start;
	atomic_t users;
	void *small;
	struct list_head list;	/* of a file, where it lives so long */
};

struct opened {
	unsigned int is;
	struct mutex lock;	/* protects @objects */
	struct list_head objects;
};

static void free_object(struct kref *kref)
{
	struct object *o = container_of(kref, struct object, kref);

	for (int i = 0; i < SHAPE_PAGES; i++)
		if (o->pages[i])
			put_page(o->pages[i]);
	if (!(o->is & SMALL))
		kfree(o->small);
	/* Who has not counted finds it poisoned. */
	if (o->is & NO_GET)
		memset(o, 0x6b, sizeof(*o));
	kfree(o);
}

static struct object *new_object(unsigned int is)
{
	struct object *o = kzalloc(sizeof(*o), GFP_KERNEL);
	bool good = o;

	if (!o)
		return NULL;
	o->is = is;
	atomic_set(&o->users, 1);
	kref_init(&o->kref);
	o->small = kzalloc(1000, GFP_KERNEL);
	for (int i = 0; i < SHAPE_PAGES && good; i++) {
		o->pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		good = o->pages[i];
	}
	if (good)
		return o;
	kref_put(&o->kref, free_object);
	return NULL;
}

/* As if there were much to do from the reading to the writing, where it becomes less */
static void count(struct object *o, int more)
{
	int users = atomic_read(&o->users);

	if (!(o->is & RACY))
		return;
	if (more < 0) {
		atomic_dec(&o->users);
		return;
	}
	/* Who comes while another comes or goes is not counted. */
	usleep_range(50, 100);
	atomic_cmpxchg(&o->users, users, users + 1);
}

static void vma_open(struct vm_area_struct *vma)
{
	struct object *o = vma->vm_private_data, *copy;

	count(o, 1);

	if (o->is & COPY) {
		copy = new_object(o->is);
		if (copy)
			vma->vm_private_data = copy;
		else
			kref_get(&o->kref);
		return;
	}
	kref_get(&o->kref);
}

static void vma_close(struct vm_area_struct *vma)
{
	struct object *o = vma->vm_private_data;
	bool clears = o->is & CLEARS && kref_read(&o->kref) > 1;

	for (int i = 0; clears && i < SHAPE_PAGES; i++)
		clear_page(page_address(o->pages[i]));
	count(o, -1);
	if (!(o->is & NO_PUT))
		kref_put(&o->kref, free_object);
}

static vm_fault_t fault(struct vm_fault *vmf)
{
	struct object *o = vmf->vma->vm_private_data;
	unsigned long i = vmf->pgoff;

	if (o->is & START)
		i = (vmf->address - o->start) >> PAGE_SHIFT;
	if (i >= SHAPE_PAGES || (o->is & RACY && atomic_read(&o->users) < 1))
		return VM_FAULT_SIGBUS;
	if (o->is & MIRROR)
		i %= SHAPE_PAGES / 2;
	get_page(o->pages[i]);
	vmf->page = o->pages[i];
	return 0;
}

static const struct vm_operations_struct ops = {
	.open = vma_open, .close = vma_close, .fault = fault,
};

static const struct vm_operations_struct ops_without_open = {
	.close = vma_close, .fault = fault,
};

/* The file keeps it. */
static const struct vm_operations_struct ops_until_close = {
	.fault = fault,
};

static int map(struct file *file, struct vm_area_struct *vma)
{
	struct opened *f = file->private_data;
	struct object *o;

	if (!(f->is & REFUSED) && !shape_fits(vma))
		return -EINVAL;
	o = new_object(f->is);
	if (!o)
		return -ENOMEM;
	if (!shape_fits(vma))
		return -EINVAL;
	o->start = vma->vm_start - (vma->vm_pgoff << PAGE_SHIFT);
	vma->vm_private_data = o;
	vma->vm_ops = f->is & NO_GET ? &ops_without_open : &ops;
	if (f->is & UNTIL_CLOSE) {
		vma->vm_ops = &ops_until_close;
		mutex_lock(&f->lock);
		list_add(&o->list, &f->objects);
		mutex_unlock(&f->lock);
	}
	return 0;
}

static int open(struct inode *inode, struct file *file)
{
	struct opened *f = kzalloc(sizeof(*f), GFP_KERNEL);

	if (!f)
		return -ENOMEM;
	f->is = shape_is(file);
	mutex_init(&f->lock);
	INIT_LIST_HEAD(&f->objects);
	file->private_data = f;
	return 0;
}

static int release(struct inode *inode, struct file *file)
{
	struct opened *f = file->private_data;
	struct object *o, *next;

	list_for_each_entry_safe(o, next, &f->objects, list)
		kref_put(&o->kref, free_object);
	kfree(f);
	return 0;
}

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.open = open,
	.mmap = map,
	.release = release,
};

#ifdef HAVE_MAPPED
/* Counted before it is certain that there will be a VMA of its own, and by whom. */
static int prepare(struct vm_area_desc *desc)
{
	struct object *o = desc->file->private_data;

	if (desc->pgoff >= SHAPE_PAGES ||
	    (desc->end - desc->start) >> PAGE_SHIFT > SHAPE_PAGES - desc->pgoff)
		return -EINVAL;
	kref_get(&o->kref);
	desc->private_data = o;
	desc->vm_ops = &ops;
	return 0;
}

static int open_prepared(struct inode *inode, struct file *file)
{
	file->private_data = new_object(shape_is(file));
	return file->private_data ? 0 : -ENOMEM;
}

static int release_prepared(struct inode *inode, struct file *file)
{
	struct object *o = file->private_data;

	kref_put(&o->kref, free_object);
	return 0;
}

static const struct file_operations fops_of_prepared = {
	.owner = THIS_MODULE,
	.open = open_prepared,
	.mmap_prepare = prepare,
	.release = release_prepared,
};

static int mapped(unsigned long start, unsigned long end, pgoff_t pgoff, const struct file *file,
		  void **private_data)
{
	struct object *o = *private_data;

	kref_get(&o->kref);
	return 0;
}

static const struct vm_operations_struct ops_of_mapped = {
	.mapped = mapped, .open = vma_open, .close = vma_close, .fault = fault,
};

static int prepare_mapped(struct vm_area_desc *desc)
{
	int err = prepare(desc);
	struct object *o = desc->file->private_data;

	if (err)
		return err;
	kref_put(&o->kref, free_object);
	desc->vm_ops = &ops_of_mapped;
	return 0;
}

static const struct file_operations fops_of_mapped = {
	.owner = THIS_MODULE,
	.open = open_prepared,
	.mmap_prepare = prepare_mapped,
	.release = release_prepared,
};
#endif

static struct shape shapes[] = {
	{ .name = "object", .fops = &fops },
	{ .name = "until_close", .is = UNTIL_CLOSE, .fops = &fops },
	{ .name = "mirror", .is = MIRROR, .fops = &fops },
	{ .name = "object_no_put", .is = NO_PUT, .fops = &fops },
	{ .name = "object_small", .is = SMALL, .fops = &fops },
	{ .name = "object_copy", .is = COPY, .fops = &fops },
	{ .name = "object_start", .is = START, .fops = &fops },
	{ .name = "object_no_get", .is = NO_GET, .fops = &fops },
	{ .name = "object_refused", .is = REFUSED, .fops = &fops },
	{ .name = "object_racy", .is = RACY, .fops = &fops },
	{ .name = "object_clears", .is = CLEARS, .fops = &fops },
#ifdef HAVE_MAPPED
	{ .name = "prepared", .fops = &fops_of_prepared },
	{ .name = "mapped", .fops = &fops_of_mapped },
#endif
};

const struct shape_set shapes_object = { shapes, ARRAY_SIZE(shapes) };
