// SPDX-License-Identifier: GPL-2.0
/*
 * A step: expectations first, then acts, then what the kernel says of them.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "step.h"

struct step step;
struct tally tally;

static const struct experiment *running;

/**
 * step_use - whose steps these are
 * @exp: the experiment
 */
void step_use(const struct experiment *exp)
{
	running = exp;
}

/**
 * step_begin - begin a step; see STEP()
 * @fmt: its title, as printf()
 */
void step_begin(const char *fmt, ...)
{
	struct mmscope_event *records = step.records;
	unsigned int number = step.number + 1;
	va_list args;

	step = (struct step){ .number = number, .records = records };
	story_skip();
	memset(outcome, 0, sizeof(*outcome));
	va_start(args, fmt);
	vsnprintf(step.what, sizeof(step.what), fmt, args);
	va_end(args);
}

/**
 * step_end - compare, show, and count
 */
void step_end(void)
{
	unsigned int held = 0;

	if (!step.nr_lines)
		experiment_bug("a step without an expectation");
	step.acted = true;
	story_tell();
	judge(running);
	for (size_t i = 0; i < step.nr_lines; i++)
		held += step.lines[i].held;
	tally.predictions += step.nr_lines;
	tally.held += held;
	view_step(running, held == step.nr_lines);
}

/**
 * act_freeze - an act begins: what is not predicted by now is not predicted
 */
void act_freeze(void)
{
	step.acted = true;
}

static struct line *add_line(void)
{
	if (step.acted)
		experiment_bug("an expectation behind an act");
	if (step.nr_lines == MAX_LINES)
		experiment_bug("too many expectations in a step");
	return &step.lines[step.nr_lines++];
}

/**
 * expect - predict a record of the log, or figures
 * @fmt: in the words of story.c or observe.c, as printf()
 */
void expect(const char *fmt, ...)
{
	struct line *line = add_line();
	va_list args;

	va_start(args, fmt);
	vsnprintf(line->predicted, sizeof(line->predicted), fmt, args);
	va_end(args);
	if (!strncmp(line->predicted, "hooks ", 6))
		step.hooks = true;
}

/**
 * expect_since - predict by a rule that some kernels have and others have not
 * @id: the rule
 * @now: prediction where it holds, NULL for none
 * @before: prediction where it does not hold, NULL for none
 */
void expect_since(enum rule_id id, const char *now, const char *before)
{
	const char *predicted = rules_hold(id) ? now : before;

	if (!predicted)
		return;
	expect("%s", predicted);
	step.lines[step.nr_lines - 1].rule = id;
}

/**
 * note - a remark on the step, for whoever reads the output
 * @fmt: as printf()
 */
void note(const char *fmt, ...)
{
	va_list args;

	if (step.nr_notes == MAX_NOTES)
		experiment_bug("too many notes in a step");
	va_start(args, fmt);
	vsnprintf(step.notes[step.nr_notes++], TEXT, fmt, args);
	va_end(args);
}

/**
 * step_keep - keep a raw record of this step
 * @e: the record
 */
void step_keep(const struct mmscope_event *e)
{
	struct mmscope_event *more;

	more = realloc(step.records, (step.nr_records + 1) * sizeof(*more));
	if (!more)
		abort();
	step.records = more;
	more[step.nr_records++] = *e;
}
