/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TERM_JSON_H
#define MMSCOPE_TERM_JSON_H

#include <stddef.h>
#include <string.h>
#include <linux/types.h>

/* There is always room for the name of a member, at most half as long, and for a number. */
#define JSON_ROOM	128

/**
 * struct json - JSON that is written from its beginning to its end, without objects in between
 * @text: what is written so far, without a NUL; kept for the next. A comma follows each value,
 *	which the end of its object or array takes back.
 * @n: characters of @text
 * @room: how many would fit
 */
struct json {
	char *text;
	size_t n;
	size_t room;
};

void json_start(struct json *json);
const char *json_text(struct json *json, size_t *n);
void json_put_begin(struct json *json, char *at, char bracket);
void json_put_signed(struct json *json, char *at, __s64 value);
void json_put_unsigned(struct json *json, char *at, __u64 value);
void json_put_word(struct json *json, char *at, const char *word, size_t n);
void json_put_string(struct json *json, char *at, const char *value);
void json_put_end(struct json *json, char bracket);

/*
 * The name of a value, unless that is NULL. It is inline, since the compiler knows most names.
 *
 * Return: where the value goes
 */
static inline char *json_name(struct json *json, const char *name)
{
	char *at = json->text + json->n;
	size_t n;

	if (!name)
		return at;
	n = strlen(name);
	*at++ = '"';
	memcpy(at, name, n);
	at += n;
	*at++ = '"';
	*at++ = ':';
	return at;
}

/**
 * json_begin_object - begin an object; its members follow
 * @json: is written
 * @name: of it as a member, NULL where it is none
 */
static inline void json_begin_object(struct json *json, const char *name)
{
	json_put_begin(json, json_name(json, name), '{');
}

/**
 * json_end_object - end an object
 * @json: is written
 */
static inline void json_end_object(struct json *json)
{
	json_put_end(json, '}');
}

/**
 * json_begin_array - begin an array; its values follow, without names
 * @json: is written
 * @name: of it as a member, NULL where it is none
 */
static inline void json_begin_array(struct json *json, const char *name)
{
	json_put_begin(json, json_name(json, name), '[');
}

/**
 * json_end_array - end an array
 * @json: is written
 */
static inline void json_end_array(struct json *json)
{
	json_put_end(json, ']');
}

/**
 * json_signed - a number that may be negative
 * @json: is written
 * @name: as a member, NULL in an array
 * @value: the number
 */
static inline void json_signed(struct json *json, const char *name, __s64 value)
{
	json_put_signed(json, json_name(json, name), value);
}

/**
 * json_unsigned - a number
 * @json: is written
 * @name: as a member, NULL in an array
 * @value: the number
 */
static inline void json_unsigned(struct json *json, const char *name, __u64 value)
{
	json_put_unsigned(json, json_name(json, name), value);
}

/**
 * json_word - one of our own words, in which nothing needs a backslash
 * @json: is written
 * @name: as a member, NULL in an array
 * @word: the word
 */
static inline void json_word(struct json *json, const char *name, const char *word)
{
	json_put_word(json, json_name(json, name), word, strlen(word));
}

/**
 * json_string - a text
 * @json: is written
 * @name: as a member, NULL in an array
 * @value: the text
 */
static inline void json_string(struct json *json, const char *name, const char *value)
{
	json_put_string(json, json_name(json, name), value);
}

#endif
