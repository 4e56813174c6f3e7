// SPDX-License-Identifier: GPL-2.0
/*
 * What found no room in the programs, beside records.
 */
#include "bpf/tracer_abi.h"
#include "bpf/tracer.skel.h"
#include "tracer/load.h"
#include "tracer/replay.h"
#include "tracer/tracer.h"

/**
 * tracer_refused - how many address spaces found no room among those that are watched
 */
__u64 tracer_refused(void)
{
	return replay_runs() ? replay_totals()->refused : tracer_loaded()->bss->mm_refused;
}

/**
 * tracer_lost_calls - how many calls of hooks found no room among those that had not ended
 */
__u64 tracer_lost_calls(void)
{
	/* They are not kept. */
	return replay_runs() ? 0 : tracer_loaded()->bss->lost_calls;
}

/**
 * tracer_lost_stacks - faults whose stacks found no room
 */
__u64 tracer_lost_stacks(void)
{
	return replay_runs() ? replay_totals()->lost_stacks : tracer_loaded()->bss->lost_stacks;
}
