// SPDX-License-Identifier: GPL-2.0
/*
 * Characters of UTF-8 among bytes that may be any.
 */
#include "base/utf8.h"

/**
 * utf8_length - how long the character is that begins here
 * @text: ends in a NUL
 *
 * Return: its bytes, 0 where none begins
 */
size_t utf8_length(const char *text)
{
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned int c = (unsigned char)*text;
	size_t n = c < 0x80 ? 1 : c < 0xc0 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf8 ? 4 : 0;

	if (n < 2)
		return n;
	c &= 0x7f >> n;
	for (size_t i = 1; i < n; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (text[i] & 0x3f);
	}
	return c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0 : n;
}
