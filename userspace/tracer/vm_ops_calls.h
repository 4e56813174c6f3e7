/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_VM_OPS_CALLS_H
#define MMSCOPE_TRACER_VM_OPS_CALLS_H

#include "bpf/tracer_abi.h"

struct mm;

void vm_ops_calls_take(struct mm *mm, const struct raw_call *raw);

#endif
