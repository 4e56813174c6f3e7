// SPDX-License-Identifier: GPL-2.0
/*
 * In which cgroup a process is, while it lives. One that has ended before it was asked for has that
 * of the one that it was forked from, as the kernel gave it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "base/proc.h"
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

/* Of cgroup v2 there is one line, "0::/path"; where only v1 is mounted, the last line's path. */
static char *read_name(pid_t pid)
{
	struct proc_lines lines;
	const char *line, *path;
	char file[40], *name = NULL;

	snprintf(file, sizeof(file), "/proc/%d/cgroup", pid);
	if (!proc_open(&lines, file))
		return NULL;
	while ((line = proc_line(&lines))) {
		path = strchr(line, '/');
		if (!path)
			continue;
		free(name);
		name = strdup(path);
		if (!name)
			abort();
	}
	return name;
}

/**
 * cgroup_name - the path of the cgroup that a process is in
 * @mm: its address space
 *
 * Return: it, as it was when it was asked for first; "" where it is not known
 */
const char *cgroup_name(const struct mm *mm)
{
	const char *parent;

	make_room(mm->id);
	if (!names[mm->id] && mm->tgid)
		names[mm->id] = read_name(mm->tgid);
	if (names[mm->id])
		return names[mm->id];
	make_room(mm->parent);
	parent = mm->parent ? names[mm->parent] : NULL;
	return parent ? parent : "";
}
