// SPDX-License-Identifier: GPL-2.0
/*
 * One pass over a recording, and what it lacks.
 */
#include "export/export.h"
#include "session/kept.h"
#include "term/print.h"
#include "tracer/again.h"
#include "tracer/shortage.h"
#include "tracer/tracer.h"

static __u64 lost;

/**
 * export_read - have all records of a recording handed out, and what it lacks gathered
 * @watch: from watch_begin()
 * @each: is called for each record
 * @arg: handed to it
 *
 * Afterwards shortage_json() has what is missing.
 */
void export_read(struct watch *watch, watch_fn each, void *arg)
{
	watch->each = each;
	watch->arg = arg;
	watch_run(watch);
	kept_close();
	lost = watch->probe ? probe_lost() : 0;
	if (watch->probe) {
		shortage_add("faults", probe_unseen(0));
		shortage_add("skipped", probe_skipped());
		shortage_add("processes", probe_refused());
		shortage_add("calls", probe_lost_calls());
		shortage_add("stacks", probe_lost_stacks());
	}
	shortage_add("again", again_missed());
	shortage_add("unshown", watch->unshown);
	lost += watch->info.lost + watch->info.dropped;
	shortage_add("records", lost);
	if (watch->info.withheld)
		report_message("%llu records are missing: who recorded might not see their process",
			       (unsigned long long)watch->info.withheld);
}

/**
 * export_lost - records that the recording lacks, as far as they were counted
 */
__u64 export_lost(void)
{
	return lost;
}
