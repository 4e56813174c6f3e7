// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope diff: compares two recordings, or two instants of one recording.
 */
#include <getopt.h>
#include <string.h>
#include "cmd/cmd.h"
#include "diff/match.h"
#include "diff/report.h"
#include "diff/side.h"
#include "term/print.h"
#include "term/verb.h"

static bool is_input(const char *words)
{
	return !strcmp(words, "-") || !strncmp(words, "-@", 2);
}

/* Check the words of the command line. Return: 0, or an exit code after a message. */
static int check_words(const struct verb *verb, char **argv)
{
	if (!argv[0] || !argv[1])
		return verb_usage(verb, verb->name, "which two recordings?");
	if (argv[2])
		return verb_usage(verb, argv[2], "two recordings at a time");
	if (is_input(argv[0]) && is_input(argv[1]))
		return verb_usage(verb, argv[1], "standard input can be read once");
	return 0;
}

/**
 * cmd_diff - run the verb diff
 * @verb: row of the verb in the table of cmd/main.c
 * @argc: number of words
 * @argv: the words of the command line, the verb itself first
 *
 * Return: an exit code
 */
int cmd_diff(const struct verb *verb, int argc, char **argv)
{
	struct side a = { 0 }, b = { 0 };
	struct matched matched;
	int code;

	if (verb_option(verb, argc, argv) != -1)
		return EXIT_USAGE;
	argv += optind;
	code = check_words(verb, argv);
	if (!code)
		code = side_read(&a, argv[0]);
	if (!code)
		code = side_read(&b, argv[1]);
	if (!code) {
		match_sides(&matched, &a, &b);
		code = diff_report(&matched, argv[0], argv[1]) ? EXIT_HELD : EXIT_BROKEN;
		match_free(&matched);
		if (a.head.lost || b.head.lost)
			code = EXIT_LOST;
	}
	side_free(&a);
	side_free(&b);
	return code;
}
