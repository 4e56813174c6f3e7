/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs that are watched whoever starts them: those of a user, of a cgroup, of a name, or all.
 */
#ifndef MMSCOPE_BPF_WIDE_BPF_H
#define MMSCOPE_BPF_WIDE_BPF_H

#include "mms.bpf.h"

/*
 * Do the conditions for programs that are watched hold for the running process?
 * @known: WIDE_* of the conditions that can be decided at this time; false if there are others
 */
static __always_inline bool task_is_wide(__u32 known)
{
	if (!wide.which || wide.which & ~known)
		return false;
	if (wide.which & WIDE_USER && (__u32)bpf_get_current_uid_gid() != wide.user)
		return false;
	return !(wide.which & WIDE_CGROUP) ||
	       bpf_get_current_ancestor_cgroup_id(wide.cgroup_level) == wide.cgroup;
}

#endif
