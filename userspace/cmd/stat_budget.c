// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope stat --budget and --write-budget: limits of what a run may cost. The figures are made of
 * records, for a command that runs as for a recording, so that both are judged alike.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/shell_word.h"
#include "budget/budget.h"
#include "cmd/stat_budget.h"
#include "figures/figures.h"
#include "session/kept.h"
#include "session/session.h"
#include "session/whom.h"
#include "term/print.h"
#include "term/verb.h"
#include "tracer/shortage.h"
#include "tracer/tracer.h"

static void each(const struct mmscope_event *e, void *arg)
{
	struct session *session = arg;

	if (session_slices(session) && session_skips(session, e))
		return;
	figures_event(e);
}

static __u64 faults_done(void)
{
	return figures_faults() - figures_all()->classes[RECORD_CLASS_REFUSED].total.count;
}

/* Add up what was lost, and tell it. Return: was anything lost? */
static bool finish(struct session *session)
{
	/* For a slice of a recording there is no count by getrusage(2) to compare with. */
	__u64 seen = session_slices(session) ? 0 : faults_done();

	if (session->input)
		kept_close();
	shortage_add("unshown", session->unshown);
	shortage_add("records", tracer_lost());
	shortage_add("faults", tracer_unseen(seen));
	shortage_add("skipped", tracer_skipped());
	shortage_add("processes", tracer_refused());
	return shortage_tell("stat", false);
}

/* The words of the command, or of the command that was recorded, quoted for a shell. */
static char *command_of(const struct session *session, char **argv)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		abort();
	if (session->input)
		fputs(kept_command(), to);
	for (size_t i = 0; !session->input && argv[i]; i++) {
		if (i)
			fputc(' ', to);
		shell_word(to, argv[i]);
	}
	fclose(to);
	return text;
}

static int write_draft(const struct session *session, const char *path, char **argv, bool lost)
{
	char *command;
	int code;

	if (lost)
		return report_fail(EXIT_LOST, path, "of a run that lost something none is written",
				   "give it a larger --buffer");
	command = command_of(session, argv);
	code = draft_write(path, command);
	free(command);
	if (!code && !report_json)
		report_line("%s: written; mmscope stat --budget judges by it", path);
	return code;
}

static int conclude(struct session *session, const struct budget *budget,
		    const struct budget_files *files, char **argv)
{
	bool lost = finish(session);

	if (!figures_all()->records && !lost)
		return report_fail(EXIT_ENVIRONMENT, session->input ? session->input : "stat",
				   "the tracer has told nothing", "there is nothing to judge");
	if (files->written)
		return write_draft(session, files->written, argv, lost);
	return budget_judge(budget, lost);
}

/**
 * stat_budget - judge a run by a budget, or write a budget from a run
 * @session: the session, with what the options say of it
 * @verb: the verb, for messages
 * @files: exactly one of its members is set
 * @argv: the command
 *
 * Return: an exit code
 */
int stat_budget(struct session *session, const struct verb *verb, const struct budget_files *files,
		char **argv)
{
	static const __u64 all[RECORD_SET] = { ~0ULL, ~0ULL, ~0ULL, ~0ULL };
	struct budget budget = { 0 };
	int code;

	code = files->written ? draft_check(files->written) : budget_read(&budget, files->judged);
	if (code) {
		budget_free(&budget);
		return code;
	}
	tracer_faults(FAULTS_TOLD);
	tracer_types(all);
	tracer_failures();
	figures_begin();
	session->sources = SESSION_TRACER;
	session->each = each;
	session->arg = session;
	code = session_begin(session, verb, NULL, argv);
	if (!code) {
		session_run(session);
		code = conclude(session, &budget, files, argv);
		if (!whom_any(&session->whom))
			session_verdict(session, *argv);
	}
	budget_free(&budget);
	return code;
}
