// SPDX-License-Identifier: GPL-2.0
/*
 * JSON of records, of which there may be a million: written straight into a buffer. What is made
 * once is made of json-c's objects.
 */
#include <stdlib.h>
#include "base/format.h"
#include "base/utf8.h"
#include "term/json.h"

/* Have room for @n characters at @at, and for what comes next. */
static inline char *room_for(struct json *json, char *at, size_t n)
{
	size_t used = at - json->text;

	if (json->room - used >= n + JSON_ROOM)
		return at;
	json->room = 2 * json->room + n + JSON_ROOM;
	json->text = realloc(json->text, json->room);
	if (!json->text)
		abort();
	return json->text + used;
}

/* A value ends at @at. */
static inline void end(struct json *json, char *at)
{
	at = room_for(json, at, 1);
	*at++ = ',';
	json->n = at - json->text;
}

/**
 * json_start - begin anew
 * @json: whose text is dropped
 */
void json_start(struct json *json)
{
	json->n = 0;
	room_for(json, json->text, 0);
}

/**
 * json_text - what is written
 * @json: has one value, which is whole
 * @n: becomes its length, or NULL
 *
 * Return: with a NUL at its end; valid until more is written
 */
const char *json_text(struct json *json, size_t *n)
{
	json->text[json->n - 1] = '\0';
	if (n)
		*n = json->n - 1;
	return json->text;
}

/**
 * json_put_begin - begin an object or an array
 * @json: is written
 * @at: behind its name
 * @bracket: of what is begun
 */
void json_put_begin(struct json *json, char *at, char bracket)
{
	at = room_for(json, at, 1);
	*at++ = bracket;
	json->n = at - json->text;
}

/**
 * json_put_end - end an object or an array
 * @json: is written
 * @bracket: of what is ended
 */
void json_put_end(struct json *json, char bracket)
{
	char *at = json->text + json->n;

	if (at[-1] == ',')
		at--;
	*at++ = bracket;
	end(json, at);
}

/**
 * json_put_unsigned - a number
 * @json: is written
 * @at: behind its name
 * @value: the number
 */
void json_put_unsigned(struct json *json, char *at, __u64 value)
{
	end(json, at + format_decimal(at, value));
}

/**
 * json_put_signed - a number that may be negative
 * @json: is written
 * @at: behind its name
 * @value: the number
 */
void json_put_signed(struct json *json, char *at, __s64 value)
{
	if (value < 0)
		*at++ = '-';
	end(json, at + format_decimal(at, value < 0 ? -(__u64)value : (__u64)value));
}

/**
 * json_put_word - a text in which nothing needs a backslash
 * @json: is written
 * @at: behind its name
 * @word: the text
 * @n: its length
 */
void json_put_word(struct json *json, char *at, const char *word, size_t n)
{
	at = room_for(json, at, n + 2);
	*at++ = '"';
	memcpy(at, word, n);
	at += n;
	*at++ = '"';
	end(json, at);
}

/*
 * The letter behind a backslash that a character needs; 'u' is for its number, 0 for none; 'x' for
 * what may be no UTF-8
 */
static const char escapes[256] = {
	[0 ... 7] = 'u', ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', [11] = 'u', ['\f'] = 'f',
	['\r'] = 'r', [14 ... 31] = 'u', ['"'] = '"', ['\\'] = '\\',
	[128 ... 255] = 'x',
};

static char *escape(char *at, unsigned char c, char letter)
{
	static const char hex[] = "0123456789abcdef";

	*at++ = '\\';
	*at++ = letter;
	if (letter != 'u')
		return at;
	*at++ = '0';
	*at++ = '0';
	*at++ = hex[c >> 4];
	*at++ = hex[c & 15];
	return at;
}

/*
 * A character of several bytes, or U+FFFD for a byte of none: names of files are any bytes, and
 * JSON is UTF-8. U+0080 to U+009f are commands to a terminal, as ESC is.
 */
static char *put_wide(char *at, const char **value)
{
	unsigned char second = (*value)[1];
	size_t n = utf8_length(*value);

	if (n == 2 && (unsigned char)**value == 0xc2 && second < 0xa0) {
		at = escape(at, second, 'u');
	} else {
		memcpy(at, n ? *value : "\xef\xbf\xbd", n ? n : 3);
		at += n ? n : 3;
	}
	*value += n ? n : 1;
	return at;
}

/**
 * json_put_string - a text
 * @json: is written
 * @at: behind its name
 * @value: the text
 */
void json_put_string(struct json *json, char *at, const char *value)
{
	at = room_for(json, at, 6 * strlen(value) + 2);
	*at++ = '"';
	while (*value) {
		char letter = escapes[(unsigned char)*value];

		if (letter == 'x')
			at = put_wide(at, &value);
		else if (letter)
			at = escape(at, *value++, letter);
		else
			*at++ = *value++;
	}
	*at++ = '"';
	end(json, at);
}
