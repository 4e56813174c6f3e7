// SPDX-License-Identifier: GPL-2.0
/*
 * Words of a command as they would be typed at a shell: it is seen where each ends, and none has a
 * character that a terminal obeys, or a byte that is no UTF-8.
 */
#include <stdbool.h>
#include <string.h>
#include "base/shell_word.h"
#include "base/utf8.h"

static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			    "%+,-./:=@_";

/* Bytes of the character that begins here, 0 where it is none, or none that is shown. */
static size_t shown(const char *at)
{
	unsigned char first = at[0], second = first ? at[1] : 0;

	/* From U+0080 to U+009f they are obeyed, too. */
	if (first < ' ' || first == 0x7f || (first == 0xc2 && second < 0xa0))
		return 0;
	return utf8_length(at);
}

static bool all_shown(const char *word)
{
	size_t n;

	for (; *word; word += n) {
		n = shown(word);
		if (!n)
			return false;
	}
	return true;
}

static void quote(FILE *to, const char *word)
{
	fputc('\'', to);
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\'", to);
		fputc(*word, to);
	}
	fputc('\'', to);
}

static void escape(FILE *to, const char *word)
{
	size_t n;

	fputs("$'", to);
	for (; *word; word += n ? n : 1) {
		n = shown(word);
		if (*word == '\'' || *word == '\\')
			fputc('\\', to);
		if (n)
			fwrite(word, 1, n, to);
		else if (*word == '\n')
			fputs("\\n", to);
		else
			fprintf(to, "\\%03o", (unsigned char)*word);
	}
	fputc('\'', to);
}

/**
 * shell_word - write a word so that a shell reads it as that word
 * @to: where to
 * @word: any bytes
 */
void shell_word(FILE *to, const char *word)
{
	if (*word && !word[strspn(word, plain)])
		fputs(word, to);
	else if (all_shown(word))
		quote(to, word);
	else
		escape(to, word);
}
