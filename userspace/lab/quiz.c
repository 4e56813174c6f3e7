// SPDX-License-Identifier: GPL-2.0
/*
 * --predict: a reader says what will happen before it does. The reader is asked for figures, which
 * are predicted as "name value"; records of the log would be too much to type.
 */
#include <stdio.h>
#include <string.h>
#include "lab/step.h"
#include "term/print.h"

#define MAX_GUESSES	16
#define MAX_TOLD	8

/**
 * struct guess - an answer of the reader
 * @line: number of the line in the step
 * @name: name of the figure
 * @value: value as typed
 */
static struct guess {
	size_t line;
	char name[TEXT];
	char value[TEXT];
} guesses[MAX_GUESSES];

static size_t nr_guesses;

/* Print the values that a figure may have, once for each figure. */
static void tell_words(const char *name)
{
	static char told[MAX_TOLD][TEXT];
	const char *hint = answer_hint(name);
	static size_t nr_told;
	char text[3 * TEXT];

	for (size_t i = 0; i < nr_told; i++)
		if (!strcmp(told[i], name))
			return;
	if (nr_told < MAX_TOLD)
		snprintf(told[nr_told++], TEXT, "%s", name);
	if (!*hint)
		return;
	snprintf(text, sizeof(text), "%s: %s", name, hint);
	report_paragraph(PAINT_DIM, 4, text);
}

static void ask(size_t line, const char *name, const char *unit)
{
	struct guess *guess = &guesses[nr_guesses];
	char answer[TEXT];

	if (nr_guesses == MAX_GUESSES)
		return;
	if (!*unit)
		tell_words(name);
	report_prompt("    %s%s? ", name, unit);
	if (!fgets(answer, sizeof(answer), stdin))
		answer[0] = '\0';
	answer[strcspn(answer, "\n")] = '\0';
	if (!answer[0])
		return;
	guess->line = line;
	snprintf(guess->name, sizeof(guess->name), "%s", name);
	snprintf(guess->value, sizeof(guess->value), "%s", answer);
	nr_guesses++;
}

/**
 * quiz_reader - ask the reader for each figure of the step that is about to begin
 */
void quiz_reader(void)
{
	char text[TEXT], name[TEXT];

	nr_guesses = 0;
	report_painted(PAINT_STRONG, "%2u %s", step->number, step->what);
	for (size_t i = 0; i < step->nr_lines; i++) {
		const char *left = step->lines[i].predicted;

		if (!strncmp(left, "hooks ", 6) || !strncmp(left, "lineage ", 8) ||
		    !compare_asks(left))
			continue;
		while (compare_next(&left, text, name, TEXT))
			ask(i, name, compare_unit(text));
	}
}

static bool find(const struct guess *guess, char *text, char *name)
{
	const char *left = step->lines[guess->line].observed;

	while (compare_next(&left, text, name, TEXT))
		if (!strcmp(name, guess->name))
			return true;
	return false;
}

/**
 * quiz_compare - print which answers of the reader were right, and count them
 */
void quiz_compare(void)
{
	static const char *const words[] = {
		[ANSWER_WRONG] = "it is ", [ANSWER_HALF] = "half right, it is ",
		[ANSWER_RIGHT] = "right",
	};
	char text[TEXT], name[TEXT];

	for (size_t i = 0; i < nr_guesses; i++) {
		const struct guess *guess = &guesses[i];
		enum answer answer = find(guess, text, name) ?
				     compare_agrees(text, guess->value) : ANSWER_WRONG;
		bool right = answer == ANSWER_RIGHT;

		totals->guesses++;
		totals->half_points += answer;
		report_painted(right ? PAINT_GOOD : PAINT_WARN, "    you said %s %s: %s%s",
			       guess->name, guess->value, words[answer],
			       right ? "" : text + strlen(name) + 1);
	}
	nr_guesses = 0;
}
