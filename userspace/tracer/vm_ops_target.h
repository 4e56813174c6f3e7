/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_VM_OPS_TARGET_H
#define MMSCOPE_TRACER_VM_OPS_TARGET_H

#include <stdbool.h>
#include <sys/types.h>
#include <linux/mmscope.h>

struct mm;
struct raw_vma;

/**
 * struct vm_ops_target_balance - numbers of VMAs of a driver: as its hooks and as the tracer saw
 *	them
 * @mapped: VMAs that mmap(2) made
 * @there: VMAs that were there when the tracer attached
 * @opened: VMAs for which ->open was called
 * @closed: VMAs for which ->close was called
 * @born: VMAs made by a split, fork or mremap(2), where the driver has no ->open
 * @gone: VMAs that went, where the driver has no ->close
 * @no_open: the driver lacks ->open
 * @no_close: the driver lacks ->close
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
void vm_ops_target_completed(struct mm *mm, const struct raw_vma *raw);
bool vm_ops_target_balance(struct vm_ops_target_balance *out);
void vm_ops_target_verdict(void);

#endif
