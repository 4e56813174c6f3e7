/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_KFUNC_H
#define MMSCOPE_TRACER_KFUNC_H

#include <stdbool.h>

struct bpf_object;
struct kernel_names;

void kfunc_want(struct kernel_names *wanted);
bool kfunc_can_hold(const struct bpf_object *object, const struct kernel_names *found);

#endif
