/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_VM_OPS_TARGET_H
#define MMSCOPE_TRACER_VM_OPS_TARGET_H

#include <stdbool.h>
#include <sys/types.h>
#include <linux/mmscope.h>

int driver_choose(const char *what);
int driver_begin(void);
bool driver_chosen(void);
void driver_found(__u64 ops, pid_t stopped);
bool driver_shows(struct mmscope_event *e);
void driver_verdict(void);

#endif
