// SPDX-License-Identifier: GPL-2.0
/*
 * How an experiment ends before its last step: since it cannot be done on this system, or since it
 * has a bug.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "lab/step.h"
#include "term/print.h"

sigjmp_buf skip_landing;

/**
 * experiment_bug - print that the experiment has a bug, and abort
 * @what: the bug
 */
void experiment_bug(const char *what)
{
	report_fail(0, "bug in the experiment", what, step->what);
	abort();
}

/**
 * skip - end the experiment, since it cannot be done here
 * @fmt: why, as for printf()
 */
void skip(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(channel->reason, sizeof(channel->reason), fmt, args);
	va_end(args);
	siglongjmp(skip_landing, 1);
}

/**
 * leave_out - say that some steps cannot be done here, and go on; is called between steps
 * @fmt: which steps, and why, as for printf()
 */
void leave_out(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(channel->reason, sizeof(channel->reason), fmt, args);
	va_end(args);
	totals->left_out++;
	channel_say(SAY_LEFT_OUT);
}
