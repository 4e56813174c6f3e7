// SPDX-License-Identifier: GPL-2.0
/*
 * The only files that know the screen are this one (lines, filled text, colour, JSON, messages)
 * and term/table.c.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "base/format.h"
#include "term/plain_text.h"
#include "term/print.h"
#include "term/progress.h"

#define NARROW		60
#define WIDE		100
#define UNLIMITED	1000000	/* columns where lines may be as long as they are */

bool report_json;

static bool terminal;
static char buffer[1 << 16];	/* of stdout, where nobody looks */
static bool colours;
static int broken;	/* errno of the first write that failed */
static unsigned int screen_width = 80;
static unsigned int screen_columns = UNLIMITED;
static bool gap;	/* a blank line is due, if another line follows */

static const char *const escapes[] = {
	[PAINT_PLAIN]	= "",
	[PAINT_GOOD]	= "\033[32m",
	[PAINT_WARN]	= "\033[33m",
	[PAINT_BAD]	= "\033[1;31m",
	[PAINT_DIM]	= "\033[2m",
	[PAINT_STRONG]	= "\033[1m",
};

static bool wants_colours(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return !(no_color && *no_color) && term && *term && strcmp(term, "dumb");
}

/* What the environment says, else the terminal. Return: 0 where lines may be of any length */
static unsigned int columns_told(void)
{
	const char *told = getenv("COLUMNS");
	unsigned long n = told ? strtoul(told, NULL, 10) : 0;
	struct winsize size;

	if (n && n < UNLIMITED)
		return n;
	if (!terminal)
		return 0;
	return !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col ? size.ws_col : 80;
}

/**
 * report_start - look at the terminal and the environment, before anything is printed
 */
void report_start(void)
{
	unsigned int columns;

	terminal = isatty(STDOUT_FILENO);
	columns = columns_told();
	colours = terminal && wants_colours();
	if (!terminal)
		setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	if (!columns)
		return;
	screen_columns = columns > NARROW ? columns : NARROW;
	screen_width = screen_columns < WIDE ? screen_columns : WIDE;
}

/**
 * report_to_errors - what is printed from now on is no answer but a complaint
 */
void report_to_errors(void)
{
	report_flush();
	dup2(STDERR_FILENO, STDOUT_FILENO);
}

/**
 * report_escape - what turns a colour on, NULL where nothing is coloured
 * @paint: what it means
 */
const char *report_escape(enum paint paint)
{
	return colours && paint != PAINT_PLAIN ? escapes[paint] : NULL;
}

/**
 * report_terminal - is somebody looking?
 */
bool report_terminal(void)
{
	return terminal;
}

/**
 * report_width - columns to fill with text: those that there are within reason, else 80
 */
unsigned int report_width(void)
{
	return screen_width;
}

/**
 * report_limited - have lines to fit a screen? Not in pipes and files, unless COLUMNS says so.
 */
bool report_limited(void)
{
	return screen_columns < UNLIMITED && !report_json;
}

/**
 * report_columns - columns that there are: for what is not made better by short lines
 */
unsigned int report_columns(void)
{
	return screen_columns;
}

/**
 * report_room - how much of a text is to be printed, as a precision for "%.*s"
 * @most: characters, where lines have to fit a screen
 */
int report_room(int most)
{
	return report_limited() ? most : UNLIMITED;
}

/**
 * report_gap - a blank line, if another line follows; several are one. JSON has none
 */
void report_gap(void)
{
	gap = !report_json;
}

static void check(int result)
{
	if (result < 0 && !broken)
		broken = errno;
}

/**
 * report_flush - bring out what is written so far, for live output and before fork(2)
 */
void report_flush(void)
{
	check(fflush(stdout));
}

/**
 * report_broken - has the reader of our output gone away?
 */
bool report_broken(void)
{
	return broken;
}

/**
 * report_end - bring out what is buffered
 * @code: the verdict so far
 *
 * Return: @code, or EXIT_ENVIRONMENT when the output could not be written. A reader that went away
 * (EPIPE) had what he wanted: that is no failure.
 */
int report_end(int code)
{
	report_flush();
	if (!broken || broken == EPIPE)
		return code;
	return report_fail(EXIT_ENVIRONMENT, "stdout", strerror(broken), "where does it go?");
}

/* What it is about may be named by an adversary. */
static void message(const char *fmt, va_list args)
{
	char *text, *plain;
	int n = vasprintf(&text, fmt, args);
	size_t size = (size_t)n * PLAIN_TEXT_MOST + 1;

	plain = n < 0 ? NULL : malloc(size);
	if (!plain)
		abort();
	report_flush();
	progress_clear();
	fprintf(stderr, "mmscope: %s\n", plain_text(plain, size, text));
	free(plain);
	free(text);
}

/**
 * report_message - a line on stderr
 * @fmt: as printf()
 */
void report_message(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	message(fmt, args);
	va_end(args);
}

/**
 * report_fail - one sentence on stderr: what, why, what to do
 * @code: exit code
 * @what: what it is about
 * @why: what went wrong
 * @todo: what to do, or NULL
 *
 * Return: @code
 */
int report_fail(int code, const char *what, const char *why, const char *todo)
{
	if (todo)
		report_message("%s: %s (%s)", what, why, todo);
	else
		report_message("%s: %s", what, why);
	return code;
}

/**
 * report_notice - a line on stderr of what goes on, where it is a terminal
 * @fmt: as printf()
 */
void report_notice(const char *fmt, ...)
{
	va_list args;

	if (!isatty(STDERR_FILENO))
		return;
	va_start(args, fmt);
	message(fmt, args);
	va_end(args);
}

static void put(const char *text, size_t n)
{
	check(fwrite_unlocked(text, 1, n, stdout) < n ? -1 : 0);
}

/* Names in it may be those of an adversary: nothing of it is to be obeyed by a terminal. */
static void put_plain(const char *text, size_t n)
{
	const char *end = text + n;
	char one[PLAIN_TEXT_MOST];

	if (plain_text_is(text, n)) {
		put(text, n);
		return;
	}
	while (text < end)
		put(one, plain_text_next(&text, one));
}

static void put_line(enum paint paint, const char *text, size_t n,
		     void (*put_text)(const char *text, size_t n))
{
	const char *on = report_escape(paint);

	if (gap)
		put("\n", 1);
	gap = false;
	while (n && text[n - 1] == ' ')
		n--;
	if (on)
		put(on, strlen(on));
	put_text(text, n);
	if (on)
		put("\033[0m", 4);
	put("\n", 1);
}

/**
 * report_text - a line on stdout, without blanks at its end
 * @paint: what it means
 * @text: the line; a terminal is to obey nothing of it, and ends in a NUL
 * @n: its characters
 */
void report_text(enum paint paint, const char *text, size_t n)
{
	put_line(paint, text, n, put_plain);
}

/**
 * report_verbatim - lines on stdout that have no names in them, or have them quoted
 * @text: the lines
 * @n: its characters
 */
void report_verbatim(const char *text, size_t n)
{
	put_line(PAINT_PLAIN, text, n, put);
}

static void print(enum paint paint, const char *fmt, va_list args,
		  void (*put_text)(const char *text, size_t n))
{
	char usual[1024], *line = usual;
	va_list again;
	size_t n;

	va_copy(again, args);
	n = format_list(usual, sizeof(usual), fmt, args);
	if (n >= sizeof(usual)) {
		line = malloc(n + 1);
		if (!line)
			abort();
		format_list(line, n + 1, fmt, again);
	}
	va_end(again);
	put_line(paint, line, n, put_text);
	if (line != usual)
		free(line);
}

/**
 * report_line - a line on stdout, without blanks at its end
 * @fmt: as printf()
 */
void report_line(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print(PAINT_PLAIN, fmt, args, put_plain);
	va_end(args);
}

/**
 * report_colours - a line on stdout that has colours in it
 * @fmt: as printf(); names are as plain_text() makes them
 */
void report_colours(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print(PAINT_PLAIN, fmt, args, put);
	va_end(args);
}

/**
 * report_painted - a line on stdout in one colour
 * @paint: what it means
 * @fmt: as printf()
 */
void report_painted(enum paint paint, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print(paint, fmt, args, put_plain);
	va_end(args);
}

/**
 * report_prompt - a question on stdout, to be answered on the same line
 * @fmt: as printf()
 */
void report_prompt(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	check(vprintf(fmt, args));
	va_end(args);
	report_flush();
}
