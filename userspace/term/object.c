// SPDX-License-Identifier: GPL-2.0
/*
 * Objects of json-c, for what is printed once: term/json.h has what is printed often.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/utf8.h"
#include "term/plain_text.h"
#include "term/print.h"

#define MOST	6	/* bytes that a byte of a name becomes: \uNNNN */

/**
 * report_object - begin a JSON object of our schema
 */
struct json_object *report_object(void)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "schema", json_object_new_int(REPORT_SCHEMA));
	return object;
}

/*
 * A character of a name that json-c has left as it was: U+FFFD for a byte that is no UTF-8, and by
 * its number where a terminal would obey it.
 */
static char *put_character(char *at, const char **text)
{
	size_t n = utf8_length(*text);
	unsigned char c = **text, second = n ? (*text)[n - 1] : 0;

	*text += n ? n : 1;
	if (!n)
		return stpcpy(at, "\xef\xbf\xbd");
	if (c == 0x7f || (c == 0xc2 && second < 0xa0))
		return at + sprintf(at, "\\u%04x", second);
	memcpy(at, *text - n, n);
	return at + n;
}

/* Names are any bytes, and JSON is UTF-8. */
static void print_names(const char *text, size_t n)
{
	char *copy = malloc(n * MOST + 1), *at = copy;
	const char *end = text + n;

	if (!copy)
		abort();
	while (text < end)
		at = put_character(at, &text);
	report_verbatim(copy, at - copy);
	free(copy);
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
	if (plain_text_is(text, n))
		report_verbatim(text, n);
	else
		print_names(text, n);
	json_object_put(object);
}
