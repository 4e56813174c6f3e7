/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The limits of a process, and of the machine, that the kernel refuses memory at.
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

extern const void sysctl_overcommit_memory __ksym __weak;
extern const void sysctl_max_map_count __ksym __weak;

/*
 * They are in failed.bpf.c, and ask for those two: the linker of Debian 12 takes no variable
 * without a type that two objects ask for.
 */
int overcommit(void);
int max_map_count(void);

static __always_inline bool overcommit_strict(void)
{
	return overcommit() == OVERCOMMIT_NEVER;
}

#endif
