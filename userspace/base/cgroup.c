// SPDX-License-Identifier: GPL-2.0
/*
 * The cgroup of a process, from /proc/PID/cgroup.
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
 * /proc/PID/cgroup has one line for cgroup v2, "0::/path". Where only v1 is mounted, it has a line
 * for each controller, and the path in the last line is taken.
 *
 * Return: the path, which the caller frees; NULL when the process has ended or the file is empty
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
