// SPDX-License-Identifier: GPL-2.0
/*
 * Answers of a reader that are words: which ones there may be, and what one is worth.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lab/answer.h"
#include "lab/step.h"

#define MAX_WORDS	24
#define WORD		48
#define ERRNO_MOST	133

/**
 * struct words - values by which experiments predict a figure
 * @text: the values, in the order of the alphabet
 * @n: number of values
 */
struct words {
	char text[MAX_WORDS][WORD];
	size_t n;
};

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void add(struct words *words, const char *text, size_t length)
{
	char word[WORD];

	snprintf(word, sizeof(word), "%.*s", (int)length, text);
	/* What printf() puts in is not known here, and numbers are not words. */
	if (strchr(word, '%') || strchr("+-<>0123456789", *word) || words->n == MAX_WORDS)
		return;
	for (size_t i = 0; i < words->n; i++)
		if (!strcmp(words->text[i], word))
			return;
	strcpy(words->text[words->n++], word);
}

/* Gather the values of a figure from all expectations, each of which is a list with commas. */
static void gather(struct words *words, const char *name)
{
	size_t n = strlen(name);

	words->n = 0;
	for (const char *const *line = __start_words_expected; line < __stop_words_expected; line++)
		for (const char *item = *line; item;) {
			if (!strncmp(item, name, n) && item[n] == ' ')
				add(words, item + n + 1, strcspn(item + n + 1, ","));
			item = strstr(item, ", ");
			item += item ? 2 : 0;
		}
	qsort(words->text, words->n, WORD, compare);
}

/**
 * answer_hint - the answers that there may be
 * @name: name of the figure
 *
 * Return: "none, SIGBUS ADRERR ...", or ""; valid until the next call
 */
const char *answer_hint(const char *name)
{
	static char hint[MAX_WORDS * WORD];
	struct words words;
	size_t n = 0;

	if (!strcmp(name, "result"))
		return "a number, page N of NAME, or elsewhere";
	gather(&words, name);
	if (words.n < 2)
		return "";
	for (size_t i = 0; i < words.n; i++)
		n += snprintf(hint + n, sizeof(hint) - n, "%s%s", i ? ", " : "", words.text[i]);
	return hint;
}

/* Copy words without quotation marks, with one blank between them. */
static void tidy(const char *guess, char *buf, size_t size)
{
	size_t n = 0;

	for (; *guess && n + 1 < size; guess++) {
		char c = strchr("\t_,", *guess) ? ' ' : *guess;

		if (c == '"' || c == '\'' || (c == ' ' && (!n || buf[n - 1] == ' ')))
			continue;
		buf[n++] = c;
	}
	while (n && strchr(" .", buf[n - 1]))
		n--;
	buf[n] = '\0';
}

/* Other ways to say a value: whole words at the beginning of an answer */
static const struct {
	const char *name;
	const char *said;
	const char *meant;
} synonyms[] = {
	{ "signal", "segmentation fault", "SIGSEGV" }, { "signal", "segfault", "SIGSEGV" },
	{ "signal", "segv", "SIGSEGV" }, { "signal", "bus error", "SIGBUS" },
	{ "signal", "bus", "SIGBUS" }, { "signal", "abort", "SIGABRT" },
	{ "signal", "abrt", "SIGABRT" }, { "signal", "no signal", "none" },
	{ "errno", "no error", "none" }, { NULL, "success", "none" }, { NULL, "nothing", "none" },
	{ NULL, "ok", "none" }, { NULL, "no", "none" }, { NULL, "0", "none" },
};

static void replace_synonym(const char *name, char *text, size_t size)
{
	char rest[TEXT];

	/* "no" may be the beginning of a name, and 0 is a number that a call may return. */
	if (!strcmp(name, "result"))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(synonyms); i++) {
		size_t n = strlen(synonyms[i].said);

		if ((synonyms[i].name && strcmp(synonyms[i].name, name)) ||
		    strncasecmp(text, synonyms[i].said, n) || (text[n] && text[n] != ' '))
			continue;
		snprintf(rest, sizeof(rest), "%s", text + n);
		snprintf(text, size, "%s%s", synonyms[i].meant, rest);
		return;
	}
}

/* Replace the number or the text of an error, or its name without the E, by its name. */
static void replace_error(char *text, size_t size)
{
	int number = isdigit((unsigned char)*text) ? atoi(text) : 0;

	for (int error = 1; error <= ERRNO_MOST; error++) {
		const char *name = strerrorname_np(error), *words = strerrordesc_np(error);

		if (name && (error == number || !strcasecmp(words, text) ||
			     !strcasecmp(name + 1, text))) {
			snprintf(text, size, "%s", name);
			return;
		}
	}
}

static bool starts(const char *text, const char *with)
{
	return !strncasecmp(text, with, strlen(with));
}

/* Is a word that was typed in part the beginning of another value, too? */
static bool ambiguous(const struct words *words, const char *guess, const char *word, size_t length)
{
	for (size_t i = 0; i < words->n; i++)
		if (starts(words->text[i], guess) && strncasecmp(words->text[i], word, length))
			return true;
	return false;
}

/**
 * answer_judge - say what an answer is worth
 * @name: name of the figure
 * @observed: value of the figure
 * @guess: answer as typed
 */
enum answer answer_judge(const char *name, const char *observed, const char *guess)
{
	struct words words;
	char text[TEXT];
	size_t n, whole;

	tidy(guess, text, sizeof(text));
	replace_synonym(name, text, sizeof(text));
	if (!strcmp(name, "errno"))
		replace_error(text, sizeof(text));
	if (starts(observed, "the ") && !starts(text, "the "))
		observed += strlen("the ");
	if (!strcasecmp(text, observed))
		return ANSWER_RIGHT;
	n = strlen(text);
	if (!n || !starts(observed, text))
		return ANSWER_WRONG;
	whole = n + strcspn(observed + n, " ");
	gather(&words, name);
	if (whole > n && (isdigit((unsigned char)text[n - 1]) ||
			  ambiguous(&words, text, observed, whole)))
		return ANSWER_WRONG;
	return observed[whole] ? ANSWER_HALF : ANSWER_RIGHT;
}
