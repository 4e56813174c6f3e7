// SPDX-License-Identifier: GPL-2.0
/*
 * Names that others have chosen, for a line that may be read on a terminal.
 */
#include <stdio.h>
#include "term/plain_text.h"

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
	size_t n = 0;

	for (; *text && n + 5 < size; text++) {
		unsigned char c = *text;

		if (c < 0x20 || c == 0x7f)
			n += snprintf(buf + n, size - n, "\\x%02x", c);
		else
			buf[n++] = c;
	}
	buf[n] = '\0';
	return buf;
}
