/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RECORDING_KEYFRAME_H
#define MMSCOPE_RECORDING_KEYFRAME_H

#include <stdbool.h>
#include "bpf/tracer_abi.h"
#include "recording/bytes.h"
#include "recording/format.h"

void keyframe_make(struct bytes *to, void (*hide)(struct vma_image *image));
void keyframe_add_ops(struct bytes *to, const struct recording_ops *ops);
bool keyframe_load(const void *data, size_t size, void (*ops)(const void *data, size_t size));

#endif
