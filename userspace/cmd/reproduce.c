// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope reproduce: writes a C program that does to its memory what a recorded process did.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cmd/cmd.h"
#include "reproduce/history.h"
#include "reproduce/intake.h"
#include "reproduce/program.h"
#include "session/kept.h"
#include "session/session.h"
#include "term/print.h"
#include "term/verb.h"
#include "tracer/shortage.h"
#include "tracer/tracer.h"

static void each(const struct mmscope_event *e, void *arg)
{
	intake_record(arg, e);
}

static void each_raw(const struct mmscope_event *raw, void *arg)
{
	intake_raw(arg, raw);
}

static void put(struct json_object *o, const char *name, __u64 value)
{
	json_object_object_add(o, name, json_object_new_uint64(value));
}

/* The notes are sentences, one a line. */
static struct json_object *json_notes(const char *notes)
{
	struct json_object *list = json_object_new_array();

	while (*notes) {
		int n = strcspn(notes, "\n");

		json_object_array_add(list, json_object_new_string_len(notes, n));
		notes += n + 1;
	}
	return list;
}

static void report_program(const struct program *program, __u32 mm, const char *text)
{
	struct json_object *o = report_object();

	put(o, "mm", mm);
	put(o, "steps", program->steps);
	put(o, "processes", program->processes);
	put(o, "regions", program->regions);
	json_object_object_add(o, "notes", json_notes(program->notes));
	json_object_object_add(o, "short", shortage_json());
	json_object_object_add(o, "program", json_object_new_string(text));
	report_object_print(o);
}

static void say_notes(const struct program *program)
{
	const char *note = program->notes;

	for (int n; *note; note += n + 1) {
		n = strcspn(note, "\n");
		report_message("%.*s", n, note);
	}
}

/* The program is printed verbatim: it has no bytes that would need to be kept from a terminal. */
static int write_program(struct history *history, __u32 mm)
{
	struct program program;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool lost;

	if (!out)
		abort();
	program_write(history, kept_command(), out, &program);
	fclose(out);
	kept_close();
	shortage_add("records", tracer_lost());
	shortage_add("skipped", tracer_skipped());
	lost = shortage_tell("reproduce", false);
	if (report_json)
		report_program(&program, mm, text);
	else
		report_verbatim(text, size);
	if (!report_json)
		say_notes(&program);
	free(program.notes);
	free(text);
	return lost ? EXIT_LOST : EXIT_HELD;
}

/* Parse the number of an address space. Return: 0 for a word that is none. */
static __u32 number(const char *word)
{
	char *end;
	unsigned long n = strtoul(word, &end, 10);

	return end == word || *end || n > ~0U ? 0 : n;
}

/**
 * cmd_reproduce - run the verb reproduce
 * @verb: row of the verb in the table of cmd/main.c
 * @argc: number of words
 * @argv: the words of the command line, the verb itself first
 *
 * Return: an exit code
 */
int cmd_reproduce(const struct verb *verb, int argc, char **argv)
{
	struct history history = { 0 };
	struct session session = { .each = each, .arg = &history };
	__u32 mm = 0;
	int c, code = 0;

	while (!code && (c = verb_option(verb, argc, argv)) != -1) {
		if (c == 'i')
			session.input = optarg;
		else if (c == 'm')
			mm = number(optarg);
		else
			code = EXIT_USAGE;
		if (c == 'm' && !mm)
			code = verb_usage(verb, optarg, "no number of an address space: see trace");
	}
	if (!code && argv[optind])
		code = verb_usage(verb, argv[optind], "one word too many");
	if (!code && !session.input)
		code = verb_usage(verb, verb->name, "which recording? --input FILE");
	if (!code)
		code = kept_open(&session);
	if (code)
		return code;
	if (!session.tracer)
		return report_fail(EXIT_ENVIRONMENT, session.input, "the module alone told",
				   "record where BPF programs can be loaded: mmscope doctor");
	kept_on_raw(each_raw, &history);
	session_run(&session);
	if (!mm)
		mm = history_last(&history);
	if (history_choose(&history, mm))
		code = write_program(&history, mm);
	else
		code = report_fail(EXIT_USAGE, session.input, mm ? "no such address space" :
				   "it has no address space", "mmscope trace --input names them");
	history_free(&history);
	return code;
}
