// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope check: does the memory that a driver maps do what mm, and programs, may expect of it?
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "base/suggest.h"
#include "check/before.h"
#include "check/machine.h"
#include "check/memory.h"
#include "check/recipe.h"
#include "check/run.h"
#include "cmd/cmd.h"
#include "term/pager.h"
#include "term/print.h"
#include "term/verb.h"

/**
 * struct question - what the command line asks for
 * @run: the checks to run, and on what
 * @list: only list the checks and recipes
 * @yes: the user has said with --yes that the machine may be lost
 * @chosen: the user has named checks
 */
struct question {
	struct check_run run;
	bool list;
	bool yes;
	bool chosen;
};

/* Want a check by its id, or a family of checks by its letter. Return: is there such a check? */
static bool choose(struct question *q, const char *word)
{
	bool found = false;

	for (size_t i = 0; i < check_count; i++) {
		const char *id = check_list[i].id;
		bool whole = !strcasecmp(id, word);

		if (!whole && (word[1] || strncasecmp(id, word, 1)))
			continue;
		q->run.wanted[i] = true;
		q->run.named[i] |= whole;
		found = true;
	}
	return found;
}

static int take_ids(struct question *q, char *list)
{
	struct suggestion near;
	char *word;

	q->chosen = true;
	while ((word = strsep(&list, ","))) {
		if (*word && choose(q, word))
			continue;
		suggest_begin(&near, word);
		for (size_t i = 0; i < check_count; i++)
			suggest_offer(&near, check_list[i].id);
		return verb_unknown(word, "no such check", &near,
				    "mmscope check --list has them all");
	}
	return 0;
}

static int take_bytes(const struct verb *verb, const char *word, unsigned long long *value)
{
	static const char units[] = "KMG";
	const char *unit;
	char *end;

	errno = 0;
	*value = strtoull(word, &end, 0);
	unit = *end ? strchr(units, *end) : NULL;
	if (unit && *value >> (54 - 10 * (unit - units)) == 0) {
		*value <<= 10 * (unit - units + 1);
		end++;
	}
	if (errno || end == word || *end || *word == '-')
		return verb_usage(verb, word, "no number of bytes: 65536, 64K, 0x10000");
	return 0;
}

static int take_option(struct question *q, const struct verb *verb, int c)
{
	struct target *target = q->run.target;
	unsigned long long value = 0;
	const char *why;
	int code;

	switch (c) {
	case 'c':
		return take_ids(q, optarg);
	case 'a':
		why = before_read(optarg);
		return why ? report_fail(EXIT_USAGE, optarg, why,
					 "what --json has printed of an earlier run") : 0;
	case 'l':
		q->list = true;
		return 0;
	case 'r':
		target->read_only = true;
		return 0;
	case 'w':
		target->write_io = true;
		return 0;
	case 'd':
		q->run.destructive = true;
		return 0;
	case 'y':
		q->yes = true;
		return 0;
	case 't':
		code = take_bytes(verb, optarg, &value);
		if (!code && (!value || value > 86400))
			return verb_usage(verb, optarg, "no number of seconds: 1 to 86400");
		q->run.seconds = value;
		return code;
	case 'e':
	case 'L':
	case 'O':
		code = take_bytes(verb, optarg, &value);
		if (c == 'e')
			target->extent = value;
		else if (c == 'L')
			target->length = value;
		else
			target->offset = value;
		if (!code && c != 'O' && !value)
			return verb_usage(verb, optarg, "nothing: at least a byte");
		if (!code && value % page_bytes() && c == 'O')
			return verb_usage(verb, optarg, "not where a page begins");
		return code;
	}
	return EXIT_USAGE;
}

static int list_json(void)
{
	struct json_object *o = report_object(), *list = json_object_new_array(), *one;

	for (size_t i = 0; i < check_count; i++) {
		one = json_object_new_object();
		json_object_object_add(one, "check", json_object_new_string(check_list[i].id));
		json_object_object_add(one, "title", json_object_new_string(check_list[i].title));
		json_object_object_add(one, "about", json_object_new_string(check_list[i].about));
		json_object_object_add(one, "destructive",
				       json_object_new_boolean(check_list[i].destructive));
		json_object_object_add(one, "chained",
				       json_object_new_boolean(check_list[i].chained));
		json_object_array_add(list, one);
	}
	json_object_object_add(o, "checks", list);
	list = json_object_new_array();
	for (size_t i = 0; recipe_built_in(i); i++)
		json_object_array_add(list, json_object_new_string(recipe_built_in(i)));
	json_object_object_add(o, "recipes", list);
	report_object_print(o);
	return EXIT_HELD;
}

static int list_all(void)
{
	char names[400] = "Recipes that are built in:";

	if (report_json)
		return list_json();
	pager_start();
	for (size_t i = 0; i < check_count; i++) {
		report_painted(PAINT_STRONG, "%-4s %s%s", check_list[i].id, check_list[i].title,
			       check_list[i].destructive ? " (--destructive)" : "");
		report_paragraph(PAINT_PLAIN, 5, check_list[i].about);
	}
	for (size_t i = 0; recipe_built_in(i); i++)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), " %s",
			 recipe_built_in(i));
	report_line("%s", "");
	report_fill(0, names);
	return EXIT_HELD;
}

/*
 * A device node is checked as it is. Any other word names a recipe: one that is built in, or a file
 * that has one.
 */
static int take_target(struct question *q, const char *name)
{
	struct target *target = q->run.target;
	char error[RECIPE_ERROR];
	struct stat st;

	target->name = name;
	if (!stat(name, &st) && (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))) {
		target->path = name;
		return 0;
	}
	target->recipe = recipe_find(name, error);
	if (target->recipe)
		return 0;
	return report_fail(EXIT_USAGE, name, error,
			   "a device, a file with a recipe, or one of mmscope check --list");
}

/*
 * Refuse, without --yes, to run checks that may crash the machine. In a VM only those of
 * --destructive need it.
 */
static int look_at_danger(const struct question *q)
{
	const struct target *target = q->run.target;

	if (q->yes)
		return 0;
	if (q->run.destructive)
		return report_fail(EXIT_USAGE, target->name,
				   "--destructive may cost this machine, with all that runs on it",
				   "do it in a VM, and say --yes");
	if (machine_is_virtual())
		return 0;
	return report_fail(EXIT_USAGE, target->name, target->read_only ?
			   "this is no VM, and a driver's mistake that is found here may cost it; "
			   "every page of the memory is read" :
			   "this is no VM, and a driver's mistake that is found here may cost it; "
			   "8 bytes of every page are written, where it is not VM_IO",
			   "do it in a VM, or say --yes");
}

static void want_usual(struct question *q)
{
	for (size_t i = 0; i < check_count; i++) {
		if (!q->chosen)
			q->run.wanted[i] = true;
		if (check_list[i].destructive && !q->run.destructive)
			q->run.wanted[i] = false;
	}
}

static int nothing_left(const struct question *q, const struct verb *verb)
{
	for (size_t i = 0; i < check_count; i++)
		if (q->run.wanted[i])
			return 0;
	return verb_usage(verb, "-c", "only checks that need --destructive --yes");
}

/**
 * cmd_check - run the verb check
 * @verb: row of the verb in the table of cmd/main.c
 * @argc: number of words
 * @argv: the words of the command line, the verb itself first
 *
 * Return: an exit code
 */
int cmd_check(const struct verb *verb, int argc, char **argv)
{
	static struct question q;
	int c, code = 0;

	/* The target is shared memory, because a check's process finds out what later ones need. */
	q.run.target = mmap(NULL, sizeof(*q.run.target), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (q.run.target == MAP_FAILED)
		abort();
	while (!code && (c = verb_option(verb, argc, argv)) != -1)
		code = take_option(&q, verb, c);
	if (code)
		return code;
	if (q.list)
		return optind < argc ? verb_usage(verb, argv[optind], "--list takes no device") :
		       list_all();
	if (optind + 1 != argc)
		return verb_usage(verb, optind < argc ? argv[optind + 1] : verb->name,
				  optind < argc ? "one word too many" : "which device, or recipe?");
	code = take_target(&q, argv[optind]);
	if (!code)
		code = look_at_danger(&q);
	want_usual(&q);
	if (!code)
		code = nothing_left(&q, verb);
	return code ? code : run_checks(&q.run);
}
