/* SPDX-License-Identifier: GPL-2.0 */
/* Who follows whose descendants: family.c */
#ifndef MMSCOPE_FAMILY_H
#define MMSCOPE_FAMILY_H

#include <linux/types.h>

struct mm_struct;
struct mmscope_log;
struct mmscope_mm;
struct mmscope_reader;
struct pid;
struct task_struct;

void mmscope_family_join(struct mmscope_reader *r);
void mmscope_family_leave(struct mmscope_reader *r);
bool mmscope_family_is_full(struct pid *leader, const struct mmscope_reader *r);
struct mmscope_log *mmscope_family_find(struct task_struct *task, struct mm_struct *mm,
					struct mmscope_mm *parent);

#endif
