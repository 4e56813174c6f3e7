// SPDX-License-Identifier: GPL-2.0
/*
 * Reads JSON from stdin: one value, or one a line. Exit 0 when all of it is well-formed and every
 * value is an object that begins with "schema":1, as the tool promises; else 1, with the place.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *text, *at;

static void fail(const char *what)
{
	fprintf(stderr, "# json_check: %s at byte %zd: %.40s\n", what, at - text, at);
	exit(1);
}

static void space(void)
{
	at += strspn(at, " \t\r\n");
}

static bool take(char c)
{
	space();
	if (*at != c)
		return false;
	at++;
	return true;
}

static void quoted(void)
{
	int i;

	if (!take('"'))
		fail("no opening quote");
	for (; *at != '"'; at++) {
		if ((unsigned char)*at < ' ')
			fail("control character or end within quotes");
		if (*at != '\\')
			continue;
		at++;
		if (!*at || !strchr("\"\\/bfnrtu", *at))
			fail("bad escape");
		for (i = 0; *at == 'u' && i < 4; i++)
			if (!isxdigit((unsigned char)at[i + 1]))
				fail("bad \\u");
	}
	at++;
}

static void number(void)
{
	char *start = at;

	if (*at == '-')
		at++;
	if (!isdigit((unsigned char)*at) || (*at == '0' && isdigit((unsigned char)at[1])))
		fail("no value");
	at += strspn(at, "0123456789");
	if (*at == '.') {
		at++;
		if (!isdigit((unsigned char)*at))
			fail("no digit behind the point");
		at += strspn(at, "0123456789");
	}
	if (*at == 'e' || *at == 'E')
		strtod(start, &at);
}

static void value(int depth);

static void members(int depth)
{
	if (take('}'))
		return;
	do {
		quoted();
		if (!take(':'))
			fail("no colon");
		value(depth + 1);
	} while (take(','));
	if (!take('}'))
		fail("object without an end");
}

static void elements(int depth)
{
	if (take(']'))
		return;
	do {
		value(depth + 1);
	} while (take(','));
	if (!take(']'))
		fail("array without an end");
}

static bool word(const char *w)
{
	if (strncmp(at, w, strlen(w)))
		return false;
	at += strlen(w);
	return true;
}

static void value(int depth)
{
	if (depth > 64)
		fail("too deep");
	if (take('{'))
		members(depth);
	else if (take('['))
		elements(depth);
	else if (*at == '"')
		quoted();
	else if (!word("true") && !word("false") && !word("null"))
		number();
}

int main(void)
{
	size_t len = 0, room = 1 << 16, n;
	int values = 0;

	text = malloc(room);
	while (text && (n = fread(text + len, 1, room - len - 1, stdin))) {
		len += n;
		if (room - len < 2)
			text = realloc(text, room *= 2);
	}
	if (!text)
		return 1;
	text[len] = 0;
	at = text;
	if (strlen(text) != len)
		fail("a NUL");
	for (space(); *at; space()) {
		if (strncmp(at, "{\"schema\":1", 11) || isdigit((unsigned char)at[11]))
			fail("no {\"schema\":1");
		value(0);
		values++;
	}
	if (!values)
		fail("nothing");
	return 0;
}
