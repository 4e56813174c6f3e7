// SPDX-License-Identifier: GPL-2.0
/*
 * How an experiment, or what is left of it, ends before its end: it cannot be done here, or it is
 * written wrong.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "lab/step.h"
#include "term/print.h"

sigjmp_buf skip_landing;

/**
 * experiment_bug - the experiment is written wrong: say so and give up
 * @what: how
 */
void experiment_bug(const char *what)
{
	report_fail(0, "bug in the experiment", what, step->what);
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
	vsnprintf(stage->reason, sizeof(stage->reason), fmt, args);
	va_end(args);
	siglongjmp(skip_landing, 1);
}

/**
 * leave_out - some steps cannot be done here, the others can; to be called between steps
 * @fmt: which and why, as printf()
 */
void leave_out(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(stage->reason, sizeof(stage->reason), fmt, args);
	va_end(args);
	totals->left_out++;
	channel_say(SAY_LEFT_OUT);
}
