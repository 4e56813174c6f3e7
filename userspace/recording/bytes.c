// SPDX-License-Identifier: GPL-2.0
/*
 * An array of bytes that grows.
 */
#include <stdlib.h>
#include <string.h>
#include "recording/bytes.h"
#include "recording/number.h"

/**
 * bytes_room - make room for more bytes behind the last one; abort() without memory
 * @bytes: the array; its size does not change
 * @size: how many more bytes there shall be room for
 *
 * Return: where the next byte goes, valid until the array grows again
 */
__u8 *bytes_room(struct bytes *bytes, size_t size)
{
	if (bytes->room - bytes->size < size) {
		bytes->room = 2 * bytes->room + size + 4096;
		bytes->data = realloc(bytes->data, bytes->room);
		if (!bytes->data)
			abort();
	}
	return bytes->data + bytes->size;
}

/**
 * bytes_add - append bytes
 * @bytes: the array
 * @data: the bytes to append, or NULL for zeros
 * @size: how many bytes
 */
void bytes_add(struct bytes *bytes, const void *data, size_t size)
{
	__u8 *at;

	if (!size)
		return;
	at = bytes_room(bytes, size);
	if (data)
		memcpy(at, data, size);
	else
		memset(at, 0, size);
	bytes->size += size;
}

/**
 * bytes_add_number - append a number in the encoding of recording/number.h
 * @bytes: the array
 * @value: the number
 */
void bytes_add_number(struct bytes *bytes, __u64 value)
{
	__u8 *at = bytes_room(bytes, NUMBER_MOST);

	bytes->size += number_put(at, value) - at;
}

/**
 * bytes_free - free the memory of an array and make it empty
 * @bytes: the array
 */
void bytes_free(struct bytes *bytes)
{
	free(bytes->data);
	memset(bytes, 0, sizeof(*bytes));
}
