// SPDX-License-Identifier: GPL-2.0
/*
 * A part of a recording, while it is put together.
 */
#include <string.h>
#include "recording/checksum.h"
#include "recording/part.h"

/**
 * part_open - how a part of ours begins, but for its sum, which part_seal() puts there
 * @to: becomes it; what was there is forgotten
 * @tag: which
 * @size: bytes that follow
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
 * part_seal - put the sum there
 * @to: from part_open()
 * @size: bytes that followed, and are told by the sum
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
 * part_pack - add a frame of zstd
 * @to: to what
 * @zstd: packs
 * @data: what is in it
 * @size: bytes of that
 *
 * Return: the frame's bytes, 0 after an error
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
