// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope run: runs experiments, each in a process of its own.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/suggest.h"
#include "cmd/cmd.h"
#include "export/output.h"
#include "lab/page.h"
#include "lab/step.h"
#include "term/pager.h"
#include "term/print.h"
#include "term/verb.h"

#define LETTERS	"pstr"	/* options that set parameters of an experiment */

static const char *page_path;	/* the file that --html names, or NULL */

/**
 * struct sum - how several experiments ended
 * @count: number of experiments for each exit code
 */
struct sum {
	unsigned int count[EXIT_LOST + 1];
};

static void run_counted(const struct experiment *exp, bool alone, struct sum *sum)
{
	int code;

	if (!report_json && view_mode == VIEW_QUIET)
		report_painted(PAINT_STRONG, "%s   %s", exp->name, exp->question);
	code = narrate(exp, experiment_group(exp), alone);
	sum->count[code <= EXIT_LOST ? code : EXIT_BROKEN]++;
}

static int conclude(const struct sum *sum, bool several)
{
	const unsigned int *n = sum->count;

	if (report_json && several) {
		struct json_object *object = report_object();

		json_object_object_add(object, "held", json_object_new_int(n[EXIT_HELD]));
		json_object_object_add(object, "failed", json_object_new_int(n[EXIT_BROKEN]));
		json_object_object_add(object, "skipped", json_object_new_int(n[EXIT_SKIPPED]));
		report_object_print(object);
	} else if (several) {
		report_line("%s", "");
		report_painted(n[EXIT_BROKEN] ? PAINT_BAD : PAINT_STRONG,
			       "experiments: %u held, %u failed, %u skipped", n[EXIT_HELD],
			       n[EXIT_BROKEN], n[EXIT_SKIPPED]);
	}
	if (n[EXIT_BROKEN])
		return EXIT_BROKEN;
	if (n[EXIT_LOST])
		return EXIT_LOST;
	return n[EXIT_SKIPPED] ? EXIT_SKIPPED : EXIT_HELD;
}

/* Is @name an experiment that has the parameters of the command line? Return: 0 or EXIT_USAGE. */
static int check_name(const char *name)
{
	const struct experiment *exp = experiment_find(name);
	struct suggestion near;

	if (!exp) {
		experiment_suggest(name, &near);
		return verb_unknown(name, "no such experiment", &near, "mmscope list shows them");
	}
	if (param_unknown(exp))
		return report_fail(EXIT_USAGE, name, param_unknown(exp),
				   "mmscope explain tells what it takes");
	return 0;
}

/* Has the user interrupted the run, or closed the output? */
static bool is_over(void)
{
	return runner_stopped || report_broken();
}

static int run_named(char **names)
{
	const struct experiment *exp;
	struct sum sum = { 0 };
	bool several = names[1];

	for (char **name = names; *name; name++)
		if (check_name(*name))
			return EXIT_USAGE;
	if (!runner_predict && !runner_step)
		pager_start();
	for (; *names && !sum.count[EXIT_ENVIRONMENT] && !is_over(); names++) {
		exp = experiment_find(*names);
		run_counted(exp, true, &sum);
		if (names[1] && !report_json)
			report_line("%s", "");
	}
	return sum.count[EXIT_ENVIRONMENT] ? EXIT_ENVIRONMENT : conclude(&sum, several);
}

static int run_all(void)
{
	const struct experiment *exp;
	struct sum sum = { 0 };

	if (!runner_predict && !runner_step)
		pager_start();
	for (size_t i = 0; (exp = experiment_get(i)) && !is_over(); i++) {
		if (i && !report_json)
			report_line("%s", "");
		run_counted(exp, false, &sum);
		if (sum.count[EXIT_ENVIRONMENT])
			return EXIT_ENVIRONMENT;
	}
	return conclude(&sum, true);
}

/* Try to write the page before any experiment is run, so that an error is not found at the end. */
static int page_check(const struct verb *verb)
{
	struct output output;
	int code;

	if (!page_path)
		return 0;
	if (!strcmp(page_path, "-"))
		return verb_usage(verb, "--html", "it needs a file");
	code = output_open(&output, page_path, true, "");
	if (code)
		return code;
	output_end(&output, EXIT_BROKEN);
	view_json_kept = page_add;
	return 0;
}

/*
 * Write the page, also if an experiment failed: it then shows how. The page may be meant for a web
 * server, so it gets the mode of any other new file, which output_open() does not give.
 */
static int page_end(int code)
{
	struct output output;
	mode_t mask = umask(0);
	int error;

	umask(mask);
	if (!page_path || code == EXIT_ENVIRONMENT)
		return code;
	error = output_open(&output, page_path, true, "");
	if (error)
		return error;
	page_write(output.file);
	fchmod(fileno(output.file), 0666 & ~mask);
	error = output_end(&output, EXIT_HELD);
	if (!error)
		report_message("%s: %llu KiB", page_path, (output.bytes + 1023) / 1024);
	return error ? error : code;
}

static int take_param(const struct verb *verb, char letter, const char *value)
{
	static const char letters[] = LETTERS;
	static const char *const names[] = { "pages", "size", "threads", "runs" };

	if (param_set(names[strchr(letters, letter) - letters], value))
		return EXIT_HELD;
	return verb_usage(verb, value, "no number: 16, 64K, 2M");
}

static int take_mode(const struct verb *verb, char letter)
{
	enum view_mode mode = letter == 'q' ? VIEW_QUIET : VIEW_VERBOSE;

	if (view_mode != VIEW_FULL && view_mode != mode)
		return verb_usage(verb, "run", "--quiet or --verbose, not both");
	view_mode = mode;
	return 0;
}

static int check(const struct verb *verb, bool all, bool names, bool params)
{
	const char *asking = runner_predict ? "--predict" : "--step";

	if (all == names)
		return verb_usage(verb, "run", all ? "names or --all, not both" : "which one?");
	if (all && params)
		return verb_usage(verb, "run", "--pages, --size, --threads and --runs want a name");
	if (!runner_predict && !runner_step)
		return EXIT_HELD;
	if (report_json || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return verb_usage(verb, asking, "asks questions on a terminal");
	if (view_mode == VIEW_QUIET)
		return verb_usage(verb, asking, "shows each step: not together with --quiet");
	return EXIT_HELD;
}

/**
 * cmd_run - run the verb run
 * @verb: row of the verb in the table of cmd/main.c
 * @argc: number of words
 * @argv: the words of the command line, the verb itself first
 *
 * Return: an exit code
 */
int cmd_run(const struct verb *verb, int argc, char **argv)
{
	bool all = false, params = false;
	int c, code;

	while ((c = verb_option(verb, argc, argv)) != -1) {
		if (c == '?')
			return EXIT_USAGE;
		if (strchr(LETTERS, c)) {
			params = true;
			code = take_param(verb, c, optarg);
			if (code)
				return code;
		} else if (c == 'a') {
			all = true;
		} else if (c == 'P') {
			runner_predict = true;
		} else if (c == 'n') {
			runner_step = true;
		} else if (c == 'S') {
			runner_system = true;
		} else if (c == 'H') {
			page_path = optarg;
		} else if (take_mode(verb, c)) {
			return EXIT_USAGE;
		}
	}
	code = check(verb, all, optind < argc, params);
	if (!code)
		code = page_check(verb);
	if (code)
		return code;
	if (vocabulary_unknown())
		return report_fail(EXIT_BROKEN, vocabulary_unknown(),
				   "an experiment predicts what nothing has the name of",
				   "lab/metrics.c lists the figures, see() makes others");
	return page_end(all ? run_all() : run_named(argv + optind));
}
