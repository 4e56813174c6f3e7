// SPDX-License-Identifier: GPL-2.0
/*
 * Steps: expectations come first, then acts, then the comparison with what the kernel says of them.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "lab/step.h"

static const struct experiment *running;
static bool uses_device;

/*
 * All predictions of the step are made: ask the reader, and note the figures whose change is
 * predicted, before the first act.
 */
static void predicted(void)
{
	if (channel->predict)
		channel_say(SAY_ASK);
	compare_before();
}

/**
 * step_use - set the experiment whose steps follow
 * @exp: the experiment
 * @device: the log of the device is read
 */
void step_use(const struct experiment *exp, bool device)
{
	running = exp;
	uses_device = device;
	mutate_use(exp->name);
	syscall_use(predicted);
}

/**
 * step_begin - begin a step; see STEP()
 * @fmt: title of the step, as for printf()
 */
void step_begin(const char *fmt, ...)
{
	unsigned int number = step->number + 1;
	va_list args;

	memset(step, 0, sizeof(*step));
	step->number = number;
	step_log_skip();
	memset(outcome, 0, sizeof(*outcome));
	va_start(args, fmt);
	vsnprintf(step->what, sizeof(step->what), fmt, args);
	va_end(args);
}

/**
 * step_end - judge, show and count a step; see STEP()
 * @on: the variable of STEP() that goes out of scope
 */
void step_end(const bool *on __unused)
{
	unsigned int held = 0;

	if (!step->nr_lines)
		experiment_bug("a step without an expectation");
	if (!step->acted)
		syscall_freeze();
	step_log_tell();
	judge(uses_device);
	for (size_t i = 0; i < step->nr_lines; i++)
		held += step->lines[i].held;
	totals->predictions += step->nr_lines;
	totals->held += held;
	step->held = held == step->nr_lines;
	if (channel->pictures && !running->terse)
		picture_all();
	channel_say(SAY_STEP);
}

static struct line *add_line(void)
{
	if (step->acted)
		experiment_bug("an expectation behind an act");
	if (step->nr_lines == MAX_LINES)
		experiment_bug("too many expectations in a step");
	return &step->lines[step->nr_lines++];
}

/**
 * expect_line - predict a record of the log, or figures; see expect()
 * @fmt: in the words of lab/step_log.c or lab/metrics.c, as for printf()
 */
void expect_line(const char *fmt, ...)
{
	struct line *line = add_line();
	va_list args;

	va_start(args, fmt);
	vsnprintf(line->predicted, sizeof(line->predicted), fmt, args);
	va_end(args);
	if (!strncmp(line->predicted, "hooks ", 6))
		step->hooks = true;
}

/* Abort if a rule that a prediction rests on is not among those that mmscope explain tells. */
static void check_told(const struct rule *rule)
{
	for (size_t i = 0; i < MAX_RULES; i++)
		if (running->rules[i] == rule)
			return;
	experiment_bug("a rule that is not among its own");
}

/**
 * expect_by_rule - predict by a rule that holds on some kernels only
 * @rule: one of the experiment's rules
 * @now: prediction where it holds, NULL for none
 * @before: prediction where it does not hold, NULL for none
 */
void expect_by_rule(const struct rule *rule, const char *now, const char *before)
{
	const char *predicted = rule_holds(rule) ? now : before;
	struct line *line;

	if (!predicted)
		return;
	expect_line("%s", predicted);
	if (!rule)
		return;
	check_told(rule);
	line = &step->lines[step->nr_lines - 1];
	rule_tell(rule, line->rule, sizeof(line->rule));
	snprintf(line->where, sizeof(line->where), "%s", rule->where);
}

/**
 * note - add a remark to the step, for the reader
 * @fmt: as for printf()
 */
void note(const char *fmt, ...)
{
	va_list args;

	if (step->nr_notes == MAX_NOTES)
		experiment_bug("too many notes in a step");
	va_start(args, fmt);
	vsnprintf(step->notes[step->nr_notes++], TEXT, fmt, args);
	va_end(args);
}

/**
 * draw - add a line to the picture below the step
 * @fmt: as for printf()
 */
void draw(const char *fmt, ...)
{
	va_list args;

	if (step->nr_drawing == MAX_DRAWN)
		return;
	va_start(args, fmt);
	vsnprintf(step->drawing[step->nr_drawing++], sizeof(step->drawing[0]), fmt, args);
	va_end(args);
}

static struct seen *add_seen(const char *name)
{
	struct seen *seen;

	syscall_freeze();
	if (outcome->nr_seen == MAX_SEEN)
		experiment_bug("too many see() in a step");
	seen = &outcome->seen[outcome->nr_seen++];
	snprintf(seen->name, sizeof(seen->name), "%s", name);
	return seen;
}

/**
 * see_number - tell a number that the acts of this step showed
 * @name: name by which expect() may predict it
 * @value: the number
 */
void see_number(const char *name, long value)
{
	add_seen(name)->value = value;
}

/**
 * see_words - tell words that the acts of this step showed
 * @name: name by which expect() may predict them
 * @fmt: as for printf()
 */
void see_words(const char *name, const char *fmt, ...)
{
	struct seen *seen = add_seen(name);
	va_list args;

	va_start(args, fmt);
	vsnprintf(seen->text, sizeof(seen->text), fmt, args);
	va_end(args);
}
