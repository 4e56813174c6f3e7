/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_VM_OPS_TARGET_H
#define MMSCOPE_TRACER_VM_OPS_TARGET_H

#include <stdbool.h>
#include <sys/types.h>
#include <linux/mmscope.h>

/**
 * struct driver_balance - the VMAs of a driver, counted as he was asked and as they were seen
 * @mapped: made by mmap(2)
 * @there: that were there when the tracer came
 * @opened: for which ->open was called
 * @closed: for which ->close was called
 * @born: made by a split, fork or mremap(2) without a call of ->open, which he lacks
 * @gone: that went without a call of ->close, which he lacks
 * @no_open: he lacks ->open
 * @no_close: he lacks ->close
 */
struct driver_balance {
	unsigned long mapped;
	unsigned long there;
	unsigned long opened;
	unsigned long closed;
	unsigned long born;
	unsigned long gone;
	bool no_open;
	bool no_close;
};

int driver_choose(const char *what);
int driver_begin(void);
bool driver_chosen(void);
void driver_found(__u64 ops, pid_t stopped);
bool driver_shows(struct mmscope_event *e);
bool driver_balance(struct driver_balance *out);
void driver_verdict(void);

#endif
