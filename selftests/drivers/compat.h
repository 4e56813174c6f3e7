/* SPDX-License-Identifier: GPL-2.0 */
/*
 * These drivers are written for the newest kernel; here older ones get what they lack.
 */
#ifndef MMSCOPE_DRIVERS_COMPAT_H
#define MMSCOPE_DRIVERS_COMPAT_H

#include <linux/mm.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}

static inline void vm_flags_clear(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags &= ~flags;
}
#endif

/* ->mmap_prepare of a file, and ->mapped of its VMAs */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 3, 0)
#define HAVE_MAPPED
#endif

#endif
