// SPDX-License-Identifier: GPL-2.0
/*
 * Shows that verdicts can fail. With MMSCOPE_SABOTAGE=NAME[:STEP[:LINE]] the observations of this
 * experiment ("all" for each), step and line are falsified before they are judged, so that each
 * prediction must break. A prediction that still holds is too wide.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lab/step.h"

static const char *subject;
static size_t judged;

/**
 * mutate_use - set the experiment whose observations are judged
 * @name: name of the experiment
 */
void mutate_use(const char *name)
{
	subject = name;
}

/**
 * mutate_line - set the line that is judged
 * @line: number of the line in its step, from 1
 */
void mutate_line(size_t line)
{
	judged = line;
}

/**
 * sabotaged - is the observation that is judged at present to be falsified?
 */
bool sabotaged(void)
{
	const char *asked = getenv("MMSCOPE_SABOTAGE");
	unsigned int number = 0, line = 0;
	char name[40];

	if (!asked || sscanf(asked, "%39[^:]:%u:%u", name, &number, &line) < 1)
		return false;
	return (!strcmp(name, "all") || !strcmp(name, subject)) &&
	       (!number || number == step->number) && (!line || line == judged);
}
