/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACE_VERIFY_PAGES_H
#define MMSCOPE_TRACE_VERIFY_PAGES_H

#include <stdbool.h>
#include <sys/types.h>

struct mm;

bool verify_pages(const struct mm *mm, pid_t pid, bool sums, bool show);

#endif
