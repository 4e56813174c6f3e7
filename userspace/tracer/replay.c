// SPDX-License-Identifier: GPL-2.0
/*
 * Where raw records come from if not from BPF programs: from somebody who has kept them.
 */
#include "tracer/replay.h"

static replay_fn source;
static struct probe_totals totals;
static __u64 from;

/**
 * probe_replay - have raw records from somebody, instead of probe_open()
 * @next: gives them
 */
void probe_replay(replay_fn next)
{
	source = next;
}

/**
 * probe_replay_totals - say what was counted where the records come from
 * @to: that
 */
void probe_replay_totals(const struct probe_totals *to)
{
	totals = *to;
}

/**
 * probe_replay_from - earlier faults are not to be summed up
 * @ns: than this
 */
void probe_replay_from(__u64 ns)
{
	from = ns;
}

/**
 * replay_sums - is a fault to be summed up here?
 * @fault: its record
 */
bool replay_sums(const struct mmscope_event *fault)
{
	return source && fault->time_ns >= from;
}

/**
 * replay_runs - do records come from somebody?
 */
bool replay_runs(void)
{
	return source;
}

/**
 * replay_next - the next raw record
 *
 * Return: it, valid until the next call; NULL when there is none
 */
const struct mmscope_event *replay_next(void)
{
	return source();
}

/**
 * replay_totals - what was counted where the records come from; 0 where nobody said
 */
const struct probe_totals *replay_totals(void)
{
	return &totals;
}
