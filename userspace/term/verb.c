// SPDX-License-Identifier: GPL-2.0
/*
 * What a verb is on the command line: its options and its help.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/suggest.h"
#include "term/pager.h"
#include "term/print.h"
#include "term/verb.h"

#define NR_COMMON	3
#define LEFT		20	/* columns of an option in the help */

static const struct verb_option common_options[NR_COMMON] = {
	{ 'j', "json", NULL, "the same as JSON" },
	{ 'h', "help", NULL, "this text" },
	{ 0 }
};

/* An option, and beside it what it does, in as many lines as that needs. */
static void print_option(const char *option, const char *help)
{
	for (size_t n; *help; help += n + strspn(help + n, " ")) {
		n = report_break(help, report_width() - LEFT - 3);
		report_line("  %-*s %.*s", LEFT, option, (int)n, help);
		option = "";
	}
}

static void print_options(const struct verb_option *opt)
{
	char left[40];

	for (; opt->letter; opt++) {
		snprintf(left, sizeof(left), "-%c, --%s%s%s", opt->letter, opt->name,
			 opt->arg && *opt->arg != '[' ? " " : "", opt->arg ? opt->arg : "");
		print_option(left, opt->help);
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

static const char *usage_line(const struct verb *verb)
{
	static char line[120];

	snprintf(line, sizeof(line), "usage: mmscope %s%s%s", verb->name, *verb->args ? " " : "",
		 verb->args);
	return line;
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
	return report_fail(EXIT_USAGE, what, why, usage_line(verb));
}

/**
 * verb_unknown - complain about a word that is none of those that there are
 * @what: the word
 * @why: what is wrong with it
 * @near: what may have been meant
 * @todo: what else to do
 *
 * Return: EXIT_USAGE
 */
int verb_unknown(const char *what, const char *why, const struct suggestion *near,
		 const char *todo)
{
	return report_fail(EXIT_USAGE, what, why, suggest_todo(near, todo));
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

/* What getopt_long(3) makes nothing of: a letter, a name, or the beginning of several names. */
static void unknown_option(const struct verb *verb, const struct option *longs, const char *word)
{
	size_t n = strcspn(word, "=");
	char letter[3] = { '-', optopt, '\0' }, name[64], beginnings = 0;
	struct suggestion near;

	if (strncmp(word, "--", 2) || (optopt && !word[n])) {
		verb_usage(verb, letter, "no such option");
		return;
	}
	snprintf(name, sizeof(name), "%.*s", (int)n, word);
	if (optopt) {
		verb_usage(verb, name, "takes no argument");
		return;
	}
	suggest_begin(&near, name + 2);
	near.before = "--";
	for (; longs->name; longs++) {
		suggest_offer(&near, longs->name);
		beginnings += !strncmp(longs->name, name + 2, n - 2);
	}
	verb_unknown(name, beginnings > 1 ? "several options begin so" : "no such option", &near,
		     usage_line(verb));
}

/* Two lists are one; any other argument would replace that of the first. */
static bool given_twice(const struct verb *verb, int letter)
{
	static char given[32];
	const struct verb_option *opt = verb->options;
	char name[40];

	while (opt->letter && opt->letter != letter)
		opt++;
	if (!opt->arg || !strcmp(opt->arg, "LIST") || strstr(opt->arg, "..."))
		return false;
	if (strchr(given, letter)) {
		snprintf(name, sizeof(name), "--%s", opt->name);
		verb_usage(verb, name, "is given twice");
		return true;
	}
	given[strlen(given)] = letter;
	return false;
}

/**
 * verb_option - the next option of a verb's command line, as getopt_long()
 * @verb: whose
 * @argc: from run()
 * @argv: from run()
 *
 * --json, --help and --no-pager are dealt with here.
 *
 * Return: the option's letter, -1 behind the last one, '?' after a complaint
 */
int verb_option(const struct verb *verb, int argc, char **argv)
{
	struct option longs[40] = { { 0 } };
	char shorts[120];
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
	case 'N':
		pager_refused = true;
		return verb_option(verb, argc, argv);
	case 'h':
		verb_help(verb);
		exit(report_end(EXIT_HELD));
	case '?':
		unknown_option(verb, longs, argv[optind - 1]);
		return '?';
	case ':':
		verb_usage(verb, argv[optind - 1], "needs an argument");
		return '?';
	case -1:
		if (*verb->args || optind >= argc)
			return -1;
		verb_usage(verb, argv[optind], "one word too many");
		return '?';
	}
	return given_twice(verb, c) ? '?' : c;
}
