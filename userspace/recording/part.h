/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RECORDING_PART_H
#define MMSCOPE_RECORDING_PART_H

#include <zstd.h>
#include "recording/bytes.h"
#include "recording/format.h"

void part_open(struct bytes *to, __u32 tag, size_t size);
void part_seal(struct bytes *to, size_t size);
size_t part_pack(struct bytes *to, ZSTD_CCtx *zstd, const void *data, size_t size);

#endif
