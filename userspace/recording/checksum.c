// SPDX-License-Identifier: GPL-2.0
/*
 * CRC-32 with the polynomial and bit order of zlib and gzip, for the parts of a recording that are
 * skippable frames to zstd. The frames that zstd packs have a checksum by zstd.
 */
#include "recording/checksum.h"

#define POLYNOMIAL	0xedb88320U

static const __u32 *table(void)
{
	static __u32 entries[256];

	for (__u32 i = 0; i < 256 && !entries[255]; i++) {
		__u32 value = i;

		for (int bit = 0; bit < 8; bit++)
			value = value >> 1 ^ (value & 1 ? POLYNOMIAL : 0);
		entries[i] = value;
	}
	return entries;
}

/**
 * checksum - the CRC-32 of bytes
 * @before: checksum of the bytes in front of them, 0 if there are none
 * @data: the bytes
 * @size: how many bytes
 */
__u32 checksum(__u32 before, const void *data, size_t size)
{
	const __u8 *at = data;
	const __u32 *of = table();

	before = ~before;
	for (size_t i = 0; i < size; i++)
		before = before >> 8 ^ of[(before ^ at[i]) & 0xff];
	return ~before;
}
