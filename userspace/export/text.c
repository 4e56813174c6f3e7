// SPDX-License-Identifier: GPL-2.0
/*
 * Names, each kept once, for they outlive who had them. The kernel takes any bytes as the name of a
 * file; other programs want UTF-8.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <linux/mmscope.h>
#include "base/name_store.h"
#include "base/utf8.h"
#include "export/text.h"

static bool is_utf8(const char *text)
{
	size_t n;

	for (; *text; text += n) {
		n = utf8_length(text);
		if (!n)
			return false;
	}
	return true;
}

/* Have U+FFFD in place of each byte that is no UTF-8. @to has room for three times as much. */
static void mend(char *to, const char *text)
{
	size_t n;

	for (; *text; text += n ? n : 1) {
		n = utf8_length(text);
		memcpy(to, n ? text : "\xef\xbf\xbd", n ? n : 3);
		to += n ? n : 3;
	}
	*to = '\0';
}

/**
 * text_keep - keep a name
 * @text: it may be NULL
 *
 * Return: the same for the same, as UTF-8
 */
const char *text_keep(const char *text)
{
	char *mended;

	text = text ? text : "";
	if (is_utf8(text))
		return name_keep(text);
	mended = malloc(3 * strlen(text) + 1);
	if (!mended)
		abort();
	mend(mended, text);
	text = name_keep(mended);
	free(mended);
	return text;
}

/**
 * text_rights - what a VMA may be used for, as in /proc/PID/maps
 * @flags: MMSCOPE_F_*
 * @out: for "rw-p"
 */
void text_rights(__u32 flags, char out[5])
{
	out[0] = flags & MMSCOPE_F_READ ? 'r' : '-';
	out[1] = flags & MMSCOPE_F_WRITE ? 'w' : '-';
	out[2] = flags & MMSCOPE_F_EXEC ? 'x' : '-';
	out[3] = flags & MMSCOPE_F_SHARED ? 's' : 'p';
	out[4] = '\0';
}
