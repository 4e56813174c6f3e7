// SPDX-License-Identifier: GPL-2.0
/*
 * Parses a condition that a record may satisfy, as it is read: what mmscope trace can filter by,
 * and more.
 *
 *	CONDITION := TEST { " " TEST }
 *	TEST := ( "event" | "class" | "call" | "errno" ) "=" NAME { "," NAME } | "again"
 *	      | ( "pages" | "length" | "us" ) ( ">=" | ">" | "<=" | "<" | "=" ) NUMBER
 *	      | ( "rate" | "again" | "faults" ) ">" NUMBER "/s"
 *
 * The same record has to satisfy all tests. Of a test that is wrong the user is told what could be
 * written in its place.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/name_list.h"
#include "base/suggest.h"
#include "base/tool.h"
#include "record/record.h"
#include "record/text.h"
#include "term/plain_text.h"
#include "term/print.h"
#include "trace/condition.h"
#include "tracer/tracer.h"

#define BLANKS		" \t\n"
#define OPERATORS	"<>="
#define ALL_WORDS	"there are event, class, call, errno, again, pages, length, us, faults " \
			"and rate: 'class=refused'"
#define CALLS_MOST	1024	/* no number of a system call is larger */
#define ERRNO_MOST	255
#define OOM		"oom"

static int complain(const char *word, const char *why, const char *todo)
{
	char text[300];

	return report_fail(EXIT_USAGE, *word ? plain_text(text, sizeof(text), word) : "--trigger",
			   why, todo);
}

static int no_name(const char *word, const char *why, const struct suggestion *near,
		   const char *todo)
{
	return complain(word, why, suggest_todo(near, todo));
}

/* Take a word out of a list; return whether it was there. @rest becomes the list of the others. */
static bool take_out(const char *list, const char *word, char *rest, size_t size)
{
	char name[64];
	bool found = false;

	*rest = '\0';
	while (name_list_next(&list, name, sizeof(name))) {
		if (strcasecmp(name, word))
			snprintf(rest + strlen(rest), size - strlen(rest), "%s%s",
				 *rest ? "," : "", name);
		else
			found = true;
	}
	return found;
}

static int take_events(struct condition *c, const char *list)
{
	struct suggestion near;
	const char *word;
	char rest[500];		/* as long as a test may be */

	c->oom = take_out(list, OOM, rest, sizeof(rest));
	c->filter.by_type = true;
	word = c->oom && !*rest ? NULL : filter_types(&c->filter, rest, &near);
	if (!word)
		return 0;
	return *word ? no_name(word, "no event is called so", &near,
			       "oom, and those of mmscope trace --events help") :
	       complain("event=", "names no event", "event=unmap,mremap");
}

static int take_classes(struct condition *c, const char *list)
{
	struct suggestion near;
	const char *word = filter_classes(&c->filter, list, &near);

	c->faults = true;
	if (!word)
		return 0;
	return *word ? no_name(word, "no class of faults is called so", &near,
			       "mmscope trace --class help names them") :
	       complain("class=", "names no class of faults", "class=refused");
}

/* The name of a system call, 64-bit or 32-bit, as cause_name() has it; NULL where there is none. */
static const char *find_call(const char *word, struct suggestion *near)
{
	suggest_begin(near, word);
	for (int nr = 0; nr < 2 * CALLS_MOST; nr++) {
		int cause = nr < CALLS_MOST ? nr : RECORD_CAUSE_32(nr - CALLS_MOST);
		const char *name = cause_name(cause);

		if (name && !strcmp(name, word))
			return name;
		/* Most 32-bit calls have the name of a 64-bit call, which is offered already. */
		if (name && nr < CALLS_MOST)
			suggest_offer(near, name);
	}
	return NULL;
}

static int take_calls(struct condition *c, const char *list)
{
	struct suggestion near;
	char word[64];

	while (name_list_next(&list, word, sizeof(word))) {
		const char *name = find_call(word, &near);

		if (!name)
			return no_name(word, "no system call is called so", &near,
				       "as in a manual: call=mremap");
		if (c->nr_calls == CONDITION_CALLS)
			return complain(word, "is one call too many", "16 are enough");
		c->calls[c->nr_calls++] = name;
	}
	return c->nr_calls ? 0 : complain("call=", "names no system call", "call=mremap");
}

static int find_errno(const char *word, struct suggestion *near)
{
	suggest_begin(near, word);
	for (int i = 1; i <= ERRNO_MOST; i++) {
		const char *name = strerrorname_np(i);

		if (name && !strcmp(name, word))
			return i;
		if (name)
			suggest_offer(near, name);
	}
	return 0;
}

static int take_errnos(struct condition *c, const char *list)
{
	struct suggestion near;
	char word[64];

	while (name_list_next(&list, word, sizeof(word))) {
		int number = find_errno(word, &near);

		if (!number)
			return no_name(word, "no error is called so", &near,
				       "as in errno(3): errno=ENOMEM");
		c->errnos[number / 64] |= 1ULL << number % 64;
		c->failed = true;
	}
	return c->failed ? 0 : complain("errno=", "names no error", "errno=ENOMEM");
}

static const char *find_compare(const char *text, size_t n)
{
	static const char *const all[] = { "<=", "<", ">=", ">", "=" };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (strlen(all[i]) == n && !strncmp(all[i], text, n))
			return all[i];
	return NULL;
}

/* Parse a number; if it is a number of bytes, it may have a unit: 64K, 512M, 1G. */
static bool take_value(const char *text, enum condition_figure figure, __u64 *value)
{
	static const char units[] = "KMGT";
	const char *unit;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*value = strtoull(text, &end, 10);
	unit = figure == FIGURE_LENGTH && *end ? strchr(units, *end) : NULL;
	if (errno || end[!!unit] || (unit && *value > ~0ULL >> 10 * (unit - units + 1)))
		return false;
	if (unit)
		*value <<= 10 * (unit - units + 1);
	if (figure == FIGURE_NS && *value > ~0ULL / 1000)
		return false;
	*value *= figure == FIGURE_NS ? 1000 : 1;
	return true;
}

static int take_limit(struct condition *c, enum condition_figure figure, const char *test)
{
	const char *compare = test + strcspn(test, OPERATORS);
	size_t n = strspn(compare, OPERATORS);
	struct condition_limit limit = { figure, find_compare(compare, n), 0 };

	if (!limit.compare)
		return complain(test, "no comparison", "there are >= > <= < and =: pages>=512");
	if (!take_value(compare + n, figure, &limit.value))
		return complain(test, "no number", figure == FIGURE_LENGTH ? "length>=64M" :
				figure == FIGURE_NS ? "us>=100" : "pages>=512");
	if (c->nr_limits == CONDITION_LIMITS)
		return complain(test, "one number too many", "8 are enough");
	c->limits[c->nr_limits++] = limit;
	c->faults |= figure == FIGURE_NS;
	return 0;
}

static int take_rate(struct condition *c, const char *test)
{
	const char *text = test + strcspn(test, OPERATORS);
	char *end = NULL;
	__u64 rate = 0;

	if (*text == '>' && text[1] >= '0' && text[1] <= '9')
		rate = strtoull(text + 1, &end, 10);
	if (!end || strcmp(end, "/s") || !rate || rate > CONDITION_RATE_MOST)
		return complain(test, "no rate", "more than 1 to 1000000 a second: again>1000/s");
	if (c->rate)
		return complain(test, "a rate is there already", "one is enough");
	c->rate = rate;
	c->times = calloc(rate, sizeof(*c->times));
	if (!c->times)
		abort();
	return 0;
}

/* Take a test "again", "rate" or "faults". Only "again" may be without a rate. */
static int take_word(struct condition *c, const char *test, size_t n)
{
	bool again = !strncmp(test, "again", n), rate = !strncmp(test, "rate", n);

	c->filter.again |= again;
	c->faults |= again || !rate;
	return again && !test[n] ? 0 : take_rate(c, test);
}

static int take_list(struct condition *c, const char *test, size_t n)
{
	const char *list = test + n + 1;

	if (test[n] != '=')
		return complain(test, "a = and names are to follow", "class=refused,swap");
	if (name_list_open(list))
		return complain(test, "ends with a comma", "no blanks are in a list of names");
	switch (test[1]) {
	case 'v':
		return take_events(c, list);
	case 'l':
		return take_classes(c, list);
	case 'a':
		return take_calls(c, list);
	default:
		return take_errnos(c, list);
	}
}

static int take_test(struct condition *c, const char *test)
{
	static const char *const words[] = {
		"pages", "length", "us", "event", "class", "call", "errno", "again", "faults",
		"rate",
	};
	size_t n = strcspn(test, OPERATORS), i;
	char word[32];
	struct suggestion near;

	snprintf(word, sizeof(word), "%.*s", (int)n, test);
	suggest_begin(&near, word);
	for (i = 0; i < ARRAY_SIZE(words) && strcmp(words[i], word); i++)
		suggest_offer(&near, words[i]);
	if (i == ARRAY_SIZE(words))
		return no_name(test, "no test of a record begins so", &near, ALL_WORDS);
	if (i <= FIGURE_NS)
		return take_limit(c, i, test);
	return i < 7 ? take_list(c, test, n) : take_word(c, test, n);
}

static bool any_type(const struct condition *c, bool (*is)(__u8 type))
{
	for (unsigned int type = 0; type < RECORD_TYPES; type++)
		if (record_in_set(c->filter.types, type) && is(type))
			return true;
	return false;
}

static bool is_page(__u8 type)
{
	return record_of_page(type);
}

static bool is_failed(__u8 type)
{
	return type == RECORD_FAILED;
}

/*
 * Can any record satisfy all tests? No record is both a fault and a failed call; and if events are
 * named, one of them has to be such a record.
 */
static int check(const struct condition *c)
{
	const struct filter *filter = &c->filter;

	if (c->faults && c->failed)
		return complain("errno", "no record has that and a class, us, again or faults",
				"errno is of calls that failed");
	if (filter->by_type && c->faults && !c->oom && !any_type(c, is_page))
		return complain("event", "none of them is a fault, as the other tests ask for",
				"leave event out");
	if (filter->by_type && c->failed && !any_type(c, is_failed))
		return complain("event", "none of them is failed, which alone has an errno",
				"leave event out");
	return 0;
}

/**
 * condition_parse - parse a condition
 * @condition: is filled; condition_free() frees what it owns
 * @text: the condition as typed
 *
 * Return: 0, or an exit code after a complaint
 */
int condition_parse(struct condition *condition, const char *text)
{
	const char *at = text + strspn(text, BLANKS);
	char test[500];
	int code = 0;

	*condition = (struct condition){ .oom = false };
	if (!*at)
		return complain("", "no condition", ALL_WORDS);
	while (!code && *at) {
		size_t n = strcspn(at, BLANKS);

		if (n >= sizeof(test))
			return complain("--trigger", "too long", ALL_WORDS);
		snprintf(test, sizeof(test), "%.*s", (int)n, at);
		code = take_test(condition, test);
		at += n;
		at += strspn(at, BLANKS);
	}
	/* VMAs that were there before are no event, unless the user names RECORD_THERE. */
	condition->filter.no_there = !filter_asks_for(&condition->filter, RECORD_THERE);
	return code ? code : check(condition);
}

/**
 * condition_needs - let the tracer tell what the condition asks for; is called before tracer_open()
 * @condition: from condition_parse()
 *
 * Return: true if faults have to be decoded, since the raw record of a fault does not decide
 */
bool condition_needs(const struct condition *condition)
{
	if (condition->failed || filter_asks_for(&condition->filter, RECORD_FAILED))
		tracer_failures();
	return condition->filter.again;
}
