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
#include "term/print.h"

#define NARROW	60
#define WIDE	100

bool report_json;

static bool terminal;
static char buffer[1 << 16];	/* of stdout, where nobody looks */
static bool colours;
static int broken;	/* errno of the first write that failed */
static unsigned int screen_width = 80;
static unsigned int screen_columns = 80;

static const char *const escapes[] = {
	[PAINT_PLAIN]	= "",
	[PAINT_GOOD]	= "\033[32m",
	[PAINT_WARN]	= "\033[33m",
	[PAINT_BAD]	= "\033[1;31m",
	[PAINT_DIM]	= "\033[2m",
	[PAINT_STRONG]	= "\033[1m",
};

/**
 * report_start - look at the terminal, before anything is printed
 */
void report_start(void)
{
	const char *no_color = getenv("NO_COLOR");
	struct winsize size;

	terminal = isatty(STDOUT_FILENO);
	if (!terminal) {
		setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
		return;
	}
	colours = !no_color || !*no_color;
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		screen_width = size.ws_col;
	if (screen_width < NARROW)
		screen_width = NARROW;
	screen_columns = screen_width;
	if (screen_width > WIDE)
		screen_width = WIDE;
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
 * report_width - columns to fill: those of the terminal within reason, else 80
 */
unsigned int report_width(void)
{
	return screen_width;
}

/**
 * report_columns - columns that there are: for what is not made better by short lines
 */
unsigned int report_columns(void)
{
	return screen_columns;
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
	report_flush();
	if (todo)
		fprintf(stderr, "mmscope: %s: %s (%s)\n", what, why, todo);
	else
		fprintf(stderr, "mmscope: %s: %s\n", what, why);
	return code;
}

static void message(const char *fmt, va_list args)
{
	report_flush();
	fputs("mmscope: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
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

/**
 * report_text - a line on stdout, without blanks at its end
 * @paint: what it means
 * @text: the line
 * @n: its characters
 */
void report_text(enum paint paint, const char *text, size_t n)
{
	const char *on = report_escape(paint);

	while (n && text[n - 1] == ' ')
		n--;
	if (on)
		put(on, strlen(on));
	put(text, n);
	if (on)
		put("\033[0m", 4);
	put("\n", 1);
}

static void print(enum paint paint, const char *fmt, va_list args)
{
	char line[1024];
	size_t n = format_list(line, sizeof(line), fmt, args);

	report_text(paint, line, n < sizeof(line) ? n : sizeof(line) - 1);
}

/**
 * report_line - a line on stdout, without blanks at its end
 * @fmt: as printf()
 */
void report_line(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print(PAINT_PLAIN, fmt, args);
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
	print(paint, fmt, args);
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

/**
 * report_break - how much of a text fits on a line, broken between words
 * @text: what is left
 * @width: room
 *
 * Return: characters to print; blanks that follow them are to be skipped
 */
size_t report_break(const char *text, size_t width)
{
	size_t n = strlen(text);
	size_t at;

	if (n <= width)
		return n;
	for (at = width; at && text[at] != ' '; at--)
		;
	return at ? at : width;
}

/* One paragraph; its newlines become blanks. */
static void fill(enum paint paint, unsigned int indent, char *p)
{
	size_t n;

	for (char *newline = p; (newline = strchr(newline, '\n'));)
		*newline = ' ';
	for (; *p; p += n + strspn(p + n, " ")) {
		n = report_break(p, screen_width - indent);
		report_painted(paint, "%*s%.*s", (int)indent, "", (int)n, p);
	}
}

/**
 * report_paragraph - print text filled to the width of the screen
 * @paint: what it means
 * @indent: columns to leave free
 * @text: newlines in it are blanks, empty lines stay and part paragraphs
 */
void report_paragraph(enum paint paint, unsigned int indent, const char *text)
{
	char *copy = strdup(text);
	char *p = copy, *next;

	if (!copy)
		abort();
	for (; (next = strstr(p, "\n\n")); p = next + 2) {
		*next = '\0';
		fill(paint, indent, p);
		report_line("%s", "");
	}
	fill(paint, indent, p);
	free(copy);
}

/**
 * report_fill - report_paragraph() without colour
 * @indent: columns to leave free
 * @text: as there
 */
void report_fill(unsigned int indent, const char *text)
{
	report_paragraph(PAINT_PLAIN, indent, text);
}

/**
 * report_object - begin a JSON object of our schema
 */
struct json_object *report_object(void)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "schema", json_object_new_int(REPORT_SCHEMA));
	return object;
}

/**
 * report_object_print - print a JSON object on a line of its own, and put it
 * @object: from report_object()
 */
void report_object_print(struct json_object *object)
{
	check(puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_NOSLASHESCAPE)));
	json_object_put(object);
}
