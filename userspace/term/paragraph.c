// SPDX-License-Identifier: GPL-2.0
/*
 * Text that is longer than a line, broken between words.
 */
#include <stdlib.h>
#include <string.h>
#include "term/print.h"

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
		n = report_break(p, report_width() - indent);
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
