// SPDX-License-Identifier: GPL-2.0
/*
 * What a verb is on the command line: its options and its help.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "term/print.h"
#include "term/verb.h"

#define NR_COMMON	3

static const struct verb_option common_options[NR_COMMON] = {
	{ 'j', "json", NULL, "the same as JSON" },
	{ 'h', "help", NULL, "this text" },
	{ 0 }
};

static void print_options(const struct verb_option *opt)
{
	char left[40];

	for (; opt->letter; opt++) {
		snprintf(left, sizeof(left), "-%c, --%s%s%s", opt->letter, opt->name,
			 opt->arg && *opt->arg != '[' ? " " : "", opt->arg ? opt->arg : "");
		report_line("  %-20s %s", left, opt->help);
	}
}

/**
 * verb_help - print what a verb does, and its options
 * @verb: its row
 */
void verb_help(const struct verb *verb)
{
	report_line("mmscope %s %s", verb->name, verb->args);
	report_line("%s", "");
	report_fill(0, verb->summary);
	if (verb->details)
		report_fill(0, verb->details);
	report_line("%s", "");
	print_options(verb->options);
	print_options(common_options);
}

/**
 * verb_usage - complain about the command line
 * @verb: whose
 * @what: the word that is wrong, or the verb's name
 * @why: what is wrong with it
 *
 * Return: EXIT_USAGE
 */
int verb_usage(const struct verb *verb, const char *what, const char *why)
{
	char todo[120];

	snprintf(todo, sizeof(todo), "usage: mmscope %s %s", verb->name, verb->args);
	return report_fail(EXIT_USAGE, what, why, todo);
}

static void gather_options(const struct verb_option *from, struct option *longs, char *shorts)
{
	static const char *const colons[] = {
		[no_argument] = "", [required_argument] = ":", [optional_argument] = "::",
	};

	for (; from->letter; from++) {
		while (longs->name)
			longs++;
		longs->name = from->name;
		longs->has_arg = !from->arg ? no_argument :
				 *from->arg == '[' ? optional_argument : required_argument;
		longs->val = from->letter;
		snprintf(shorts + strlen(shorts), 4, "%c%s", from->letter, colons[longs->has_arg]);
	}
}

/**
 * verb_option - the next option of a verb's command line, as getopt_long()
 * @verb: whose
 * @argc: from run()
 * @argv: from run()
 *
 * --json and --help are dealt with here.
 *
 * Return: the option's letter, -1 behind the last one, '?' after a complaint
 */
int verb_option(const struct verb *verb, int argc, char **argv)
{
	struct option longs[24] = { { 0 } };
	char shorts[64];
	int c;

	snprintf(shorts, sizeof(shorts), "%s", verb->command ? "+:" : ":");
	gather_options(verb->options, longs, shorts);
	gather_options(common_options, longs, shorts);
	opterr = 0;
	c = getopt_long(argc, argv, shorts, longs, NULL);
	switch (c) {
	case 'j':
		report_json = true;
		return verb_option(verb, argc, argv);
	case 'h':
		verb_help(verb);
		exit(report_end(EXIT_HELD));
	case '?':
		verb_usage(verb, argv[optind - 1], "no such option");
		return '?';
	case ':':
		verb_usage(verb, argv[optind - 1], "needs an argument");
		return '?';
	}
	return c;
}
