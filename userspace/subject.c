// SPDX-License-Identifier: GPL-2.0
/*
 * The process of an experiment: started afresh, pinned to what must not vary (one CPU, no huge
 * pages), and with nothing in its heap but what the experiment puts there. What it has to tell goes
 * over the stage; it never prints.
 */
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "report.h"
#include "scope.h"
#include "step.h"

#define TIME_LIMIT	300	/* seconds: an experiment that hangs is ended by SIGALRM */

static sigjmp_buf out;
static const struct experiment *running;

/**
 * experiment_bug - the experiment is written wrong: say so and give up
 * @what: how
 */
void experiment_bug(const char *what)
{
	report_fail(0, "bug in the experiment", what, step->what);
	abort();
}

/**
 * skip - this experiment cannot be done here
 * @fmt: why, as printf()
 */
void skip(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(stage->reason, sizeof(stage->reason), fmt, args);
	va_end(args);
	siglongjmp(out, 1);
}

/**
 * leave_out - some steps cannot be done here, the others can; to be called between steps
 * @fmt: which and why, as printf()
 */
void leave_out(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(stage->reason, sizeof(stage->reason), fmt, args);
	va_end(args);
	tally->left_out++;
	stage_say(SAY_LEFT_OUT);
}

/**
 * param - what was given for a parameter, or its default
 * @name: of the experiment's params
 */
unsigned long param(const char *name)
{
	for (size_t i = 0; i < MAX_PARAMS && running->params[i].name; i++)
		if (!strcmp(running->params[i].name, name))
			return stage->params[i];
	experiment_bug(name);
}

/**
 * may_disturb - did the reader allow what all other programs may feel?
 */
bool may_disturb(void)
{
	return stage->system;
}

static void pin(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	sched_setaffinity(0, sizeof(set), &set);
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(TIME_LIMIT);
}

static int use_device(void)
{
	int error = story_begin();

	if (!error)
		return EXIT_HELD;
	snprintf(stage->reason, sizeof(stage->reason), "%s", scope_trouble(error));
	return EXIT_ENVIRONMENT;
}

/**
 * subject_main - do one part of an experiment in this process
 * @args: its name, the number of the part, and two descriptors
 *
 * Return: EXIT_HELD when it came to its end, EXIT_SKIPPED, or EXIT_ENVIRONMENT
 */
int subject_main(char **args)
{
	const struct part *part;
	struct part whole;
	bool device;

	running = experiment_find(args[0]);
	whole = (struct part){ .run = running->run, .device = running->device };
	part = running->run ? &whole : &running->parts[atoi(args[1])];
	device = part->device;
	stage_join(atoi(args[2]), atoi(args[3]));
	pin();
	act_prepare();
	picture_prepare();
	if (device && use_device() != EXIT_HELD)
		return EXIT_ENVIRONMENT;
	step_use(running, device);
	stage_say(SAY_BEGIN);
	if (sigsetjmp(out, 1))
		return EXIT_SKIPPED;
	part->run();
	return EXIT_HELD;
}
