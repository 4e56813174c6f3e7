// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope list: lists the experiments in the order in which to learn from them.
 */
#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include "base/suggest.h"
#include "cmd/cmd.h"
#include "lab/experiment.h"
#include "term/pager.h"
#include "term/print.h"
#include "term/verb.h"

static const struct report_column columns[] = {
	{ "group", false, 0, NULL }, { "name", false, 0, NULL }, { "question", false, 0, NULL },
};

/*
 * Does an experiment match a word? A single letter is that of its group; a longer word is a part of
 * its name, its question or its group's name. Case does not matter.
 */
static bool is_wanted(const struct experiment *exp, const char *text)
{
	const char *group = experiment_group(exp);

	if (!text)
		return true;
	if (!text[0] || !text[1])
		return tolower((unsigned char)group[0]) == tolower((unsigned char)text[0]);
	return strcasestr(exp->name, text) || strcasestr(exp->question, text) ||
	       strcasestr(group, text);
}

static bool any_wanted(const char *text)
{
	const struct experiment *exp;

	for (size_t i = 0; (exp = experiment_get(i)); i++)
		if (is_wanted(exp, text))
			return true;
	return false;
}

static void list_json(const char *text)
{
	struct report_table *table = report_table(columns, ARRAY_SIZE(columns), false);
	const struct experiment *exp;

	for (size_t i = 0; (exp = experiment_get(i)); i++)
		if (is_wanted(exp, text))
			report_row(table, (const char *[]){ experiment_group(exp), exp->name,
				   exp->question }, NULL);
	report_table_print(table, "experiments");
}

static size_t widest(void)
{
	const struct experiment *exp;
	size_t most = 0;

	for (size_t i = 0; (exp = experiment_get(i)); i++)
		if (strlen(exp->name) > most)
			most = strlen(exp->name);
	return most;
}

static void list(const char *text)
{
	int width = widest();
	const struct experiment *exp;
	const char *group = NULL;

	for (size_t i = 0; (exp = experiment_get(i)); i++) {
		if (!is_wanted(exp, text))
			continue;
		if (group != experiment_group(exp))
			report_painted(PAINT_STRONG, "%s", experiment_group(exp));
		group = experiment_group(exp);
		report_line("  %-*s  %s", width, exp->name, exp->question);
	}
	report_line("%s", "");
	report_line("mmscope explain NAME tells the lesson, mmscope run NAME shows it.");
}

/**
 * cmd_list - run the verb list
 * @verb: row of the verb in the table of cmd/main.c
 * @argc: number of words
 * @argv: the words of the command line, the verb itself first
 *
 * Return: an exit code
 */
int cmd_list(const struct verb *verb, int argc, char **argv)
{
	struct suggestion near;
	const char *text;

	if (verb_option(verb, argc, argv) != -1)
		return EXIT_USAGE;
	text = argv[optind];
	if (text && argv[optind + 1])
		return verb_usage(verb, argv[optind + 1], "one word too many");
	if (!any_wanted(text)) {
		experiment_suggest(text, &near);
		return verb_unknown(text, "no experiment is called so, nor asks about it", &near,
				    "mmscope list shows all");
	}
	pager_start();
	if (report_json)
		list_json(text);
	else
		list(text);
	return EXIT_HELD;
}
