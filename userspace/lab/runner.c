// SPDX-License-Identifier: GPL-2.0
/*
 * The process that shows an experiment. It starts a fresh process for each part, prints what that
 * one says, and restores what that one has changed when it has ended, even after Ctrl-C.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "device/device.h"
#include "lab/step.h"
#include "term/pager.h"
#include "term/print.h"

bool runner_predict;
bool runner_step;
bool runner_stopped;
bool runner_system;

static volatile sig_atomic_t interrupted;
static const struct experiment *shown;
static const char *group;

static void on_signal(int sig)
{
	interrupted = sig;
}

static void catch(void (*handler)(int sig))
{
	static const int signals[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = handler };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &action, NULL);
}

static void __noreturn become_subject(const struct experiment *exp, size_t number,
				      const struct channel_ends *ends)
{
	const char *variable = exp->parts[number].environment;
	int memory = dup(ends->memory), line = dup(ends->theirs);
	char numbers[3][12];

	snprintf(numbers[0], sizeof(numbers[0]), "%zu", number);
	snprintf(numbers[1], sizeof(numbers[1]), "%d", memory);
	snprintf(numbers[2], sizeof(numbers[2]), "%d", line);
	environment_forget();
	if (variable)
		putenv((char *)variable);
	/*
	 * This comes before exec, since the first variable that is touched may bring a huge page.
	 */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	execl("/proc/self/exe", "mmscope", SUBJECT_WORD, exp->name, numbers[0], numbers[1],
	      numbers[2], NULL);
	report_message("/proc/self/exe: %s", strerror(errno));
	_exit(EXIT_ENVIRONMENT);
}

static pid_t start(const struct experiment *exp, size_t number, struct channel_ends *ends)
{
	pid_t pid;

	report_flush();
	pid = fork();
	if (!pid) {
		catch(SIG_DFL);
		become_subject(exp, number, ends);
	}
	close(ends->theirs);
	return pid;
}

static void begin(const struct experiment *exp, const char *title)
{
	if (shown != exp)
		view_begin(exp, group);
	shown = exp;
	view_part(title);
}

/* Wait for the reader. The process of the experiment waits, too, before its next step. */
static void wait_for_reader(void)
{
	char answer[16];

	report_prompt("    -- Enter: next step, a: all that come, q: end -- ");
	if (!fgets(answer, sizeof(answer), stdin))
		answer[0] = 'a';
	runner_step = answer[0] != 'a' && answer[0] != 'A';
	runner_stopped = answer[0] == 'q' || answer[0] == 'Q';
}

static void show(const struct experiment *exp, const char *title, char what)
{
	if (what == SAY_BEGIN)
		begin(exp, title);
	else if (what == SAY_ASK)
		quiz_reader();
	else if (what == SAY_LEFT_OUT)
		view_left_out();
	else if (what == SAY_STEP)
		view_step();
	if (what == SAY_STEP && runner_step)
		wait_for_reader();
}

static int wait_for(pid_t pid, const char *name)
{
	int status;

	if (interrupted || runner_stopped)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_ENVIRONMENT;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (!interrupted && !runner_stopped && !report_broken())
		report_message("%s: ended by SIG%s in step %u", name,
			       sigabbrev_np(WTERMSIG(status)), step->number);
	/* A reader who went away had seen enough: what was judged until then counts. */
	return report_broken() || runner_stopped ? EXIT_HELD : EXIT_BROKEN;
}

static int run_part(const struct experiment *exp, size_t number, struct channel_ends *ends)
{
	const struct part *part = &exp->parts[number];
	pid_t pid = start(exp, number, ends);
	char what, last = 0;
	int code;

	while (!interrupted && !runner_stopped && !report_broken() &&
	       (what = channel_hear(ends))) {
		show(exp, part->title, what);
		/* After an answer the child takes its next step, which would be judged unseen. */
		if (!runner_stopped)
			channel_answer(ends);
		last = what;
	}
	if (report_broken())
		kill(pid, SIGKILL);
	code = wait_for(pid, exp->name);
	/* An experiment that calls exit() has steps that were never judged. */
	if (code == EXIT_HELD && last != SAY_END && !interrupted && !runner_stopped &&
	    !report_broken()) {
		report_message("%s: ended before its end, in step %u", exp->name, step->number);
		code = EXIT_BROKEN;
	}
	restore_all();
	return code;
}

/* Leave a part out that needs the device, which is missing; other parts can be shown. */
static int without_device(const struct experiment *exp, const struct part *part, int code)
{
	char why[TEXT];

	if (code != EXIT_ENVIRONMENT || !part->device || !channel->reason[0])
		return code;
	snprintf(why, sizeof(why), "%s", channel->reason);
	snprintf(channel->reason, sizeof(channel->reason), "%.60s: %.150s", part->title, why);
	totals->left_out++;
	if (shown == exp)
		view_left_out();
	return EXIT_HELD;
}

static int verdict(int code)
{
	if (code != EXIT_HELD)
		return code;
	if (channel->lost)
		return EXIT_LOST;
	if (!totals->predictions)
		return EXIT_SKIPPED;
	return totals->held == totals->predictions ? EXIT_HELD : EXIT_BROKEN;
}

static int run_parts(const struct experiment *exp, struct channel_ends *ends)
{
	int code = EXIT_HELD;

	if (exp->run)
		return run_part(exp, 0, ends);
	for (size_t i = 0; i < MAX_PARTS && exp->parts[i].run && !runner_stopped; i++) {
		if (i)
			channel_line(ends);
		code = without_device(exp, &exp->parts[i], run_part(exp, i, ends));
		if (code != EXIT_HELD)
			break;
	}
	return code;
}

/**
 * narrate - run an experiment and show it
 * @exp: the experiment
 * @of: name of its group
 * @alone: it was asked for by name: print what it lacks, instead of skipping it
 *
 * Return: enum mmscope_exit
 */
int narrate(const struct experiment *exp, const char *of, bool alone)
{
	struct channel_ends ends;
	int code;

	shown = NULL;
	group = of;
	channel_create(&ends);
	param_channel(exp);
	channel->predict = runner_predict;
	channel->system = runner_system;
	channel->pictures = report_json || view_json_kept || view_mode != VIEW_QUIET;
	catch(on_signal);
	code = verdict(run_parts(exp, &ends));
	catch(SIG_DFL);
	if (interrupted) {
		pager_end();
		raise(interrupted);
	}
	if (pager_runs())
		signal(SIGINT, SIG_IGN);
	if (code == EXIT_ENVIRONMENT && channel->reason[0] && alone) {
		report_message("%s", channel->reason);
	} else if (!report_broken()) {
		if (code == EXIT_ENVIRONMENT)
			code = EXIT_SKIPPED;
		if (!shown)
			view_begin(exp, group);
		view_end(exp, code);
	}
	channel_destroy(&ends);
	return code;
}
