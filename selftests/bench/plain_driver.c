// SPDX-License-Identifier: GPL-2.0
/*
 * The controls of the bench: drivers that give a zeroed page per fault and do nothing else. Their
 * pages belong to the mapping alone. /dev/plain-driver is what most drivers are, a ->fault without
 * ->map_pages; /dev/plain-driver-stub has a ->map_pages that maps nothing, and so is entered under
 * the VMA lock where there is one.
 */
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>

static vm_fault_t plain_fault(struct vm_fault *vmf)
{
	vmf->page = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
	return vmf->page ? 0 : VM_FAULT_OOM;
}

static vm_fault_t plain_map_pages(struct vm_fault *vmf, pgoff_t start, pgoff_t end)
{
	return 0;
}

static const struct vm_operations_struct plain_ops = { .fault = plain_fault };
static const struct vm_operations_struct plain_stub_ops = {
	.fault = plain_fault, .map_pages = plain_map_pages,
};

static int plain_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = &plain_ops;
	return 0;
}

static int plain_stub_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = &plain_stub_ops;
	return 0;
}

static const struct file_operations plain_fops = {
	.owner = THIS_MODULE, .mmap = plain_mmap,
};

static const struct file_operations plain_stub_fops = {
	.owner = THIS_MODULE, .mmap = plain_stub_mmap,
};

static struct miscdevice plain = {
	.minor = MISC_DYNAMIC_MINOR, .name = "plain-driver", .fops = &plain_fops,
};

static struct miscdevice plain_stub = {
	.minor = MISC_DYNAMIC_MINOR, .name = "plain-driver-stub", .fops = &plain_stub_fops,
};

static int __init plain_init(void)
{
	int err = misc_register(&plain);

	if (err)
		return err;
	err = misc_register(&plain_stub);
	if (err)
		misc_deregister(&plain);
	return err;
}

static void __exit plain_exit(void)
{
	misc_deregister(&plain_stub);
	misc_deregister(&plain);
}

module_init(plain_init);
module_exit(plain_exit);
MODULE_DESCRIPTION("Drivers to compare mmscope with");
MODULE_LICENSE("GPL");
