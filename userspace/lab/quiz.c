// SPDX-License-Identifier: GPL-2.0
/*
 * --predict: the reader says what will happen before it does. What can be asked for is what is
 * predicted as "name value"; records of the log would be too much to type.
 */
#include <stdio.h>
#include <string.h>
#include "lab/step.h"
#include "term/print.h"

#define MAX_GUESSES	16

/**
 * struct guess - one answer
 * @line: of the step
 * @name: what it is about
 * @value: as typed
 */
static struct guess {
	size_t line;
	char name[TEXT];
	char value[TEXT];
} guesses[MAX_GUESSES];

static size_t nr_guesses;

static void ask(size_t line, const char *name, const char *unit)
{
	struct guess *guess = &guesses[nr_guesses];
	char answer[TEXT];

	if (nr_guesses == MAX_GUESSES)
		return;
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
 * ask_reader - ask for each figure of the step that is about to be taken
 */
void ask_reader(void)
{
	char text[TEXT], name[TEXT];

	nr_guesses = 0;
	report_painted(PAINT_STRONG, "%2u %s", step->number, step->what);
	for (size_t i = 0; i < step->nr_lines; i++) {
		const char *left = step->lines[i].predicted;

		if (!strncmp(left, "hooks ", 6) || !strncmp(left, "lineage ", 8) ||
		    !observe_asks(left))
			continue;
		while (observe_next(&left, text, name, TEXT))
			ask(i, name, observe_unit(text));
	}
}

static bool find(const struct guess *guess, char *text, char *name)
{
	const char *left = step->lines[guess->line].observed;

	while (observe_next(&left, text, name, TEXT))
		if (!strcmp(name, guess->name))
			return true;
	return false;
}

/**
 * ask_compare - say what of the answers was right
 */
void ask_compare(void)
{
	char text[TEXT], name[TEXT];

	for (size_t i = 0; i < nr_guesses; i++) {
		const struct guess *guess = &guesses[i];
		bool right = find(guess, text, name) && observe_agrees(text, guess->value);

		tally->guesses++;
		tally->right += right;
		report_painted(right ? PAINT_GOOD : PAINT_WARN, "    you said %s %s: %s%s",
			       guess->name, guess->value, right ? "right" : "it is ",
			       right ? "" : text + strlen(name) + 1);
	}
	nr_guesses = 0;
}
