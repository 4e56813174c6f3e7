/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every part of the tool shares: the verbs, their options, the exit codes.
 */
#ifndef MMSCOPE_TOOL_H
#define MMSCOPE_TOOL_H

#include <stdbool.h>
#include <stddef.h>

#define MMSCOPE_VERSION	"0.1"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define attribute(a)	__attribute__((a))
#define __printf(f, a)	attribute(format(printf, f, a))
#define __noreturn	attribute(noreturn)
#define __unused	attribute(unused)
/* When the variable goes out of scope, however that is, f() is called with its address. */
#define __cleanup(f)	attribute(cleanup(f))

/**
 * enum mmscope_exit - what the exit code says
 * @EXIT_HELD: done; every prediction held
 * @EXIT_BROKEN: a prediction failed
 * @EXIT_USAGE: the command line is wrong
 * @EXIT_ENVIRONMENT: no module, no right: the message says what to do
 * @EXIT_SKIPPED: nothing failed, but something could not be tried here
 * @EXIT_LOST: events were lost
 */
enum mmscope_exit {
	EXIT_HELD		= 0,
	EXIT_BROKEN		= 1,
	EXIT_USAGE		= 2,
	EXIT_ENVIRONMENT	= 3,
	EXIT_SKIPPED		= 4,
	EXIT_LOST		= 5,
};

/**
 * struct verb_option - one option of one verb; drives parsing and --help
 * @letter: short option, also what verb_option() returns; never 0
 * @name: long option
 * @arg: name of its argument, in [= ] if it may be left out; or NULL
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
 * @args: what follows, for the usage line
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

int cmd_list(const struct verb *verb, int argc, char **argv);
int cmd_explain(const struct verb *verb, int argc, char **argv);
int cmd_run(const struct verb *verb, int argc, char **argv);
int cmd_trace(const struct verb *verb, int argc, char **argv);
int cmd_stat(const struct verb *verb, int argc, char **argv);
int cmd_map(const struct verb *verb, int argc, char **argv);
int cmd_doctor(const struct verb *verb, int argc, char **argv);

#endif
