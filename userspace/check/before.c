// SPDX-License-Identifier: GPL-2.0
/*
 * N: the verdicts of an earlier run, as --json has kept them, against those of this one: a driver
 * that was converted, from f_op->mmap to mmap_prepare, has to have the same.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "check/before.h"
#include "check/run.h"

static bool known;
/* By the place of the check in the list; -1 where it was not run. */
static int before[RUN_MOST];
static int now[RUN_MOST];

static enum check_verdict verdict_of(const char *word)
{
	enum check_verdict verdict = 0;

	while (verdict < CHECK_VERDICTS && strcmp(check_word(verdict), word))
		verdict++;
	return verdict;
}

static const char *word_of(struct json_object *o, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(o, name, &value) ? json_object_get_string(value) : NULL;
}

static void take(struct json_object *o)
{
	const char *id = word_of(o, "check"), *word = word_of(o, "verdict");
	const struct check *check = id ? check_find(id) : NULL;

	if (!check || !word || verdict_of(word) == CHECK_VERDICTS)
		return;
	before[check - check_list] = verdict_of(word);
	known = true;
}

/**
 * before_read - read what an earlier run found
 * @path: its output, with --json
 *
 * Return: NULL, or why it cannot be taken
 */
const char *before_read(const char *path)
{
	FILE *file = fopen(path, "re");
	struct json_object *o;
	char *line = NULL;
	size_t room = 0;

	if (!file)
		return strerror(errno);
	memset(before, -1, sizeof(before));
	memset(now, -1, sizeof(now));
	while (getline(&line, &room, file) > 0) {
		o = json_tokener_parse(line);
		if (json_object_is_type(o, json_type_object))
			take(o);
		json_object_put(o);
	}
	free(line);
	fclose(file);
	return known ? NULL : "no verdicts of mmscope check --json";
}

/**
 * before_now - what a check came to in this run
 * @check: which
 * @verdict: what
 */
void before_now(const struct check *check, enum check_verdict verdict)
{
	now[check - check_list] = verdict;
}

/* What was good enough and is so still is not the same, where one of them was a note. */
static void compare(const struct check *check, enum check_verdict was, enum check_verdict is)
{
	bool tried = was != CHECK_SKIP && is != CHECK_SKIP;

	if (was == is)
		return;
	check_tell(tried && is > was ? is > CHECK_NOTE ? CHECK_FAIL : CHECK_WARN : CHECK_NOTE,
		   "%s was %s, and is %s", check->id, check_word(was), check_word(is));
}

void check_conversion(struct target *target)
{
	size_t compared = 0;

	if (!known) {
		check_tell(CHECK_SKIP, "nobody says what it was before: --against");
		return;
	}
	for (size_t i = 0; i < check_count; i++) {
		if (before[i] < 0 || now[i] < 0)
			continue;
		compared++;
		compare(&check_list[i], before[i], now[i]);
	}
	check_tell(CHECK_OK, "%zu verdicts were compared", compared);
}
