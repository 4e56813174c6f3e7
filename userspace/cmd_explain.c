// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope explain: the lesson behind one experiment.
 */
#include <getopt.h>
#include <stdio.h>
#include "exp.h"
#include "report.h"

static void say(const char *heading, const char *text)
{
	if (!text)
		return;
	report_line("%s", "");
	report_painted(PAINT_STRONG, "%s", heading);
	report_fill(2, text);
}

static void add(struct json_object *object, const char *name, const char *text)
{
	json_object_object_add(object, name, text ? json_object_new_string(text) : NULL);
}

static void explain_json(const struct experiment *exp)
{
	struct json_object *object = report_object();

	add(object, "experiment", exp->name);
	add(object, "group", exp->group);
	add(object, "question", exp->question);
	add(object, "textbook", exp->textbook);
	add(object, "kernel", exp->kernel);
	add(object, "look", exp->look);
	add(object, "next", exp->next);
	add(object, "see", exp->see);
	report_object_print(object);
}

static void explain(const struct experiment *exp)
{
	char run[80];

	report_painted(PAINT_STRONG, "%s   %s", exp->name, exp->question);
	say("What is usually said", exp->textbook);
	say("What the kernel does", exp->kernel);
	say("What to look at", exp->look);
	say("What to try next", exp->next);
	snprintf(run, sizeof(run), "mmscope run %s", exp->name);
	say("Run it", run);
	say("See also", exp->see);
}

/**
 * cmd_explain - the verb
 * @verb: its row
 * @argc: words
 * @argv: words
 */
int cmd_explain(const struct verb *verb, int argc, char **argv)
{
	const struct experiment *exp;

	if (verb_option(verb, argc, argv) != -1)
		return EXIT_USAGE;
	if (argc - optind != 1)
		return verb_usage(verb, "explain", "wants one name");
	exp = experiment_find(argv[optind]);
	if (!exp)
		return report_fail(EXIT_USAGE, argv[optind], "no such experiment",
				   "mmscope list shows them");
	if (report_json)
		explain_json(exp);
	else
		explain(exp);
	return EXIT_HELD;
}
