/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_BASE_KALLSYMS_H
#define MMSCOPE_BASE_KALLSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

bool kallsyms_hidden(void);
size_t kallsyms_addresses(const char *name, __u64 *found, size_t max);
void kallsyms_replace(void);
void kallsyms_add(__u64 number, const char *name);
const char *kallsyms_name(__u64 address);

#endif
