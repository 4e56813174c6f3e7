/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every experiment: declared here, placed in table.c, written in a file of its own.
 */
#ifndef MMSCOPE_EXPERIMENTS_TABLE_H
#define MMSCOPE_EXPERIMENTS_TABLE_H

#include "exp.h"

extern const struct experiment exp_dontneed;
extern const struct experiment exp_double_fault;
extern const struct experiment exp_fault_around;
extern const struct experiment exp_fork;
extern const struct experiment exp_hint;
extern const struct experiment exp_hooks;
extern const struct experiment exp_kernel_fault;
extern const struct experiment exp_lazy;
extern const struct experiment exp_map_fixed;
extern const struct experiment exp_merge;
extern const struct experiment exp_mprotect;
extern const struct experiment exp_mremap;
extern const struct experiment exp_munmap_basics;
extern const struct experiment exp_partial_munmap;
extern const struct experiment exp_private_cow;
extern const struct experiment exp_remote;
extern const struct experiment exp_sigbus;
extern const struct experiment exp_veto;
extern const struct experiment exp_vmalloc_map;
extern const struct experiment exp_write_notify;

/* Part of partial-munmap, in a file of its own. */
void give_back(void);

#endif
