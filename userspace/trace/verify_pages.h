/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACE_VERIFY_PAGES_H
#define MMSCOPE_TRACE_VERIFY_PAGES_H

#include <stdbool.h>
#include <sys/types.h>

struct space;

bool verify_pages(const struct space *space, pid_t pid, bool sums, bool show);

#endif
