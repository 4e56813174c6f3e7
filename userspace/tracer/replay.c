// SPDX-License-Identifier: GPL-2.0
/*
 * Raw records that come from a recording instead of BPF programs.
 */
#include "tracer/context.h"
#include "tracer/replay.h"

/**
 * tracer_replay - take raw records from a function, instead of calling tracer_open()
 * @next: the function
 */
void tracer_replay(replay_fn next)
{
	tracer->replay.source = next;
}

/**
 * tracer_replay_totals - set what the tracer had counted when it was recorded
 * @to: the counts; are copied
 */
void tracer_replay_totals(const struct tracer_totals *to)
{
	tracer->replay.totals = *to;
}

/**
 * tracer_replay_from - do not sum up faults before a time
 * @ns: the time
 */
void tracer_replay_from(__u64 ns)
{
	tracer->replay.from = ns;
}

/**
 * replay_sums - is a fault of a recording to be summed up?
 * @fault: raw record of the fault
 *
 * Return: false also where records do not come from a recording
 */
bool replay_sums(const struct mmscope_event *fault)
{
	return tracer->replay.source && fault->time_ns >= tracer->replay.from;
}

/**
 * replay_runs - do raw records come from a recording?
 */
bool replay_runs(void)
{
	return tracer->replay.source;
}

/**
 * replay_next - the next raw record of the recording
 *
 * Return: the record, valid until the next call; NULL when there is none
 */
const struct mmscope_event *replay_next(void)
{
	return tracer->replay.source();
}

/**
 * replay_totals - what the tracer had counted when it was recorded; all 0 where the recording lacks
 *	it
 */
const struct tracer_totals *replay_totals(void)
{
	return &tracer->replay.totals;
}
