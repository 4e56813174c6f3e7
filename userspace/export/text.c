// SPDX-License-Identifier: GPL-2.0
/*
 * Names, each kept once, for they outlive who had them. The kernel takes any bytes as the name of a
 * file; other programs want UTF-8.
 */
#include <stdlib.h>
#include <string.h>
#include <linux/mmscope.h>
#include "base/utf8.h"
#include "export/table.h"
#include "export/text.h"

static char **texts;
static size_t nr_texts;
static struct table table;

static bool same(size_t place, const void *wanted)
{
	return !strcmp(texts[place], wanted);
}

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

static const char *keep(const char *text)
{
	__u64 hash = 0;
	size_t place;

	for (const char *at = text; *at; at++)
		hash = hash * 31 + (unsigned char)*at;
	hash = table_hash(0, hash);
	place = table_find(&table, hash, same, text);
	if (place != TABLE_NONE)
		return texts[place];
	texts = table_grow(texts, nr_texts, sizeof(*texts));
	texts[nr_texts] = strdup(text);
	if (!texts[nr_texts])
		abort();
	table_add(&table, hash, nr_texts);
	return texts[nr_texts++];
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
		return keep(text);
	mended = malloc(3 * strlen(text) + 1);
	if (!mended)
		abort();
	mend(mended, text);
	text = keep(mended);
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
