/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_KALLSYMS_H
#define MMSCOPE_KALLSYMS_H

#include <linux/types.h>

const char *kallsyms_name(__u64 address);

#endif
