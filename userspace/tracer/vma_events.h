/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_VMA_EVENTS_H
#define MMSCOPE_TRACER_VMA_EVENTS_H

#include <stdbool.h>
#include "bpf/tracer_abi.h"

struct area;
struct space;

void change_stored(struct space *space, const struct raw_vma *raw, bool complete);
void change_emptied(struct space *space, __u64 start, __u64 end);
void change_completed(struct space *space, const struct raw_vma *raw);
void change_looks(struct area *area, const struct raw_vma *raw);
void change_copied(struct space *space, __u64 object, __u64 copy);
void change_freed(struct space *space, __u64 object);
void change_forget(struct space *space, bool tell);

#endif
