/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_VM_OPS_TARGET_H
#define MMSCOPE_TRACER_VM_OPS_TARGET_H

#include <stdbool.h>
#include <sys/types.h>
#include <linux/mmscope.h>

struct mm;
struct vma;

/**
 * struct vm_ops_target_balance - VMAs of a driver, as it was asked and as they were seen
 * @mapped: made by mmap(2)
 * @there: that were there when the tracer came
 * @opened: for which ->open was called
 * @closed: for which ->close was called
 * @born: made by a split, fork or mremap(2) without a call of ->open, which he lacks
 * @gone: that went without a call of ->close, which he lacks
 * @no_open: he lacks ->open
 * @no_close: he lacks ->close
 */
struct vm_ops_target_balance {
	unsigned long mapped;
	unsigned long there;
	unsigned long opened;
	unsigned long closed;
	unsigned long born;
	unsigned long gone;
	bool no_open;
	bool no_close;
};

int vm_ops_target_choose(const char *what);
int vm_ops_target_begin(void);
bool vm_ops_target_chosen(void);
void vm_ops_target_found(__u64 ops, pid_t stopped);
bool vm_ops_target_shows(struct mmscope_event *e);
void vm_ops_target_completed(struct mm *mm, struct vma *vma);
bool vm_ops_target_balance(struct vm_ops_target_balance *out);
void vm_ops_target_verdict(void);

#endif
