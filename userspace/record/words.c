// SPDX-License-Identifier: GPL-2.0
/*
 * Parts of the lines that experiments predict. Each function returns a static buffer of its own,
 * valid until the next call of that function.
 */
#include <stdio.h>
#include <string.h>
#include "base/proc.h"
#include "record/text.h"
#include "record/words.h"

/**
 * words_span - the numbers of some pages: "3", or "3-7"
 * @first: number of the first page
 * @last: number of the last page
 */
const char *words_span(__u64 first, __u64 last)
{
	static char text[48];

	if (first == last)
		snprintf(text, sizeof(text), "%llu", first);
	else
		snprintf(text, sizeof(text), "%llu-%llu", first, last);
	return text;
}

/**
 * words_range - the numbers of the pages in a record's range
 * @e: a structural record
 * @first: number that the page at the record's start has in the store
 */
const char *words_range(const struct mmscope_event *e, __u64 first)
{
	return words_span(first, first + (e->end - e->start) / proc_page_size() - 1);
}

/**
 * words_cause - the cause of a record without further words: "munmap", "user"
 * @cause: &mmscope_event.cause
 */
const char *words_cause(int cause)
{
	static char text[32];

	cause_text(cause, text, sizeof(text));
	text[strcspn(text, "(")] = '\0';
	return text;
}

/**
 * words_rights - the rights of a record's VMA: "rw-"
 * @e: a structural record
 */
const char *words_rights(const struct mmscope_event *e)
{
	static char text[4];

	text[0] = e->flags & MMSCOPE_F_READ ? 'r' : '-';
	text[1] = e->flags & MMSCOPE_F_WRITE ? 'w' : '-';
	text[2] = e->flags & MMSCOPE_F_EXEC ? 'x' : '-';
	return text;
}

/**
 * words_count - ", 4 given back", or "" where the record does not count pages
 * @e: a structural record
 * @what: what was done to the pages
 */
const char *words_count(const struct mmscope_event *e, const char *what)
{
	static char text[48];

	text[0] = '\0';
	if (e->pages != MMSCOPE_PAGES_UNKNOWN)
		snprintf(text, sizeof(text), ", %u %s", e->pages, what);
	return text;
}

/**
 * words_fault - what follows the pages of a fault in a line: "by user, again"
 * @e: a fault, or a call of another hook that is asked for a page
 */
const char *words_fault(const struct mmscope_event *e)
{
	static char text[128];
	const char *by = e->cause == MMSCOPE_CAUSE_REMOTE ? "from outside" :
			 e->flags & MMSCOPE_F_REMOTE ? "from outside in " :
			 e->cause == MMSCOPE_CAUSE_USER ? "by " : "by kernel in ";
	const char *cause = e->cause == MMSCOPE_CAUSE_REMOTE ? "" : words_cause(e->cause);
	char maps[24] = "";

	if (e->type == MMSCOPE_ACCESS)
		snprintf(maps, sizeof(maps), ", %u bytes", e->npages);
	else if (e->npages > 1)
		snprintf(maps, sizeof(maps), ", maps %u", e->npages);
	snprintf(text, sizeof(text), "%s%s%s%s%s%s%s", by, cause,
		 e->flags & MMSCOPE_F_COW ? ", copied" : "",
		 e->flags & MMSCOPE_F_REFAULT ? ", again" : "",
		 e->flags & MMSCOPE_F_MAJOR ? ", major" : "",
		 e->flags & MMSCOPE_F_ERROR ? ", SIGBUS" : "", maps);
	return text;
}
