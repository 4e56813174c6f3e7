// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope export: writes a recording in a format that other programs read.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/suggest.h"
#include "cmd/cmd.h"
#include "export/export.h"
#include "export/output.h"
#include "term/print.h"
#include "term/verb.h"
#include "tracer/shortage.h"

static const struct export_format formats[] = {
	{
		.name = "json",
		.help = "a line for each record, as trace --json",
		.write = export_json,
	}, {
		.name = "html",
		.help = "a page that shows it: address over time, and every fault",
		.write = export_html,
		.binary = true,
	}, {
		.name = "folded",
		.help = "stacks of faults for flame graphs, a line for each",
		.write = export_folded,
	}, {
		.name = "pprof",
		.help = "the same as a profile for pprof, packed by gzip",
		.write = export_pprof,
		.binary = true,
	}, {
		.name = "sqlite",
		.help = "a database: VMAs, faults, calls, stacks, pages by time",
		.write = export_sqlite,
		.binary = true,
		.file = true,
	}, {
		.name = "perfetto",
		.help = "VMAs, faults and pages by time, for ui.perfetto.dev",
		.write = export_perfetto,
		.binary = true,
	},
};

/**
 * struct request - what the command line asks for
 * @session: the session that reads the recording
 * @format: the format to write
 * @path: name of the file to write, NULL for stdout
 * @sums: --value was given, which says what folded stacks sum up
 */
struct request {
	struct session session;
	const struct export_format *format;
	const char *path;
	bool sums;
};

static void list_formats(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		report_line("%-9s %s", formats[i].name, formats[i].help);
}

static int choose_format(struct request *request, const char *name)
{
	struct suggestion near;

	if (!strcmp(name, "help")) {
		list_formats();
		exit(report_end(EXIT_HELD));
	}
	suggest_begin(&near, name);
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (!strcmp(formats[i].name, name)) {
			request->format = &formats[i];
			return 0;
		}
		suggest_offer(&near, formats[i].name);
	}
	return verb_unknown(name, "no format is called so", &near, "--format help lists them");
}

/* Take one option. Return: 0, or an exit code after a message. */
static int take_option(struct request *request, const struct verb *verb, int c)
{
	switch (c) {
	case 'i':
		request->session.input = optarg;
		return 0;
	case 'f':
		return choose_format(request, optarg);
	case 'o':
		request->path = optarg;
		return 0;
	case 'v':
		request->sums = true;
		return export_sum(optarg) ? 0 :
		       verb_usage(verb, optarg, "no sum: there are faults, bytes and time");
	default:
		return EXIT_USAGE;
	}
}

/* Check whether the options fit together. Return: 0, or an exit code after a message. */
static int check(const struct request *request, const struct verb *verb)
{
	const struct export_format *format = request->format;
	bool to_stdout = !request->path || !strcmp(request->path, "-");

	if (!request->session.input)
		return verb_usage(verb, verb->name, "which recording? --input");
	if (!format)
		return verb_usage(verb, verb->name, "in which format? --format");
	if (request->sums && format->write != export_folded)
		return verb_usage(verb, "--value", "it is for the format folded");
	if (to_stdout && report_json)
		return verb_usage(verb, "--json", "it tells of a file that was written: --output");
	if (to_stdout && format->file)
		return verb_usage(verb, format->name, "it needs a file: --output");
	if (to_stdout && format->binary && isatty(STDOUT_FILENO))
		return verb_usage(verb, format->name, "it is not for a terminal: --output");
	return 0;
}

/* With --json, print what was written to the file. */
static void tell(const struct request *request, const struct output *output)
{
	struct json_object *o = report_object();

	json_object_object_add(o, "format", json_object_new_string(request->format->name));
	json_object_object_add(o, "output", json_object_new_string(request->path));
	json_object_object_add(o, "bytes", json_object_new_uint64(output->bytes));
	json_object_object_add(o, "short", shortage_json());
	report_object_print(o);
}

static int run(struct request *request)
{
	struct output output;
	bool lacks;
	int code;

	code = output_open(&output, request->path, request->format->file, request->session.input);
	if (code)
		return code;
	code = request->format->write(&request->session, output.file);
	lacks = shortage_tell("export", false) || request->session.info.withheld;
	if (code == EXIT_HELD && lacks)
		code = EXIT_LOST;
	code = output_end(&output, code);
	if (report_json && (code == EXIT_HELD || code == EXIT_LOST))
		tell(request, &output);
	return code;
}

/**
 * cmd_export - run the verb export
 * @verb: row of the verb in the table of cmd/main.c
 * @argc: number of words
 * @argv: the words of the command line, the verb itself first
 *
 * Return: an exit code
 */
int cmd_export(const struct verb *verb, int argc, char **argv)
{
	static struct request request;
	int c, code = 0;

	while (!code && (c = verb_option(verb, argc, argv)) != -1)
		code = take_option(&request, verb, c);
	if (!code)
		code = check(&request, verb);
	if (!code)
		code = session_begin(&request.session, verb, NULL, argv + optind);
	return code ? code : run(&request);
}
