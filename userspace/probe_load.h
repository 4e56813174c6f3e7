/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_PROBE_LOAD_H
#define MMSCOPE_PROBE_LOAD_H

#include "probe.h"

struct probe_bpf;

int probe_load(enum probe_use use, struct probe_bpf **loaded);

#endif
