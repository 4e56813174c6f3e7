// SPDX-License-Identifier: GPL-2.0
/*
 * A budget from its file: a limit a line.
 *
 *	LIMIT := FIGURE [ "(" CLASS ")" ] [ "in" PLACE ] OPERATOR NUMBER [ UNIT ]
 *
 * What is wrong is told with the number of its line, and nothing is judged then.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/suggest.h"
#include "base/tool.h"
#include "budget/budget.h"
#include "record/record.h"
#include "record/text.h"
#include "term/plain_text.h"
#include "term/print.h"

#define LINES_MOST	10000
#define BLANKS		" \t\r\n"

static const char *const operators[] = {
	[COMPARE_LE] = "<=", [COMPARE_LT] = "<", [COMPARE_GE] = ">=", [COMPARE_GT] = ">",
	[COMPARE_EQ] = "==",
};

/* Complain about a line. Return: an exit code */
static int complain(const struct budget *budget, const struct limit *limit, const char *word,
		    const char *why, const char *todo)
{
	char where[300], what[200], text[400];

	plain_text(where, sizeof(where), budget->path);
	plain_text(what, sizeof(what), word);
	snprintf(text, sizeof(text), "%s: %s", *what ? what : "end of line", why);
	snprintf(where + strlen(where), sizeof(where) - strlen(where), ":%u", limit->line);
	return report_fail(EXIT_USAGE, where, text, todo);
}

/* The next word: of characters of a name, of an operator, one of any other, or what is quoted. */
static char *next_word(char **at, char *buf, size_t size, const char *set)
{
	size_t n = strspn(*at, BLANKS);

	*at += n;
	n = strspn(*at, set);
	if (!n && **at)
		n = 1;
	if (n >= size)
		n = size - 1;
	memcpy(buf, *at, n);
	buf[n] = '\0';
	*at += n;
	return buf;
}

#define NAME_SET "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

/* A word, or an operator, or a single character. */
static void next_token(char **at, char *buf, size_t size)
{
	*at += strspn(*at, BLANKS);
	next_word(at, buf, size, **at && strchr(NAME_SET, **at) ? NAME_SET : "<>=");
}

static int unknown_figure(const struct budget *budget, const struct limit *limit, const char *word)
{
	struct suggestion near;

	suggest_begin(&near, word);
	for (size_t i = 0; kinds_each(i); i++)
		suggest_offer(&near, kinds_each(i)->name);
	return complain(budget, limit, word, "no such figure",
			suggest_todo(&near, "faults, p99, vmas, rss_peak: see the manual"));
}

static int take_class(const struct budget *budget, struct limit *limit, char **at)
{
	char word[64], end[8];

	next_word(at, word, sizeof(word), NAME_SET "-");
	limit->class = RECORD_CLASS_NONE;
	if (!strcmp(word, "total"))
		limit->class = CLASS_ALL;
	for (__u32 i = 1; i < RECORD_NR_CLASSES && limit->class == RECORD_CLASS_NONE; i++)
		if (!strcmp(word, class_name(i)))
			limit->class = i;
	if (limit->class == RECORD_CLASS_NONE)
		return complain(budget, limit, word, "no class of faults is called so",
				"total, or see mmscope trace --class help");
	next_word(at, end, sizeof(end), "");
	if (strcmp(end, ")"))
		return complain(budget, limit, end, "a ) is missing behind the class", NULL);
	return limit->kind->classes ? 0 :
	       complain(budget, limit, limit->kind->name, "it has no classes",
			"leave the parentheses out");
}

/* A place is quoted, or reaches to the next blank. */
static int take_place(const struct budget *budget, struct limit *limit, char **at)
{
	size_t n;

	*at += strspn(*at, BLANKS);
	if (**at == '"') {
		(*at)++;
		n = strcspn(*at, "\"");
		if (!(*at)[n])
			return complain(budget, limit, *at, "a \" is missing behind it", NULL);
		limit->place = strndup(*at, n);
		*at += n + 1;
	} else {
		n = strcspn(*at, BLANKS);
		limit->place = strndup(*at, n);
		*at += n;
	}
	if (!limit->place)
		abort();
	if (!*limit->place)
		return complain(budget, limit, "", "in which place?", "faults in malloc.c <= 10");
	return limit->kind->places ? 0 :
	       complain(budget, limit, limit->kind->name, "only faults are counted by place",
			"leave out what begins with in");
}

static int take_operator(const struct budget *budget, struct limit *limit, const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(operators); i++)
		if (!strcmp(word, operators[i])) {
			limit->compare = i;
			return 0;
		}
	return complain(budget, limit, word, "no operator", "there are <= < >= > and ==");
}

static bool find_unit(enum unit unit, const char *word, __u64 *factor)
{
	static const struct {
		enum unit unit;
		const char *word;
		__u64 factor;
	} units[] = {
		{ UNIT_COUNT, "", 1 }, { UNIT_BYTES, "", 1 }, { UNIT_BYTES, "K", 1ULL << 10 },
		{ UNIT_BYTES, "M", 1ULL << 20 }, { UNIT_BYTES, "G", 1ULL << 30 },
		{ UNIT_NS, "ns", 1 }, { UNIT_NS, "us", 1000 }, { UNIT_NS, "ms", 1000000 },
		{ UNIT_NS, "s", 1000000000 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (units[i].unit == unit && !strcmp(units[i].word, word)) {
			*factor = units[i].factor;
			return true;
		}
	return false;
}

/* A number may have three digits behind a point where it has a unit. */
static int take_number(const struct budget *budget, struct limit *limit, char **at)
{
	static const char *const todo[] = {
		[UNIT_COUNT] = "a number has no unit here",
		[UNIT_BYTES] = "units are K, M and G",
		[UNIT_NS] = "units are ns, us, ms and s",
	};
	char word[64], unit[16];
	double number;
	__u64 factor;
	char *end;

	next_word(at, word, sizeof(word), "0123456789.");
	number = strtod(word, &end);
	if (!*word || *end || end == word || number < 0)
		return complain(budget, limit, word, "no number", NULL);
	next_word(at, unit, sizeof(unit), NAME_SET "%");
	if (!find_unit(limit->kind->unit, unit, &factor))
		return complain(budget, limit, unit, "no unit of this figure",
				todo[limit->kind->unit]);
	if (number * factor > 9e18)
		return complain(budget, limit, word, "too large", NULL);
	if (strchr(word, '.') && factor == 1)
		return complain(budget, limit, word, "no whole number", NULL);
	limit->value = number * factor + 0.5;
	*at += strspn(*at, BLANKS);
	return !**at ? 0 : complain(budget, limit, *at, "one word too many",
				    "a limit a line; # begins a comment");
}

static int parse(const struct budget *budget, struct limit *limit)
{
	char *at = limit->text, word[64];
	int code = 0;

	next_word(&at, word, sizeof(word), NAME_SET);
	limit->kind = kinds_find(word, &limit->percent);
	if (!limit->kind)
		return unknown_figure(budget, limit, word);
	limit->class = CLASS_ALL;
	next_token(&at, word, sizeof(word));
	if (!strcmp(word, "(")) {
		code = take_class(budget, limit, &at);
		next_token(&at, word, sizeof(word));
	}
	if (!code && !strcmp(word, "in")) {
		code = take_place(budget, limit, &at);
		next_token(&at, word, sizeof(word));
	}
	if (!code)
		code = take_operator(budget, limit, word);
	return code ? code : take_number(budget, limit, &at);
}

/* Without a comment, which is not one in quotes, and without blanks at both ends. */
static char *trim(char *line)
{
	bool quoted = false;
	char *end;

	line += strspn(line, BLANKS);
	for (end = line; *end && (*end != '#' || quoted); end++)
		quoted ^= *end == '"';
	while (end > line && strchr(BLANKS, end[-1]))
		end--;
	*end = '\0';
	return line;
}

static int take_line(struct budget *budget, char *line, unsigned int number)
{
	struct limit *limit;

	line = trim(line);
	if (!*line)
		return 0;
	budget->limits = realloc(budget->limits, (budget->nr + 1) * sizeof(*budget->limits));
	if (!budget->limits)
		abort();
	limit = &budget->limits[budget->nr++];
	*limit = (struct limit){ .line = number, .text = strdup(line) };
	if (!limit->text)
		abort();
	if (number > LINES_MOST)
		return complain(budget, limit, line, "too many lines", "10000 are enough");
	return parse(budget, limit);
}

static int cannot_read(const char *path)
{
	char name[300];

	return report_fail(EXIT_USAGE, plain_text(name, sizeof(name), path), strerror(errno),
			   "which budget?");
}

/**
 * budget_read - read a budget
 * @budget: becomes it
 * @path: its file
 *
 * Return: 0, or an exit code after a complaint
 */
int budget_read(struct budget *budget, const char *path)
{
	FILE *file = fopen(path, "re");
	unsigned int number = 0;
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int code = 0;

	*budget = (struct budget){ .path = path };
	if (!file)
		return cannot_read(path);
	errno = 0;
	while (!code && (n = getline(&line, &room, file)) >= 0) {
		struct limit here = { .line = ++number };

		if (strlen(line) != (size_t)n)
			code = complain(budget, &here, "a NUL", "it is no text", NULL);
		else
			code = take_line(budget, line, number);
	}
	if (!code && ferror(file))
		code = cannot_read(path);
	free(line);
	fclose(file);
	if (!code && !budget->nr)
		code = report_fail(EXIT_USAGE, path, "no limit is in it", "faults <= 1000");
	return code;
}

/**
 * budget_free - forget a budget
 * @budget: from budget_read()
 */
void budget_free(struct budget *budget)
{
	for (size_t i = 0; i < budget->nr; i++) {
		free(budget->limits[i].text);
		free(budget->limits[i].place);
	}
	free(budget->limits);
}
