// SPDX-License-Identifier: GPL-2.0
/*
 * Objects of json-c, for what is printed once: term/json.h has what is printed often.
 */
#include <json-c/json.h>
#include "term/print.h"

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
	const char *text;
	size_t n;

	text = json_object_to_json_string_length(object, JSON_C_TO_STRING_NOSLASHESCAPE, &n);
	report_verbatim(text, n);
	json_object_put(object);
}
