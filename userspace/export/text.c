// SPDX-License-Identifier: GPL-2.0
/*
 * Names, each kept once, for they outlive who had them. The kernel takes any bytes as the name of a
 * file; other programs want UTF-8.
 */
#include <stdlib.h>
#include <string.h>
#include <linux/mmscope.h>
#include "export/table.h"
#include "export/text.h"

static char **texts;
static size_t nr_texts;
static struct table table;

static bool same(size_t place, const void *wanted)
{
	return !strcmp(texts[place], wanted);
}

/* Bytes of the character that begins here, 0 for none of UTF-8 */
static size_t length_of(const unsigned char *at)
{
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned int c = *at;
	size_t n = c < 0x80 ? 1 : c < 0xc0 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf8 ? 4 : 0;

	if (n < 2)
		return n;
	c &= 0x7f >> n;
	for (size_t i = 1; i < n; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (at[i] & 0x3f);
	}
	return c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0 : n;
}

/**
 * text_valid - is it UTF-8?
 * @text: it
 */
bool text_valid(const char *text)
{
	size_t n;

	for (; *text; text += n) {
		n = length_of((const unsigned char *)text);
		if (!n)
			return false;
	}
	return true;
}

/**
 * text_mend - have U+FFFD in place of each byte that is no UTF-8
 * @to: has room for TEXT_MEND times as much, and a NUL
 * @text: it
 *
 * Return: bytes of @to, without the NUL
 */
size_t text_mend(char *to, const char *text)
{
	char *at = to;
	size_t n;

	for (; *text; text += n ? n : 1) {
		n = length_of((const unsigned char *)text);
		memcpy(at, n ? text : "\xef\xbf\xbd", n ? n : 3);
		at += n ? n : 3;
	}
	*at = '\0';
	return at - to;
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
	if (text_valid(text))
		return keep(text);
	mended = malloc(TEXT_MEND * strlen(text) + 1);
	if (!mended)
		abort();
	text_mend(mended, text);
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
