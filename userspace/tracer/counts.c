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
 * probe_refused - how many address spaces found no room among those that are watched
 */
__u64 probe_refused(void)
{
	return replay_runs() ? replay_totals()->refused : probe_loaded()->bss->mm_refused;
}

/**
 * probe_lost_calls - how many calls of hooks found no room among those that had not ended
 */
__u64 probe_lost_calls(void)
{
	/* They are not kept. */
	return replay_runs() ? 0 : probe_loaded()->bss->lost_calls;
}

/**
 * probe_lost_stacks - faults whose stacks found no room
 */
__u64 probe_lost_stacks(void)
{
	return replay_runs() ? replay_totals()->lost_stacks : probe_loaded()->bss->lost_stacks;
}
