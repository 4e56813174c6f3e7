// SPDX-License-Identifier: GPL-2.0
/*
 * Tracers: one for each session. Two recordings that are read side by side have one each.
 */
#include <stdlib.h>
#include "tracer/context.h"

static struct tracer first;
struct tracer *tracer = &first;

/**
 * tracer_new - a tracer that was told nothing yet, to be selected
 */
struct tracer *tracer_new(void)
{
	struct tracer *new = calloc(1, sizeof(*new));

	if (!new)
		abort();
	return new;
}

/**
 * tracer_select - have all functions of tracer/ be about a session
 * @selected: from tracer_new(); NULL for the one that is there from the start
 */
void tracer_select(struct tracer *selected)
{
	tracer = selected ? selected : &first;
}
