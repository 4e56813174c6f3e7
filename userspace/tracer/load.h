/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_LOAD_H
#define MMSCOPE_TRACER_LOAD_H

#include "tracer/tracer.h"

struct tracer_bpf;

int probe_load(enum probe_use use);
struct tracer_bpf *probe_loaded(void);
void probe_unload(void);
const char *probe_complaint(void);

#endif
