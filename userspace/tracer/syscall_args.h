/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_SYSCALL_ARGS_H
#define MMSCOPE_TRACER_SYSCALL_ARGS_H

#include <stdbool.h>
#include "bpf/tracer_abi.h"

struct vma;
struct mm;

bool call_maps_over(const struct raw_vma *raw, const struct vma *vma);
bool call_shifts_stack(const struct raw_vma *raw, const struct mm *mm,
		       const struct vma *vma);
void call_moves(const struct raw_vma *raw, struct mm *mm);
bool call_moved(const struct mm *mm, const struct vma *vma);
bool call_protects(const struct raw_vma *raw);
void call_limit(const struct raw_vma *raw, struct mmscope_event *e);

#endif
