/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RECORD_HOOK_NAME_H
#define MMSCOPE_RECORD_HOOK_NAME_H

#include "bpf/tracer_abi.h"

const char *hook_name(enum raw_hook hook);

#endif
