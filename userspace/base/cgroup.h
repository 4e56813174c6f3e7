/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_BASE_CGROUP_H
#define MMSCOPE_BASE_CGROUP_H

#include <sys/types.h>

char *cgroup_of_process(pid_t pid);

#endif
