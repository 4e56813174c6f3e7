/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RECORDING_CHECKSUM_H
#define MMSCOPE_RECORDING_CHECKSUM_H

#include <stddef.h>
#include <linux/types.h>

__u32 checksum(__u32 before, const void *data, size_t size);

#endif
