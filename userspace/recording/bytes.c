// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes in memory that grow.
 */
#include <stdlib.h>
#include <string.h>
#include "recording/bytes.h"
#include "recording/number.h"

/**
 * bytes_room - have room for more
 * @bytes: which
 * @size: more
 *
 * Return: behind the last byte
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
 * bytes_add - add some
 * @bytes: to which
 * @data: them; NULL for zeros
 * @size: how many
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
 * bytes_add_number - add a number, as recording/number.h has it
 * @bytes: to which
 * @value: the number
 */
void bytes_add_number(struct bytes *bytes, __u64 value)
{
	__u8 *at = bytes_room(bytes, NUMBER_MOST);

	bytes->size += number_put(at, value) - at;
}

/**
 * bytes_free - have none
 * @bytes: whose
 */
void bytes_free(struct bytes *bytes)
{
	free(bytes->data);
	memset(bytes, 0, sizeof(*bytes));
}
