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

/* More than there will be checks. */
#define MOST	64

/**
 * struct row - a check that was run before
 * @id: its name
 * @was: what it came to
 * @is: what it comes to now
 * @run: it was run now, too
 */
static struct row {
	char id[8];
	enum check_verdict was;
	enum check_verdict is;
	bool run;
} rows[MOST];

static size_t nr;

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

	if (!id || !word || verdict_of(word) == CHECK_VERDICTS || nr == MOST)
		return;
	snprintf(rows[nr].id, sizeof(rows[nr].id), "%s", id);
	rows[nr++].was = verdict_of(word);
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
	while (getline(&line, &room, file) > 0) {
		o = json_tokener_parse(line);
		if (json_object_is_type(o, json_type_object))
			take(o);
		json_object_put(o);
	}
	free(line);
	fclose(file);
	return nr ? NULL : "no verdicts of mmscope check --json";
}

/**
 * before_now - what a check came to in this run
 * @id: which
 * @verdict: what
 */
void before_now(const char *id, enum check_verdict verdict)
{
	for (size_t i = 0; i < nr; i++) {
		if (strcmp(rows[i].id, id))
			continue;
		rows[i].is = verdict;
		rows[i].run = true;
	}
}

/* What was good enough and is so still is not the same, where one of them was a note. */
static void compare(const struct row *row)
{
	bool tried = row->was != CHECK_SKIP && row->is != CHECK_SKIP;
	enum check_verdict verdict = CHECK_NOTE;

	if (row->was == row->is)
		return;
	if (tried && row->is > row->was)
		verdict = row->is > CHECK_NOTE ? CHECK_FAIL : CHECK_WARN;
	check_tell(verdict, "%s was %s, and is %s", row->id, check_word(row->was),
		   check_word(row->is));
}

void check_conversion(struct target *target)
{
	size_t compared = 0;

	if (!nr) {
		check_tell(CHECK_SKIP, "nobody says what it was before: --against");
		return;
	}
	for (size_t i = 0; i < nr; i++) {
		if (!rows[i].run)
			continue;
		compared++;
		compare(&rows[i]);
	}
	check_tell(CHECK_OK, "%zu verdicts were compared", compared);
}
