// SPDX-License-Identifier: GPL-2.0
/*
 * In which cgroup a process is, while it lives. One that has ended before it was asked for has that
 * of the one that it was forked from, as the kernel gave it.
 */
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "base/cgroup.h"
#include "trace/cgroup_name.h"

static char **names;	/* by number of the address space; NULL for not known */
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
 * @space: its address space
 *
 * Return: it, as it was when it was asked for first; "" where it is not known
 */
const char *cgroup_name(const struct space *space)
{
	const char *parent;

	make_room(space->id);
	if (!names[space->id] && space->tgid)
		names[space->id] = cgroup_of_process(space->tgid);
	if (names[space->id])
		return names[space->id];
	make_room(space->parent);
	parent = space->parent ? names[space->parent] : NULL;
	return parent ? parent : "";
}
