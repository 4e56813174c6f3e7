// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope list: the experiments in the order to learn from.
 */
#include <stdio.h>
#include <string.h>
#include "cmd/cmd.h"
#include "lab/experiment.h"
#include "term/print.h"
#include "term/verb.h"

static const struct report_column columns[] = {
	{ "group", false, 0, NULL }, { "name", false, 0, NULL }, { "question", false, 0, NULL },
};

static void list_json(void)
{
	struct report_table *table = report_table(columns, ARRAY_SIZE(columns), false);
	const struct experiment *exp;

	for (size_t i = 0; (exp = experiment_get(i)); i++)
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

static void list(void)
{
	int width = widest();
	const struct experiment *exp;
	const char *group = NULL;

	for (size_t i = 0; (exp = experiment_get(i)); i++) {
		if (group != experiment_group(exp))
			report_painted(PAINT_STRONG, "%s", experiment_group(exp));
		group = experiment_group(exp);
		report_line("  %-*s  %s", width, exp->name, exp->question);
	}
	report_line("%s", "");
	report_line("mmscope explain NAME tells the lesson, mmscope run NAME shows it.");
}

/**
 * cmd_list - the verb
 * @verb: its row
 * @argc: words
 * @argv: words
 */
int cmd_list(const struct verb *verb, int argc, char **argv)
{
	if (verb_option(verb, argc, argv) != -1)
		return EXIT_USAGE;
	if (report_json)
		list_json();
	else
		list();
	return EXIT_HELD;
}
