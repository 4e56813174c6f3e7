/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_CHECK_KERNEL_LOG_H
#define MMSCOPE_CHECK_KERNEL_LOG_H

#include <stdbool.h>
#include <stddef.h>

bool kernel_log_start(void);
bool kernel_log_complains(char *line, size_t size);
unsigned long kernel_log_lost(void);

#endif
