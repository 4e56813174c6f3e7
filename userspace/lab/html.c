// SPDX-License-Identifier: GPL-2.0
/*
 * Parts of an HTML page: marks of the tool are written as they are, all other text so that it is no
 * mark.
 */
#include <json-c/json.h>
#include <stdarg.h>
#include <string.h>
#include "base/utf8.h"
#include "lab/html.h"

static FILE *to;

/**
 * html_to - set the stream that the page is written to
 * @out: the stream
 */
void html_to(FILE *out)
{
	to = out;
}

/**
 * html_mark - write marks, and numbers in them
 * @fmt: as for printf(); never text that is not the tool's own
 */
void html_mark(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(to, fmt, args);
	va_end(args);
}

static const char *mark_for(char c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	}
	return NULL;
}

/**
 * html_text - write any text, in an element or in the quotes of an attribute
 * @text: the text, or NULL; bytes that are no UTF-8 and control characters become U+FFFD
 */
void html_text(const char *text)
{
	while (text && *text) {
		size_t n = utf8_length(text);
		unsigned char c = *text;
		const char *mark = n == 1 ? mark_for(c) : NULL;
		bool odd = !n || (c < ' ' && c != '\n' && c != '\t') || c == 127;

		/* Characters from U+0080 to U+009f are control characters, too. */
		odd |= c == 0xc2 && (unsigned char)text[1] < 0xa0;
		if (odd)
			fputs("\xef\xbf\xbd", to);
		else if (mark)
			fputs(mark, to);
		else
			fwrite(text, 1, n, to);
		text += n ? n : 1;
	}
}

/**
 * html_paragraph - write a text as a paragraph, unless there is none
 * @class: class of the paragraph, or NULL
 * @text: the text, or NULL
 */
void html_paragraph(const char *class, const char *text)
{
	if (!text || !*text)
		return;
	if (class)
		html_mark("<p class=\"%s\">", class);
	else
		html_mark("<p>");
	html_text(text);
	html_mark("</p>\n");
}

static struct json_object *get(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, name, &value);
	return value;
}

/**
 * html_member - a text in an object
 * @object: the object
 * @name: name of the member
 *
 * Return: the text, "" where the object has no such member
 */
const char *html_member(struct json_object *object, const char *name)
{
	struct json_object *value = get(object, name);

	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
}

/**
 * html_list - a list in an object
 * @object: the object
 * @name: name of the member
 * @n: becomes the length of the list, 0 where the object has no such member
 */
struct json_object *html_list(struct json_object *object, const char *name, size_t *n)
{
	struct json_object *list = get(object, name);

	*n = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
	return list;
}

/**
 * html_is - a truth value in an object
 * @object: the object
 * @name: name of the member
 */
bool html_is(struct json_object *object, const char *name)
{
	return json_object_get_boolean(get(object, name));
}

/**
 * html_number - a number in an object
 * @object: the object
 * @name: name of the member
 */
long html_number(struct json_object *object, const char *name)
{
	return json_object_get_int64(get(object, name));
}
