// SPDX-License-Identifier: GPL-2.0
/*
 * Words of a command as one would type them at a shell. A reader sees where each word ends, and no
 * word has a character that a terminal obeys, or a byte that is not UTF-8.
 */
#include <stdbool.h>
#include <string.h>
#include "base/shell_word.h"
#include "base/utf8.h"

static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			    "%+,-./:=@_";

/* Bytes of the character that @at begins with; 0 if it is no character, or is not shown as one. */
static size_t shown(const char *at)
{
	unsigned char first = at[0], second = first ? at[1] : 0;

		/* Terminals obey characters from U+0080 to U+009f, too. */
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
 * @to: the stream to write to
 * @word: the word, of any bytes
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
