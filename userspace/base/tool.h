/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every part of the tool shares: its version, the exit codes, and words for the compiler.
 */
#ifndef MMSCOPE_BASE_TOOL_H
#define MMSCOPE_BASE_TOOL_H

#include <stdbool.h>
#include <stddef.h>

/* The module and the packages have the same version; lint compares them. */
#define MMSCOPE_VERSION	"0.2"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define attribute(a)	__attribute__((a))
#define __printf(f, a)	attribute(format(printf, f, a))
#define __noreturn	attribute(noreturn)
#define __unused	attribute(unused)
/* f() is called with the variable's address when the variable goes out of scope in any way. */
#define __cleanup(f)	attribute(cleanup(f))

/**
 * enum mmscope_exit - exit codes of the tool
 * @EXIT_HELD: the verb did what it was asked for, and every prediction held
 * @EXIT_BROKEN: a prediction failed
 * @EXIT_USAGE: the command line is wrong
 * @EXIT_ENVIRONMENT: the module or a right is missing; the message says what to do
 * @EXIT_SKIPPED: nothing failed, but something could not be tried on this machine
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

#endif
