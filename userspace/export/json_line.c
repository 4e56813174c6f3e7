// SPDX-License-Identifier: GPL-2.0
/*
 * One record as a line of JSON; of a fault with the stack that led to it, if it was copied.
 */
#include "export/callers.h"
#include "export/code.h"
#include "export/json_line.h"
#include "record/text.h"
#include "term/json.h"
#include "term/print.h"

static void add_frame(struct json *out, const struct code *code)
{
	json_begin_object(out, NULL);
	json_string(out, "at", code->place);
	if (code->function)
		json_string(out, "function", code->function);
	if (code->file) {
		json_string(out, "source", code->file);
		json_signed(out, "line", code->line);
	}
	json_end_object(out);
}

/* The instruction that faulted first. Where there is no frame the end says why. */
static void add_stack(struct json *out, const struct callers *callers)
{
	const char *end = callers_end(callers->end);

	json_begin_array(out, "stack");
	for (size_t i = 0; i < callers->n; i++) {
		const struct code *code = code_known(callers->codes[i]);

		if (*code->name || code->offset)
			add_frame(out, code);
	}
	json_end_array(out);
	if (end)
		json_word(out, "stack_end", end);
}

/**
 * json_line - a record as JSON
 * @e: the record
 * @about: what else is known of it
 * @callers: number of its stack, 0 for none
 * @n: becomes the length of the line
 *
 * Return: the line, without its end; valid until the next call
 */
const char *json_line(const struct mmscope_event *e, const struct event_about *about,
		      __u32 callers, size_t *n)
{
	static struct json line;

	json_start(&line);
	json_begin_object(&line, NULL);
	json_signed(&line, "schema", REPORT_SCHEMA);
	event_json(&line, e, about);
	if (callers)
		add_stack(&line, callers_get(callers));
	json_end_object(&line);
	return json_text(&line, n);
}
