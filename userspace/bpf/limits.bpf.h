/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Limits of a process, and of the machine, at which the kernel refuses memory.
 */
#ifndef MMSCOPE_BPF_LIMITS_BPF_H
#define MMSCOPE_BPF_LIMITS_BPF_H

#include "kernel.bpf.h"

#define EPERM			1
#define ENOMEM			12
#define RLIMIT_DATA		2
#define RLIMIT_STACK		3
#define RLIMIT_MEMLOCK		8
#define RLIMIT_AS		9
#define OVERCOMMIT_NEVER	2

/* These functions are in failed.bpf.c. */
int overcommit(void);
int max_map_count(void);

static __always_inline bool overcommit_strict(void)
{
	return overcommit() == OVERCOMMIT_NEVER;
}

#endif
