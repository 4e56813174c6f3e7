// SPDX-License-Identifier: GPL-2.0
/*
 * Where raw records come from if not from BPF programs: from somebody who has kept them.
 */
#include "tracer/context.h"
#include "tracer/replay.h"

/**
 * tracer_replay - have raw records from somebody, instead of tracer_open()
 * @next: gives them
 */
void tracer_replay(replay_fn next)
{
	tracer->replay.source = next;
}

/**
 * tracer_replay_totals - say what was counted where the records come from
 * @to: that
 */
void tracer_replay_totals(const struct tracer_totals *to)
{
	tracer->replay.totals = *to;
}

/**
 * tracer_replay_from - earlier faults are not to be summed up
 * @ns: than this
 */
void tracer_replay_from(__u64 ns)
{
	tracer->replay.from = ns;
}

/**
 * replay_sums - is a fault to be summed up here?
 * @fault: its record
 */
bool replay_sums(const struct mmscope_event *fault)
{
	return tracer->replay.source && fault->time_ns >= tracer->replay.from;
}

/**
 * replay_runs - do records come from somebody?
 */
bool replay_runs(void)
{
	return tracer->replay.source;
}

/**
 * replay_next - the next raw record
 *
 * Return: it, valid until the next call; NULL when there is none
 */
const struct mmscope_event *replay_next(void)
{
	return tracer->replay.source();
}

/**
 * replay_totals - what was counted where the records come from; 0 where nobody said
 */
const struct tracer_totals *replay_totals(void)
{
	return &tracer->replay.totals;
}
