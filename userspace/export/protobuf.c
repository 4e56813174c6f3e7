// SPDX-License-Identifier: GPL-2.0
/*
 * Protocol Buffers, as far as they are written here: fields by their numbers. A field of value 0 is
 * written, too: whether it is there may mean something.
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include "export/protobuf.h"

/* How a field is written */
#define VARINT	0
#define FIXED64	1
#define BYTES	2

#define LONGEST	10	/* bytes of a number */

static char *room_for(struct protobuf *to, size_t n)
{
	if (to->room - to->n < n) {
		to->room = 2 * to->room + n;
		to->bytes = realloc(to->bytes, to->room);
		if (!to->bytes)
			abort();
	}
	return to->bytes + to->n;
}

/**
 * protobuf_packed - a number of a list that protobuf_message() writes as one field
 * @to: the list
 * @value: the number; a negative one as 64 bits
 */
void protobuf_packed(struct protobuf *to, __u64 value)
{
	char *first = room_for(to, LONGEST), *at = first;

	for (; value >= 0x80; value >>= 7)
		*at++ = value | 0x80;
	*at++ = value;
	to->n += at - first;
}

static void put_key(struct protobuf *to, unsigned int field, unsigned int how)
{
	protobuf_packed(to, field << 3 | how);
}

/**
 * protobuf_number - a field of a number, bool or enum
 * @to: the message
 * @field: its number
 * @value: a negative one as 64 bits
 */
void protobuf_number(struct protobuf *to, unsigned int field, __u64 value)
{
	put_key(to, field, VARINT);
	protobuf_packed(to, value);
}

/**
 * protobuf_fixed - a field of type fixed64
 * @to: the message
 * @field: its number
 * @value: its value
 */
void protobuf_fixed(struct protobuf *to, unsigned int field, __u64 value)
{
	put_key(to, field, FIXED64);
	value = htole64(value);
	memcpy(room_for(to, sizeof(value)), &value, sizeof(value));
	to->n += sizeof(value);
}

/**
 * protobuf_bytes - a field of bytes
 * @to: the message
 * @field: its number
 * @bytes: them
 * @n: how many
 */
void protobuf_bytes(struct protobuf *to, unsigned int field, const void *bytes, size_t n)
{
	put_key(to, field, BYTES);
	protobuf_packed(to, n);
	if (n)
		memcpy(room_for(to, n), bytes, n);
	to->n += n;
}

/**
 * protobuf_string - a field of text
 * @to: the message
 * @field: its number
 * @text: UTF-8
 */
void protobuf_string(struct protobuf *to, unsigned int field, const char *text)
{
	protobuf_bytes(to, field, text, strlen(text));
}

/**
 * protobuf_message - a field that is a message
 * @to: the message that has it
 * @field: its number
 * @message: is empty afterwards
 */
void protobuf_message(struct protobuf *to, unsigned int field, struct protobuf *message)
{
	protobuf_bytes(to, field, message->bytes, message->n);
	message->n = 0;
}
