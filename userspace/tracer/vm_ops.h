/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_VM_OPS_H
#define MMSCOPE_TRACER_VM_OPS_H

#include <stdbool.h>
#include "bpf/tracer_abi.h"

const struct raw_ops *hooks_of(__u64 ops);
void hooks_tell(__u64 ops, __u64 hooks);
bool hooks_has(__u64 ops, enum raw_hook hook);

#endif
