// SPDX-License-Identifier: GPL-2.0
/*
 * The cgroup of a process, which can be asked for while the process lives. A process that has ended
 * before that is taken to be in its parent's cgroup, where the kernel puts a forked process.
 */
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "base/cgroup.h"
#include "trace/cgroup_name.h"

static char **names;	/* paths of cgroups by id of the address space; NULL for not known */
static size_t room;

static void make_room(__u32 id)
{
	size_t before = room;

	if (id < room)
		return;
	room = 2 * (size_t)id + 64;
	names = reallocarray(names, room, sizeof(*names));
	if (!names)
		abort();
	memset(names + before, 0, (room - before) * sizeof(*names));
}

/**
 * cgroup_name - the path of the cgroup that a process is in
 * @mm: address space of the process
 *
 * Return: the path, as it was when it was asked for first; "" where it is not known
 */
const char *cgroup_name(const struct mm *mm)
{
	const char *parent;

	make_room(mm->id);
	if (!names[mm->id] && mm->tgid)
		names[mm->id] = cgroup_of_process(mm->tgid);
	if (names[mm->id])
		return names[mm->id];
	make_room(mm->parent);
	parent = mm->parent ? names[mm->parent] : NULL;
	return parent ? parent : "";
}
