/* SPDX-License-Identifier: GPL-2.0 */
/* Who may see an mm: access.c */
#ifndef MMSCOPE_ACCESS_H
#define MMSCOPE_ACCESS_H

#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "compat.h"
#include "mm.h"

struct mmscope_reader;

bool mmscope_task_visible(struct task_struct *task, struct mm_struct *mm, const struct file *file);
void mmscope_mm_look(struct mmscope_mm *m);
bool mmscope_mm_visible(struct mmscope_mm *m, const struct mmscope_reader *r);
bool mmscope_id_visible(u32 id, struct mmscope_reader *r);
bool mmscope_sees_all(const struct file *file);

/*
 * Has the process that runs here other credentials than were noted, or is it no more dumpable?
 * Asked where the set of VMAs changes, so that the last of them tells whose the mm was.
 */
static inline bool mmscope_mm_changed(const struct mmscope_mm *m)
{
	bool changed;

	if (current->mm != m->mm)
		return false;
	rcu_read_lock();
	changed = rcu_access_pointer(current->real_cred) != READ_ONCE(m->cred) ||
		  mmscope_dumpable(current, m->mm) != READ_ONCE(m->dumpable);
	rcu_read_unlock();
	return changed;
}

#endif
