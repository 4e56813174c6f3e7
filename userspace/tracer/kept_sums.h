/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_KEPT_SUMS_H
#define MMSCOPE_TRACER_KEPT_SUMS_H

#include <stdbool.h>
#include "bpf/tracer_abi.h"
#include "tracer/decode.h"

struct vma;

void kept_add(const struct raw_sums *to, const struct vma *vma, const struct mmscope_event *e);
void kept_goes(const struct raw_sums *to, __u64 object);
struct fault_sums *kept_sums(size_t *n);
bool kept_driver(struct fault_driver *driver, bool before, struct fault_total *total);
bool kept_refusal(__u32 *error, bool before, struct fault_total *total);

#endif
