// SPDX-License-Identifier: GPL-2.0
/*
 * The process of an experiment. It is started afresh, and keeps to what must not vary: one CPU, and
 * no huge pages. Its heap has nothing but what the experiment puts there. It never prints: what it
 * has to tell goes over the channel.
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

#define TIME_LIMIT	300	/* seconds, after which SIGALRM ends an experiment that hangs */
#define LOOPS		200000	/* rounds that take LOOPS_NS on a machine for which the limit is */
#define LOOPS_NS	10000000ULL

static const struct experiment *running;

/**
 * param - the value of a parameter, or its default
 * @name: one of the experiment's @params
 */
unsigned long param(const char *name)
{
	for (size_t i = 0; i < MAX_PARAMS && running->params[i].name; i++)
		if (!strcmp(running->params[i].name, name))
			return channel->params[i];
	experiment_bug(name);
}

/**
 * may_disturb - has the reader allowed what other programs may feel?
 */
bool may_disturb(void)
{
	return channel->system;
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
	snprintf(channel->reason, sizeof(channel->reason), "%s", device_trouble(error));
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

/* Complain that SUBJECT_WORD was typed by hand: the two descriptors of mmscope run are missing. */
static int not_started_by_us(const char *name)
{
	return report_fail(EXIT_USAGE, name, "only mmscope run can start it like this",
			   "mmscope run NAME");
}

/**
 * subject_main - run a part of an experiment in this process
 * @exp: the experiment; NULL if none has the name in @args
 * @args: name of the experiment, number of the part, and two descriptors
 *
 * Return: EXIT_HELD when the part came to its end, EXIT_SKIPPED, EXIT_ENVIRONMENT, or EXIT_USAGE
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
