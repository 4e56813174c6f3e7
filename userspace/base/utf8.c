// SPDX-License-Identifier: GPL-2.0
/*
 * Characters of UTF-8 in text that may have any bytes.
 */
#include "base/utf8.h"

/**
 * utf8_length - the length of the character that a text begins with
 * @text: the text, which ends in a NUL
 *
 * Return: bytes of the character, 0 where the text does not begin with one
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
