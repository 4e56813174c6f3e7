// SPDX-License-Identifier: GPL-2.0
/*
 * An experiment, from its header to its verdict. It has a process of its own, which is pinned to
 * what must not vary: one CPU, no huge pages.
 */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "report.h"
#include "scope.h"
#include "step.h"

#define TIME_LIMIT	300	/* seconds: an experiment that hangs is ended by SIGALRM */

enum view_mode view_mode;

static sigjmp_buf out;
static char reason[TEXT];

/**
 * experiment_bug - the experiment is written wrong: say so and give up
 * @what: how
 */
void experiment_bug(const char *what)
{
	report_fail(0, "bug in the experiment", what, step.what);
	abort();
}

/**
 * skip - this experiment cannot be done here
 * @fmt: why, as printf()
 */
void skip(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	siglongjmp(out, 1);
}

static void pin(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	sched_setaffinity(0, sizeof(set), &set);
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	alarm(TIME_LIMIT);
}

static int verdict(void)
{
	if (story_lost)
		return EXIT_LOST;
	return tally.held == tally.predictions ? EXIT_HELD : EXIT_BROKEN;
}

/**
 * experiment_run - do an experiment in this process
 * @exp: which
 *
 * Return: enum mmscope_exit
 */
int experiment_run(const struct experiment *exp)
{
	static int code = EXIT_SKIPPED;
	int error;

	pin();
	act_prepare();
	picture_prepare();
	error = exp->device ? story_begin() : 0;
	if (error)
		return scope_complain(error);
	step_use(exp);
	view_begin(exp);
	if (!sigsetjmp(out, 1)) {
		exp->run();
		code = verdict();
	}
	view_end(exp, code, reason);
	return code;
}
