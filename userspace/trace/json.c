// SPDX-License-Identifier: GPL-2.0
/*
 * Prints records as JSON, an object on each line.
 */
#include "record/text.h"
#include "term/json.h"
#include "term/print.h"
#include "trace/json.h"

/**
 * trace_json - print a record as JSON, on a line of its own
 * @e: the record
 * @about: what else is known of the record
 */
void trace_json(const struct mmscope_event *e, const struct event_about *about)
{
	static struct json line;
	const char *text;
	size_t n;

	json_start(&line);
	json_begin_object(&line, NULL);
	json_signed(&line, "schema", REPORT_SCHEMA);
	event_json(&line, e, about);
	json_end_object(&line);
	text = json_text(&line, &n);
	report_verbatim(text, n);
}
