/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_REPLAY_H
#define MMSCOPE_TRACER_REPLAY_H

#include <stdbool.h>
#include <linux/mmscope.h>
#include "tracer/usage.h"

/* A type of no record: when it was recorded, the ring had been read to its end here. */
#define REPLAY_DRAINED	0

/**
 * struct tracer_totals - what the tracer had counted at the end of a recording
 * @skipped: what tracer_skipped() returned
 * @refused: what tracer_refused() returned
 * @lost_stacks: what tracer_lost_stacks() returned
 * @usage: what tracer_usage() returned
 * @usage_known: @usage is known
 */
struct tracer_totals {
	__u64 skipped;
	__u64 refused;
	__u64 lost_stacks;
	struct usage usage;
	bool usage_known;
};

/* Returns the next raw record, valid until the next call; NULL behind the last */
typedef const struct mmscope_event *(*replay_fn)(void);

void tracer_replay(replay_fn next);
void tracer_replay_from(__u64 ns);
void tracer_replay_totals(const struct tracer_totals *totals);
bool replay_runs(void);
bool replay_sums(const struct mmscope_event *fault);
const struct mmscope_event *replay_next(void);
const struct tracer_totals *replay_totals(void);

#endif
