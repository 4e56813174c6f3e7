/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_EXPORT_PROTOBUF_H
#define MMSCOPE_EXPORT_PROTOBUF_H

#include <stddef.h>
#include <linux/types.h>

/**
 * struct protobuf - a message that is being written
 * @bytes: so far
 * @n: how many
 * @room: for how many
 */
struct protobuf {
	char *bytes;
	size_t n;
	size_t room;
};

void protobuf_number(struct protobuf *to, unsigned int field, __u64 value);
void protobuf_fixed(struct protobuf *to, unsigned int field, __u64 value);
void protobuf_bytes(struct protobuf *to, unsigned int field, const void *bytes, size_t n);
void protobuf_string(struct protobuf *to, unsigned int field, const char *text);
void protobuf_packed(struct protobuf *to, __u64 value);
void protobuf_message(struct protobuf *to, unsigned int field, struct protobuf *message);

#endif
