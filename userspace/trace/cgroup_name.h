/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACE_CGROUP_NAME_H
#define MMSCOPE_TRACE_CGROUP_NAME_H

struct space;

const char *cgroup_name(const struct space *space);

#endif
