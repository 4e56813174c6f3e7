// SPDX-License-Identifier: GPL-2.0
/*
 * Names that others have chosen, for a line that may be read on a terminal.
 */
#include <stdio.h>
#include <string.h>
#include <linux/types.h>
#include "base/utf8.h"
#include "term/plain_text.h"

#define EACH(byte)	(0x0101010101010101ULL * (byte))

/**
 * plain_text_is - is it clear that a terminal obeys nothing of a text?
 * @text: any bytes
 * @n: how many
 *
 * Eight bytes are looked at together, since each line of trace is asked for.
 *
 * Return: false also where nobody knows: plain_text_next() does
 */
bool plain_text_is(const char *text, size_t n)
{
	__u64 eight, bad = 0;
	size_t i;

	for (i = 0; i + 8 <= n; i += 8) {
		memcpy(&eight, text + i, 8);
		/* The highest bit of each byte below 0x20, of each 0x7f, and of each above that */
		bad |= (eight - EACH(0x20)) | ((eight ^ EACH(0x7f)) - EACH(1)) | eight;
	}
	for (; i < n; i++) {
		unsigned char c = text[i];

		bad |= c < 0x20 || c >= 0x7f ? EACH(0x80) : 0;
	}
	return !(bad & EACH(0x80));
}

/**
 * plain_text_next - the next character of a text, as a terminal may have it
 * @text: not at its end; moved behind the character
 * @buf: becomes the character, or \xNN for each of its bytes where a terminal would obey it; or
 *	that for the byte, where no character begins
 *
 * Return: bytes in @buf
 */
size_t plain_text_next(const char **text, char buf[PLAIN_TEXT_MOST])
{
	const unsigned char *c = (const unsigned char *)*text;
	size_t length = utf8_length(*text), n = 0;
	bool plain = length && *c >= 0x20 && *c != 0x7f && !(*c == 0xc2 && c[1] < 0xa0);

	length = length ? length : 1;
	*text += length;
	if (plain) {
		memcpy(buf, c, length);
		return length;
	}
	for (size_t i = 0; i < length; i++)
		n += snprintf(buf + n, PLAIN_TEXT_MOST - n, "\\x%02x", c[i]);
	return n;
}

/**
 * plain_text - a text without characters that a terminal obeys, which become \xNN
 * @buf: becomes it, as much as there is room for
 * @size: of it, not 0
 * @text: any bytes
 *
 * Return: @buf
 */
const char *plain_text(char *buf, size_t size, const char *text)
{
	char one[PLAIN_TEXT_MOST];
	size_t n = 0, more;

	while (*text) {
		more = plain_text_next(&text, one);
		if (n + more >= size)
			break;
		memcpy(buf + n, one, more);
		n += more;
	}
	buf[n] = '\0';
	return buf;
}
