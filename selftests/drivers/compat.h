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

/* What ->huge_fault is asked for, and how it gives page frames */
#include <linux/huge_mm.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define huge_size_t	enum page_entry_size
#define HUGE_IS_PMD(size)	((size) == PE_SIZE_PMD)
#else
#define huge_size_t	unsigned int
#define HUGE_IS_PMD(size)	((size) == PMD_ORDER)
#ifndef PMD_ORDER
#define PMD_ORDER	(PMD_SHIFT - PAGE_SHIFT)
#endif
#endif
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#include <linux/pfn_t.h>
#define frame_of(pfn)	pfn_to_pfn_t(pfn)
#else
#define frame_of(pfn)	(pfn)
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
#define zap_vma_ptes	zap_special_vma_range
#endif

/* ->mmap_prepare of a file, and ->mapped of its VMAs */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 3, 0)
#define HAVE_MAPPED
#endif

#endif
