// SPDX-License-Identifier: GPL-2.0
/*
 * Tracers: what a session makes of raw records. Each session has one, so that two recordings can be
 * read side by side.
 */
#include <stdlib.h>
#include "tracer/context.h"

static struct tracer first;
struct tracer *tracer = &first;

/**
 * tracer_new - make a tracer that was told nothing yet, for tracer_select()
 *
 * Return: the tracer, which is never freed
 */
struct tracer *tracer_new(void)
{
	struct tracer *new = calloc(1, sizeof(*new));

	if (!new)
		abort();
	return new;
}

/**
 * tracer_select - let all functions of tracer/ work for another session
 * @selected: from tracer_new(); NULL for the tracer that exists from the start
 */
void tracer_select(struct tracer *selected)
{
	tracer = selected ? selected : &first;
}
