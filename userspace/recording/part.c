// SPDX-License-Identifier: GPL-2.0
/*
 * Puts a part of a recording together in memory.
 */
#include <string.h>
#include "recording/checksum.h"
#include "recording/part.h"

/**
 * part_open - begin a part: write its head, without the checksum, which part_seal() adds
 * @to: is set to the head; its former content is dropped
 * @tag: kind of the part: RECORDING_HEADER, _BLOCK, _KEY or _INDEX
 * @size: bytes that will follow the head in this part
 */
void part_open(struct bytes *to, __u32 tag, size_t size)
{
	const struct recording_part part = {
		.magic = RECORDING_SKIPPABLE,
		.size = sizeof(part) - 8 + size,
		.tag = tag,
	};

	to->size = 0;
	bytes_add(to, &part, sizeof(part));
}

/**
 * part_seal - write the checksum into the head of a part
 * @to: the part, begun by part_open()
 * @size: bytes behind the head that the checksum covers
 */
void part_seal(struct bytes *to, size_t size)
{
	struct recording_part part;
	__u8 *at = to->data;

	memcpy(&part, at, sizeof(part));
	part.crc = checksum(0, &part.tag, sizeof(part.tag));
	part.crc = checksum(part.crc, at + sizeof(part), size);
	memcpy(at, &part, sizeof(part));
}

/**
 * part_pack - pack bytes into a zstd frame and append it
 * @to: where the frame is appended
 * @zstd: context that packs
 * @data: the bytes to pack
 * @size: how many bytes
 *
 * Return: bytes of the frame, 0 after an error
 */
size_t part_pack(struct bytes *to, ZSTD_CCtx *zstd, const void *data, size_t size)
{
	size_t room = ZSTD_compressBound(size);
	size_t packed = ZSTD_compress2(zstd, bytes_room(to, room), room, data, size);

	if (ZSTD_isError(packed))
		return 0;
	to->size += packed;
	return packed;
}
