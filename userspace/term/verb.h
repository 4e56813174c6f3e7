/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TERM_VERB_H
#define MMSCOPE_TERM_VERB_H

#include <stdbool.h>

struct suggestion;

/**
 * struct verb_option - one option of one verb; drives parsing and --help
 * @letter: short option, also what verb_option() returns; never 0
 * @name: long option
 * @arg: name of its argument, in [= ] if it may be left out; or NULL. LIST, or
 *	with ...: if the option is given again, that adds to it
 * @help: one line
 */
struct verb_option {
	char letter;
	const char *name;
	const char *arg;
	const char *help;
};

/**
 * struct verb - one row of the table that drives dispatch, help and completion
 * @name: as typed
 * @args: what follows, for the usage line; "" if nothing but options may
 * @summary: one line
 * @details: what --help adds, or NULL
 * @options: its options besides --json and --help, ended by a letter of 0
 * @command: the rest of the line is a command: parsing stops at the first word
 * @run: does it; returns an enum mmscope_exit
 */
struct verb {
	const char *name;
	const char *args;
	const char *summary;
	const char *details;
	const struct verb_option *options;
	bool command;
	int (*run)(const struct verb *verb, int argc, char **argv);
};

int verb_option(const struct verb *verb, int argc, char **argv);
int verb_usage(const struct verb *verb, const char *what, const char *why);
int verb_unknown(const char *what, const char *why, const struct suggestion *near,
		 const char *todo);
void verb_help(const struct verb *verb);

#endif
