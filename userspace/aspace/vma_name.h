/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_ASPACE_VMA_NAME_H
#define MMSCOPE_ASPACE_VMA_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include "bpf/tracer_abi.h"

struct vma;
struct mm;

void names_file(const struct raw_file *raw);
const char *names_path(__u64 key);
void names_restore(__u64 key, const char *path);
void names_pending(const struct raw_name *raw);
void names_take(struct vma *vma, const struct raw_vma *raw);

bool names_same(const struct vma *a, const struct vma *b);
const char *names_of(const struct vma *vma, const struct mm *mm);

#endif
