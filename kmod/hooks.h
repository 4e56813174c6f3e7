/* SPDX-License-Identifier: GPL-2.0 */
/* What mm calls: vm_ops.c, vma.c, move.c, fault.c; and what these share */
#ifndef MMSCOPE_HOOKS_H
#define MMSCOPE_HOOKS_H

#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/types.h>
#include <linux/mmscope.h>

#include "mm.h"

/* vm_ops.c */
s16 mmscope_cause(const struct mm_struct *mm);
u32 mmscope_rights(vm_flags_t vm_flags);
struct mmscope_event mmscope_range_event(u32 type, const struct vm_area_struct *vma);
int mmscope_vm_mmap(struct file *file, struct vm_area_struct *vma);

/* vma.c */
void mmscope_record_vma(const struct vm_area_struct *vma, struct mmscope_event *e);
void mmscope_vm_open(struct vm_area_struct *vma);
void mmscope_vm_close(struct vm_area_struct *vma);
int mmscope_vm_may_split(struct vm_area_struct *vma, unsigned long addr);
int mmscope_vm_mprotect(struct vm_area_struct *vma, unsigned long start, unsigned long end,
			unsigned long newflags);

/* move.c */
void mmscope_begin_move(struct mmscope_mm *m, struct vm_area_struct *vma,
			const struct mmscope_vma *old);
bool mmscope_ends_move(struct mmscope_mm *m, struct vm_area_struct *vma);
void mmscope_end_move(struct mmscope_mm *m);
int mmscope_vm_mremap(struct vm_area_struct *vma);

/* fault.c */
vm_fault_t mmscope_vm_fault(struct vm_fault *vmf);
vm_fault_t mmscope_vm_page_mkwrite(struct vm_fault *vmf);
vm_fault_t mmscope_vm_pfn_mkwrite(struct vm_fault *vmf);
int mmscope_vm_access(struct vm_area_struct *vma, unsigned long addr, void *buf, int len,
		      int write);

#endif
