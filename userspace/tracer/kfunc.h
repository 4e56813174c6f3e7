/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_KFUNC_H
#define MMSCOPE_TRACER_KFUNC_H

#include <stdbool.h>

struct bpf_object;

bool kfunc_can_hold(const struct bpf_object *object);

#endif
