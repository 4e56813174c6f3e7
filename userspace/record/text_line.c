// SPDX-License-Identifier: GPL-2.0
/*
 * Parts of a line that records of the module and of the tracer share.
 */
#include <stdarg.h>
#include <string.h>
#include "base/format.h"
#include "base/proc.h"
#include "record/text.h"

/**
 * event_add - go on with the text of a record
 * @text: of it
 * @fmt: as printf()
 */
void event_add(struct event_text *text, const char *fmt, ...)
{
	size_t room = sizeof(text->what) - text->used, n;
	va_list args;

	va_start(args, fmt);
	n = format_list(text->what + text->used, room, fmt, args);
	va_end(args);
	text->used += n < room ? n : room - 1;
}

/**
 * event_word - go on with the text of a record by something that is no format
 * @text: of it
 * @word: as it is
 */
void event_word(struct event_text *text, const char *word)
{
	char *at = text->what + text->used, *end = text->what + sizeof(text->what) - 1;

	at = format_string(at, end, word, 0);
	*at = '\0';
	text->used = at - text->what;
}

/**
 * event_time - how long it took: ", 1.2 us"; nothing where that is not known
 * @text: of it
 * @ns: nanoseconds, 0 for not known
 */
void event_time(struct event_text *text, unsigned int ns)
{
	char us[FORMAT_DIGITS + 8] = ", ", *at = us + 2;

	if (!ns)
		return;
	at += format_decimal(at, ns / 1000);
	*at++ = '.';
	*at++ = '0' + ns % 1000 / 100;
	strcpy(at, " us");
	event_word(text, us);
}

/**
 * event_rights - rights as in /proc/PID/maps
 * @e: the record
 * @out: for "rw-"
 */
void event_rights(const struct mmscope_event *e, char out[4])
{
	out[0] = e->flags & MMSCOPE_F_READ ? 'r' : '-';
	out[1] = e->flags & MMSCOPE_F_WRITE ? 'w' : '-';
	out[2] = e->flags & MMSCOPE_F_EXEC ? 'x' : '-';
	out[3] = '\0';
}

static unsigned long pages(const struct mmscope_event *e)
{
	return (e->end - e->start) / proc_page_size();
}

/**
 * event_range - where: a range
 * @e: the record
 * @text: of it
 */
void event_range(const struct mmscope_event *e, struct event_text *text)
{
	format_text(text->where, sizeof(text->where), "%012llx +%lup", e->start, pages(e));
}

/**
 * event_cut - where: a range in two parts
 * @e: the record; aux is where the second begins
 * @text: of it
 */
void event_cut(const struct mmscope_event *e, struct event_text *text)
{
	unsigned long size = proc_page_size();

	format_text(text->where, sizeof(text->where), "%012llx +%lup|+%lup", e->start,
		    (unsigned long)(e->aux - e->start) / size,
		    (unsigned long)(e->end - e->aux) / size);
}
