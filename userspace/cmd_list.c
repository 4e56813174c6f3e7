// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope list: the experiments in the order to learn from.
 */
#include <stdio.h>
#include <string.h>
#include "exp.h"
#include "report.h"

static const struct report_column columns[] = {
	{ "group", false, 0, NULL }, { "name", false, 0, NULL }, { "question", false, 0, NULL },
};

/* On the screen a group is a heading above its experiments. */
static const struct report_column narrow[] = {
	{ "name", false, 0, NULL }, { "question", false, 0, NULL },
};

static void list_json(void)
{
	struct report_table *table = report_table(columns, ARRAY_SIZE(columns), false);
	const struct experiment *exp;

	for (size_t i = 0; (exp = experiment_get(i)); i++)
		report_row(table, (const char *[]){ exp->group, exp->name, exp->question }, NULL);
	report_table_print(table, "experiments");
}

static void list(void)
{
	struct report_table *table = report_table(narrow, ARRAY_SIZE(narrow), false);
	static const enum paint heading[] = { PAINT_STRONG, PAINT_PLAIN };
	const struct experiment *exp;
	const char *group = "";
	char name[40];

	for (size_t i = 0; (exp = experiment_get(i)); i++) {
		if (strcmp(group, exp->group))
			report_row(table, (const char *[]){ exp->group, "" }, heading);
		group = exp->group;
		snprintf(name, sizeof(name), "  %s", exp->name);
		report_row(table, (const char *[]){ name, exp->question }, NULL);
	}
	report_table_print(table, NULL);
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
