/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_LOAD_H
#define MMSCOPE_TRACER_LOAD_H

#include "tracer/tracer.h"

struct tracer_bpf;

int tracer_load(enum tracer_use use);
struct tracer_bpf *tracer_loaded(void);
void tracer_unload(void);
const char *tracer_complaint(void);

#endif
