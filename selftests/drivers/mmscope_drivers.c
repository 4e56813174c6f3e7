// SPDX-License-Identifier: GPL-2.0
/*
 * Drivers with one mistake each, for `mmscope trace --hooks` to tell them apart:
 * /dev/mmscope_drivers has another vm_operations_struct at each 256 MiB. Their memory is the same
 * page everywhere, which is theirs until the module goes: what they do wrong is what they answer,
 * and what they let be asked.
 * Never load it where you want to go on working.
 */
#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>

#define OFTEN	20	/* so often in a row a page is refused that will be there in the end */

static struct page *page;
static atomic_t refusals = ATOMIC_INIT(OFTEN);

static void opened(struct vm_area_struct *vma)
{
}

static void closed(struct vm_area_struct *vma)
{
}

static vm_fault_t give(struct vm_fault *vmf)
{
	get_page(page);
	vmf->page = page;
	return 0;
}

static vm_fault_t give_locked(struct vm_fault *vmf)
{
	lock_page(page);
	return give(vmf) | VM_FAULT_LOCKED;
}

static vm_fault_t refuse(struct vm_fault *vmf)
{
	return VM_FAULT_SIGSEGV;
}

static vm_fault_t lack(struct vm_fault *vmf)
{
	return atomic_dec_if_positive(&refusals) >= 0 ? VM_FAULT_OOM : give(vmf);
}

static vm_fault_t insert(struct vm_fault *vmf)
{
	int err = vm_insert_page(vmf->vma, vmf->address, page);

	return err && err != -EBUSY ? VM_FAULT_SIGBUS : VM_FAULT_NOPAGE;
}

/* By number: selftests/hooks_load.c has their names. */
static const struct vm_operations_struct kinds[] = {
	{ .open = opened, .close = closed, .fault = give },
	{ .close = closed, .fault = give_locked },
	{ .open = opened, .fault = give },
	{ .open = opened, .close = closed, .fault = refuse },
	{ .open = opened, .close = closed, .fault = lack },
	{ .open = opened, .close = closed, .fault = insert },
};

static int map(struct file *file, struct vm_area_struct *vma)
{
	unsigned long kind = vma->vm_pgoff >> (28 - PAGE_SHIFT);

	if (kind >= ARRAY_SIZE(kinds))
		return -EINVAL;
	vma->vm_ops = &kinds[kind];
	atomic_set(&refusals, OFTEN);
	/* One page at once: then mm allows that others are put there by faults, too. */
	return vma->vm_ops->fault == insert ? vm_insert_page(vma, vma->vm_start, page) : 0;
}

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.mmap = map,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "mmscope_drivers",
	.fops = &fops,
};

static int __init start(void)
{
	int err;

	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!page)
		return -ENOMEM;
	err = misc_register(&device);
	if (err)
		put_page(page);
	return err;
}

static void __exit stop(void)
{
	misc_deregister(&device);
	put_page(page);
}

module_init(start);
module_exit(stop);
MODULE_DESCRIPTION("Drivers with one mistake each, for mmscope's tests");
MODULE_LICENSE("GPL");
