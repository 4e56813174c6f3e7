/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_REPRODUCE_CALL_H
#define MMSCOPE_REPRODUCE_CALL_H

#include <stdbool.h>
#include "bpf/tracer_abi.h"

struct history;

void call_raw(struct history *history, const struct raw_vma *raw);
void call_advised(struct history *history, const struct mmscope_event *raw);
void call_unmapped(struct history *history, const struct mmscope_event *raw, __u64 object);
void call_refused(struct history *history, const struct raw_failed *raw);
void call_named(const struct raw_name *raw);
void call_went(struct history *history, const struct mmscope_event *e);
bool call_is_kept(int nr);

#endif
