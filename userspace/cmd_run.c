// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope run: experiments, each in a process of its own.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "report.h"
#include "step.h"

/**
 * struct sum - several experiments, counted by what came of them
 * @count: by exit code
 */
struct sum {
	unsigned int count[EXIT_LOST + 1];
};

static int run_one(const struct experiment *exp)
{
	int status;
	pid_t pid;

	report_flush();
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(report_end(experiment_run(exp)));
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return report_fail(EXIT_ENVIRONMENT, exp->name, strerror(errno), NULL);
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	report_message("%s: ended by SIG%s", exp->name, sigabbrev_np(WTERMSIG(status)));
	return EXIT_BROKEN;
}

static void run_counted(const struct experiment *exp, struct sum *sum)
{
	int code;

	if (!report_json && view_mode == VIEW_QUIET)
		report_painted(PAINT_STRONG, "%s   %s", exp->name, exp->question);
	code = run_one(exp);
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

static int run_named(char **names)
{
	const struct experiment *exp;
	struct sum sum = { 0 };
	bool several = names[1];

	for (char **name = names; *name; name++)
		if (!experiment_find(*name))
			return report_fail(EXIT_USAGE, *name, "no such experiment",
					   "mmscope list shows them");
	for (; *names && !sum.count[EXIT_ENVIRONMENT] && !report_broken(); names++) {
		exp = experiment_find(*names);
		run_counted(exp, &sum);
		if (names[1] && !report_json)
			report_line("%s", "");
	}
	return sum.count[EXIT_ENVIRONMENT] ? EXIT_ENVIRONMENT : conclude(&sum, several);
}

static int run_all(void)
{
	const struct experiment *exp;
	struct sum sum = { 0 };

	for (size_t i = 0; (exp = experiment_get(i)) && !report_broken(); i++) {
		if (i && !report_json)
			report_line("%s", "");
		run_counted(exp, &sum);
		if (sum.count[EXIT_ENVIRONMENT])
			return EXIT_ENVIRONMENT;
	}
	return conclude(&sum, true);
}

/**
 * cmd_run - the verb
 * @verb: its row
 * @argc: words
 * @argv: words
 */
int cmd_run(const struct verb *verb, int argc, char **argv)
{
	bool all = false, names;
	int c;

	while ((c = verb_option(verb, argc, argv)) != -1) {
		if (c == '?')
			return EXIT_USAGE;
		else if (c == 'a')
			all = true;
		else
			view_mode = c == 'q' ? VIEW_QUIET : VIEW_VERBOSE;
	}
	names = optind < argc;
	if (all == names)
		return verb_usage(verb, "run", all ? "names or --all, not both" : "which one?");
	return all ? run_all() : run_named(argv + optind);
}
