/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_SYSCALL_ARGS_H
#define MMSCOPE_TRACER_SYSCALL_ARGS_H

#include <stdbool.h>
#include "bpf/tracer_abi.h"

struct area;
struct space;

bool call_maps_over(const struct raw_vma *raw, const struct area *area);
bool call_shifts_stack(const struct raw_vma *raw, const struct space *space,
		       const struct area *area);
void call_moves(const struct raw_vma *raw, struct space *space);
bool call_moved(const struct space *space, const struct area *area);
bool call_protects(const struct raw_vma *raw);
void call_limit(const struct raw_vma *raw, struct mmscope_event *e);

#endif
