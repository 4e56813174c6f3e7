// SPDX-License-Identifier: GPL-2.0
/*
 * In which cgroup a process is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/cgroup.h"
#include "base/proc.h"

/**
 * cgroup_of_process - the path of the cgroup that a process is in
 * @pid: a process
 *
 * Of cgroup v2 there is one line, "0::/path"; where only v1 is mounted, the last line's path
 * counts.
 *
 * Return: it, to be freed; NULL where the process has ended, or nothing is told of it
 */
char *cgroup_of_process(pid_t pid)
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
