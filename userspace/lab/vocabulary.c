// SPDX-License-Identifier: GPL-2.0
/*
 * The names that experiments predict by. Each must be that of a record, of a figure, or of
 * something that some step shows by see(). The words of all experiments are in two sections of the
 * program, where expect() and see() have put them.
 */
#include <stdio.h>
#include <string.h>
#include "lab/step.h"
#include "record/record.h"
#include "record/text.h"

static bool is_record(const char *words)
{
	if (!strncmp(words, "child ", 6))
		words += 6;
	for (unsigned int type = 0; type < RECORD_TYPES; type++) {
		const char *name = event_name(type);
		size_t n = strlen(name);

		if (!strncmp(words, name, n) && (words[n] == ' ' || !words[n]))
			return true;
	}
	return false;
}

/* Can an item begin with a name? A conversion of printf() in it may become any word. */
static bool begins_alike(const char *item, const char *name)
{
	size_t n = strlen(name), literal = strcspn(item, "%");

	if (literal < n)
		return !strncmp(item, name, literal);
	return !strncmp(item, name, n) && (item[n] == ' ' || (n && name[n - 1] == ' '));
}

static bool is_seen(const char *item)
{
	for (const char *const *name = __start_words_seen; name < __stop_words_seen; name++)
		if (*name && begins_alike(item, *name))
			return true;
	return false;
}

/* Are all figures of a line known? Some figures go on to the end of the line. */
static bool all_known(const char *words)
{
	const struct figure *figure;

	while (words) {
		figure = figures_find(words);
		if (!figure && *words != '%' && !is_seen(words))
			return false;
		words = figure && figure->kind == FIGURE_LINE ? NULL : strstr(words, ", ");
		words += words ? 2 : 0;
	}
	return true;
}

/**
 * vocabulary_unknown - find a prediction of an experiment by a name that nothing has
 *
 * Return: the prediction, or NULL if there is none
 */
const char *vocabulary_unknown(void)
{
	const char *const *words;

	for (words = __start_words_expected; words < __stop_words_expected; words++)
		if (*words && !is_record(*words) && !all_known(*words))
			return *words;
	return NULL;
}
