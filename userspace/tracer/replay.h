/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TRACER_REPLAY_H
#define MMSCOPE_TRACER_REPLAY_H

#include <stdbool.h>
#include <linux/mmscope.h>
#include "tracer/usage.h"

/* &mmscope_event.type of what is no record: the ring was empty, as far as it was read. */
#define REPLAY_DRAINED	0

/**
 * struct tracer_totals - what the tracer had counted by the end
 * @skipped: tracer_skipped()
 * @refused: tracer_refused()
 * @lost_stacks: tracer_lost_stacks()
 * @usage: tracer_usage()
 * @usage_known: that is
 */
struct tracer_totals {
	__u64 skipped;
	__u64 refused;
	__u64 lost_stacks;
	struct usage usage;
	bool usage_known;
};

/* Raw records, valid until the next call, then NULL */
typedef const struct mmscope_event *(*replay_fn)(void);

void tracer_replay(replay_fn next);
void tracer_replay_from(__u64 ns);
void tracer_replay_totals(const struct tracer_totals *totals);
bool replay_runs(void);
bool replay_sums(const struct mmscope_event *fault);
const struct mmscope_event *replay_next(void);
const struct tracer_totals *replay_totals(void);

#endif
