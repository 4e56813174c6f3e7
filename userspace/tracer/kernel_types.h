/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_KERNEL_TYPES_H
#define MMSCOPE_TRACER_KERNEL_TYPES_H

#include <stddef.h>
#include <linux/types.h>

struct btf;
struct kernel_names;

void kernel_types_want(struct kernel_names *wanted, const struct btf *programs);
struct btf *kernel_types_extract(const struct btf *from, const __u32 *types, size_t n);

#endif
