/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_HOOKS_H
#define MMSCOPE_HOOKS_H

#include <stdbool.h>
#include "bpf/probe.h"

const struct raw_ops *hooks_of(__u64 ops);
bool hooks_has(__u64 ops, enum raw_hook hook);

#endif
