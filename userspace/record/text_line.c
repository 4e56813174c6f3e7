// SPDX-License-Identifier: GPL-2.0
/*
 * Parts of a line of words that records of the module and of the tracer share.
 */
#include <stdarg.h>
#include <string.h>
#include "base/format.h"
#include "base/proc.h"
#include "record/text.h"

/**
 * event_add - add words to &event_text.what
 * @text: of a record
 * @fmt: as for printf(); what finds no room is left out
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
 * event_word - add words to &event_text.what, which are no format
 * @text: of a record
 * @word: the words
 */
void event_word(struct event_text *text, const char *word)
{
	char *at = text->what + text->used, *end = text->what + sizeof(text->what) - 1;

	at = format_string(at, end, word, 0);
	*at = '\0';
	text->used = at - text->what;
}

/**
 * event_time - add a duration to &event_text.what: ", 1.2 us"
 * @text: of a record
 * @ns: nanoseconds; nothing is added for 0, which says that the duration is not known
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
 * event_rights - write the rights of a record's VMA as /proc/PID/maps does
 * @e: the record
 * @out: becomes "rw-" or the like
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
 * event_range - set &event_text.where to a record's range
 * @e: the record
 * @text: of the record
 */
void event_range(const struct mmscope_event *e, struct event_text *text)
{
	format_text(text->where, sizeof(text->where), "%012llx +%lup", e->start, pages(e));
}

/**
 * event_cut - set &event_text.where to a record's range in two parts
 * @e: the record; aux is where the second part begins
 * @text: of the record
 */
void event_cut(const struct mmscope_event *e, struct event_text *text)
{
	unsigned long size = proc_page_size();

	format_text(text->where, sizeof(text->where), "%012llx +%lup|+%lup", e->start,
		    (unsigned long)(e->aux - e->start) / size,
		    (unsigned long)(e->end - e->aux) / size);
}
