/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_RECORDING_BYTES_H
#define MMSCOPE_RECORDING_BYTES_H

#include <stddef.h>
#include <linux/types.h>

/**
 * struct bytes - an array of bytes that grows; all zeros is an empty one
 * @data: the bytes
 * @size: how many bytes are in use
 * @room: how many bytes were allocated
 */
struct bytes {
	__u8 *data;
	size_t size;
	size_t room;
};

__u8 *bytes_room(struct bytes *bytes, size_t size);
void bytes_add(struct bytes *bytes, const void *data, size_t size);
void bytes_add_number(struct bytes *bytes, __u64 value);
void bytes_free(struct bytes *bytes);

#endif
