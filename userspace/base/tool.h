/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every part of the tool shares: its version, the exit codes, and words for the compiler.
 */
#ifndef MMSCOPE_BASE_TOOL_H
#define MMSCOPE_BASE_TOOL_H

#include <stdbool.h>
#include <stddef.h>

/* Also of the module and of the packages: lint compares them. */
#define MMSCOPE_VERSION	"0.2"

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

#endif
