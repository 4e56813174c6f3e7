/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_QUEUE_H
#define MMSCOPE_TRACER_QUEUE_H

#include <stdbool.h>
#include <linux/mmscope.h>
#include "record/extra.h"

struct vma;
struct mm;

struct record_extra *queue_extra(struct mmscope_event *e);
const struct record_extra *queue_extra_last(void);

void queue_because(const struct mmscope_event *raw);
const struct mmscope_event *queue_raw(void);
struct mmscope_event *queue_add(__u8 type, struct mm *mm, const struct vma *vma);
void queue_name(struct mm *mm);
struct mmscope_event *queue_pass(struct mm *mm);
struct mmscope_event *queue_lost(unsigned int cpu, __u64 count);
struct mmscope_event *queue_next(void);
bool queue_pending(void);
__u32 queue_rights(const struct vma *vma);

#endif
