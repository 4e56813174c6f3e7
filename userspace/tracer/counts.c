// SPDX-License-Identifier: GPL-2.0
/*
 * How much found no room in the tables of the BPF programs, beside records.
 */
#include "bpf/tracer_abi.h"
#include "bpf/tracer.skel.h"
#include "tracer/load.h"
#include "tracer/replay.h"
#include "tracer/tracer.h"

/**
 * tracer_refused - the number of address spaces that found no room among those that are watched
 */
__u64 tracer_refused(void)
{
	return replay_runs() ? replay_totals()->refused : tracer_loaded()->bss->mm_refused;
}

/**
 * tracer_lost_calls - the number of calls of hooks that found no room among those under way
 */
__u64 tracer_lost_calls(void)
{
		/* A recording has no calls of hooks. */
	return replay_runs() ? 0 : tracer_loaded()->bss->lost_calls;
}

/**
 * tracer_lost_stacks - the number of faults whose stacks found no room
 */
__u64 tracer_lost_stacks(void)
{
	return replay_runs() ? replay_totals()->lost_stacks : tracer_loaded()->bss->lost_stacks;
}
