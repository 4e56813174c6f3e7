/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_HOOK_NAME_H
#define MMSCOPE_HOOK_NAME_H

#include "bpf/probe.h"

const char *hook_name(enum raw_hook hook);

#endif
