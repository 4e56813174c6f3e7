/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_ASPACE_VMFLAGS_H
#define MMSCOPE_ASPACE_VMFLAGS_H

#include <stddef.h>
#include <linux/types.h>

__u64 vmflags_of_smaps(const char *text);
size_t vmflags_differing(__u64 low, __u64 high, char *buf, size_t size);

#endif
