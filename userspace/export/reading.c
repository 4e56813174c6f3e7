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
 * @session: from session_begin()
 * @each: is called for each record
 * @arg: handed to it
 *
 * Afterwards shortage_json() has what is missing.
 */
void export_read(struct session *session, watch_fn each, void *arg)
{
	session->each = each;
	session->arg = arg;
	session_run(session);
	kept_close();
	lost = session->tracer ? tracer_lost() : 0;
	if (session->tracer) {
		shortage_add("faults", tracer_unseen(0));
		shortage_add("skipped", tracer_skipped());
		shortage_add("processes", tracer_refused());
		shortage_add("calls", tracer_lost_calls());
		shortage_add("stacks", tracer_lost_stacks());
	}
	shortage_add("again", again_missed());
	shortage_add("unshown", session->unshown);
	lost += session->info.lost + session->info.dropped;
	shortage_add("records", lost);
	if (session->info.withheld)
		report_message("%llu records are missing: who recorded might not see their process",
			       (unsigned long long)session->info.withheld);
}

/**
 * export_lost - records that the recording lacks, as far as they were counted
 */
__u64 export_lost(void)
{
	return lost;
}
