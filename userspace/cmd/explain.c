// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope explain: prints the lesson of one experiment.
 */
#include <getopt.h>
#include <stdio.h>
#include "base/suggest.h"
#include "cmd/cmd.h"
#include "lab/step.h"
#include "term/pager.h"
#include "term/print.h"
#include "term/verb.h"

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

static void say_params(const struct experiment *exp)
{
	if (!exp->params[0].name)
		return;
	report_line("%s", "");
	report_painted(PAINT_STRONG, "Parameters");
	for (size_t i = 0; i < MAX_PARAMS && exp->params[i].name; i++) {
		const struct param *p = &exp->params[i];
		char values[3][32];

		snprintf(values[0], sizeof(values[0]), "%s", param_text(p, p->value));
		snprintf(values[1], sizeof(values[1]), "%s", param_text(p, p->least));
		snprintf(values[2], sizeof(values[2]), "%s", param_text(p, p->most));
		report_line("  --%-8s %s: %s, or %s to %s", p->name, p->what, values[0], values[1],
			    values[2]);
	}
}

/* Print the rules by which kernels differ, in the words that the experiment's steps use. */
static void say_rules(const struct experiment *exp)
{
	char told[2 * TEXT], text[3 * TEXT];

	if (!exp->rules[0])
		return;
	report_line("%s", "");
	report_painted(PAINT_STRONG, "Where kernels differ");
	for (size_t i = 0; i < MAX_RULES && exp->rules[i]; i++) {
		if (i)
			report_line("%s", "");
		rule_tell(exp->rules[i], told, sizeof(told));
		snprintf(text, sizeof(text), "%s (%s)", told, exp->rules[i]->where);
		report_fill(2, text);
	}
}

static struct json_object *json_rules(const struct experiment *exp)
{
	struct json_object *list = json_object_new_array();
	char told[2 * TEXT];

	for (size_t i = 0; i < MAX_RULES && exp->rules[i]; i++) {
		struct json_object *object = json_object_new_object();

		rule_tell(exp->rules[i], told, sizeof(told));
		add(object, "rule", told);
		add(object, "where", exp->rules[i]->where);
		json_object_array_add(list, object);
	}
	return list;
}

static struct json_object *json_params(const struct experiment *exp)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < MAX_PARAMS && exp->params[i].name; i++) {
		const struct param *p = &exp->params[i];
		struct json_object *object = json_object_new_object();

		add(object, "name", p->name);
		add(object, "what", p->what);
		json_object_object_add(object, "value", json_object_new_int64(p->value));
		json_object_object_add(object, "least", json_object_new_int64(p->least));
		json_object_object_add(object, "most", json_object_new_int64(p->most));
		json_object_array_add(list, object);
	}
	return list;
}

static void explain_json(const struct experiment *exp)
{
	struct json_object *object = report_object();

	add(object, "experiment", exp->name);
	add(object, "group", experiment_group(exp));
	add(object, "question", exp->question);
	add(object, "textbook", exp->textbook);
	add(object, "kernel", exp->kernel);
	add(object, "look", exp->look);
	add(object, "next", exp->next);
	add(object, "see", exp->see);
	json_object_object_add(object, "rules", json_rules(exp));
	json_object_object_add(object, "params", json_params(exp));
	report_object_print(object);
}

static void explain(const struct experiment *exp)
{
	char run[80];

	report_painted(PAINT_STRONG, "%s   %s", exp->name, exp->question);
	report_painted(PAINT_DIM, "%s", experiment_group(exp));
	say("What is usually said", exp->textbook);
	say("What the kernel does", exp->kernel);
	say_rules(exp);
	say("What to look at", exp->look);
	say("What to try next", exp->next);
	say_params(exp);
	snprintf(run, sizeof(run), "mmscope run %s", exp->name);
	say("Run it", run);
	say("See also", exp->see);
}

/**
 * cmd_explain - run the verb explain
 * @verb: row of the verb in the table of cmd/main.c
 * @argc: number of words
 * @argv: the words of the command line, the verb itself first
 *
 * Return: an exit code
 */
int cmd_explain(const struct verb *verb, int argc, char **argv)
{
	const struct experiment *exp;
	struct suggestion near;

	if (verb_option(verb, argc, argv) != -1)
		return EXIT_USAGE;
	if (argc - optind != 1)
		return verb_usage(verb, "explain", "wants one name");
	exp = experiment_find(argv[optind]);
	if (!exp) {
		experiment_suggest(argv[optind], &near);
		return verb_unknown(argv[optind], "no such experiment", &near,
				    "mmscope list shows them");
	}
	pager_start();
	if (report_json)
		explain_json(exp);
	else
		explain(exp);
	return EXIT_HELD;
}
