/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_VMA_EVENTS_H
#define MMSCOPE_TRACER_VMA_EVENTS_H

#include <stdbool.h>
#include "bpf/tracer_abi.h"

struct vma;
struct mm;

void vma_event_stored(struct mm *mm, const struct raw_vma *raw, bool complete);
void vma_event_emptied(struct mm *mm, __u64 start, __u64 end);
void vma_event_completed(struct mm *mm, const struct raw_vma *raw);
void vma_event_looks(struct vma *vma, const struct raw_vma *raw);
void vma_event_copied(struct mm *mm, __u64 object, __u64 copy);
void vma_event_freed(struct mm *mm, __u64 object);
void vma_event_forget(struct mm *mm, bool tell);

#endif
