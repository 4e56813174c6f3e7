// SPDX-License-Identifier: GPL-2.0
/*
 * The process of an experiment: started afresh, pinned to what must not vary (one CPU, no huge
 * pages), and with nothing in its heap but what the experiment puts there. What it has to tell goes
 * over the stage; it never prints.
 */
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "base/proc.h"
#include "device/device.h"
#include "lab/step.h"
#include "term/print.h"

#define TIME_LIMIT	300	/* seconds: an experiment that hangs is ended by SIGALRM */
#define LOOPS		200000	/* which take no longer than LOOPS_NS where the limit comes from */
#define LOOPS_NS	10000000ULL

static const struct experiment *running;

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

/* How many times slower than expected this machine is, measured by a loop. */
static unsigned int slowness(void)
{
	__u64 began = time_now();

	for (volatile unsigned int i = 0; i < LOOPS; i++)
		;
	return 1 + (time_now() - began) / LOOPS_NS;
}

static void pin(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	sched_setaffinity(0, sizeof(set), &set);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(TIME_LIMIT * slowness());
}

static int use_device(void)
{
	int error = step_log_begin();

	if (!error)
		return EXIT_HELD;
	snprintf(stage->reason, sizeof(stage->reason), "%s", device_trouble(error));
	return EXIT_ENVIRONMENT;
}

static const struct part *find_part(const struct experiment *exp, const char *number)
{
	static struct part whole;
	unsigned long i = strtoul(number, NULL, 10);

	whole = (struct part){ .run = exp->run, .device = exp->device };
	if (exp->run)
		return i ? NULL : &whole;
	return i < MAX_PARTS && exp->parts[i].run ? &exp->parts[i] : NULL;
}

static int run_steps(const struct part *part)
{
	channel_say(SAY_BEGIN);
	if (sigsetjmp(skip_landing, 1))
		return EXIT_SKIPPED;
	part->run();
	channel_say(SAY_END);
	return EXIT_HELD;
}

/* SUBJECT_WORD was given by hand: the two descriptors of mmscope run are missing. */
static int not_started_by_us(const char *name)
{
	return report_fail(EXIT_USAGE, name, "only mmscope run can start it like this",
			   "mmscope run NAME");
}

/**
 * subject_main - do one part of an experiment in this process
 * @exp: which; NULL if there is none of the name in @args
 * @args: its name, the number of the part, and two descriptors
 *
 * Return: EXIT_HELD when it came to its end, EXIT_SKIPPED, EXIT_ENVIRONMENT, or EXIT_USAGE
 */
int subject_main(const struct experiment *exp, char **args)
{
	const struct part *part;
	bool device;

	running = exp;
	part = exp ? find_part(exp, args[1]) : NULL;
	if (!part || !channel_join(atoi(args[2]), atoi(args[3])))
		return not_started_by_us(args[0]);
	device = part->device;
	pin();
	syscall_prepare();
	picture_prepare();
	if (device && use_device() != EXIT_HELD)
		return EXIT_ENVIRONMENT;
	step_use(exp, device);
	return run_steps(part);
}
