/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_PLACES_H
#define MMSCOPE_TRACER_PLACES_H

#include <stdbool.h>

struct bpf_object;
struct bpf_program;
struct btf;

int places_handle(void);
bool places_attached(const struct bpf_program *prog);
int places_file(void);
int places_find(const struct bpf_object *object, int types);
bool places_has(const struct bpf_program *prog);
const struct btf *places_btf(void);
void places_forget(void);

#endif
