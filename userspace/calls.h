/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_CALLS_H
#define MMSCOPE_CALLS_H

#include "bpf/probe.h"

struct space;

void calls_take(struct space *space, const struct raw_call *raw);

#endif
