/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACE_CGROUP_NAME_H
#define MMSCOPE_TRACE_CGROUP_NAME_H

struct mm;

const char *cgroup_name(const struct mm *mm);

#endif
