// SPDX-License-Identifier: GPL-2.0
/*
 * One line on stderr that is written again and again, where that is a terminal that can do it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "term/progress.h"

#define NEW_LINE	"\r\033[K"	/* what was there goes, also where a command wrote */

static bool shown;

/**
 * progress_wanted - does somebody look who could see one line change?
 */
bool progress_wanted(void)
{
	const char *term = getenv("TERM");

	return term && *term && strcmp(term, "dumb") && isatty(STDERR_FILENO);
}

/**
 * progress_show - write the line anew
 * @fmt: as printf(); no longer than a narrow terminal is wide
 *
 * The cursor goes back to its beginning: what others write there next stands at the margin.
 */
void progress_show(const char *fmt, ...)
{
	va_list args;

	if (!progress_wanted())
		return;
	fputs(NEW_LINE, stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\r', stderr);
	fflush(stderr);
	shown = true;
}

/**
 * progress_clear - nothing is to stand there any more
 */
void progress_clear(void)
{
	if (!shown)
		return;
	fputs(NEW_LINE, stderr);
	fflush(stderr);
	shown = false;
}
