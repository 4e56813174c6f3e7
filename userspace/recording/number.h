/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writes and reads numbers in as few bytes as they need: each byte has seven bits of the number,
 * the lowest bits first, and its highest bit says that another byte follows. The functions are
 * inline because a fault has half a dozen of such numbers.
 */
#ifndef MMSCOPE_RECORDING_NUMBER_H
#define MMSCOPE_RECORDING_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#define NUMBER_MOST	10	/* bytes of the longest number */

static inline __u8 *number_put(__u8 *at, __u64 value)
{
	while (value >= 0x80) {
		*at++ = value | 0x80;
		value >>= 7;
	}
	*at++ = value;
	return at;
}

/* Fold the sign into bit 0, so that a small number of either sign becomes a small number. */
static inline __u64 number_fold(__s64 value)
{
	return (__u64)value << 1 ^ (__u64)(value >> 63);
}

static inline __s64 number_unfold(__u64 value)
{
	return (__s64)(value >> 1) ^ -(__s64)(value & 1);
}

/* Read a number from [*at, end) and move *at behind it. Return: false if the number is cut off. */
static inline bool number_get(const __u8 **at, const __u8 *end, __u64 *value)
{
	unsigned int shift = 0;

	*value = 0;
	while (*at < end && shift < 64) {
		__u8 byte = *(*at)++;

		*value |= (__u64)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return true;
		shift += 7;
	}
	return false;
}

#endif
