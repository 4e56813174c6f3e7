// SPDX-License-Identifier: GPL-2.0
/*
 * The last records of a recording, which have what was counted by its end.
 */
#include <stdlib.h>
#include "session/session.h"
#include "session/totals.h"
#include "tracer/tracer.h"
#include "tracer/usage.h"

static unsigned int *mms;	/* address spaces that the module named */
static size_t nr_mms;

/**
 * totals_note - note that the module has told of an address space
 * @mm: id of the address space
 */
void totals_note(unsigned int mm)
{
	for (size_t i = nr_mms; i-- > 0;)
		if (mms[i] == mm)
			return;
	mms = realloc(mms, (nr_mms + 1) * sizeof(*mms));
	if (!mms)
		abort();
	mms[nr_mms++] = mm;
}

/**
 * totals_size - the number of bytes that totals_add() needs at most
 */
size_t totals_size(void)
{
	return 4096 + nr_mms * (sizeof(struct mmscope_stat) + 16);
}

/* Add the module's counters. */
static void add_device(struct recording_writer *writer, const struct session *session)
{
	struct mmscope_info info;
	struct mmscope_stat stat;
	__u64 now = writer->now_ns;

	if (device_info(session->device.fd, &info))
		return;
	recording_add(writer, RECORDING_INFO, &info, sizeof(info), now);
	for (size_t i = 0; i < nr_mms; i++)
		if (!device_stat(session->device.fd, mms[i], &stat))
			recording_add(writer, RECORDING_STAT, &stat, sizeof(stat), now);
}

/**
 * totals_add - add the counters to a recording
 * @writer: writer of the recording
 * @session: session that is recorded
 * @beyond: number of records that are not in the recording, since they found no room
 * @all: all other records are in it. What getrusage(2) counts can only be compared with all faults
 */
void totals_add(struct recording_writer *writer, const struct session *session, __u64 beyond,
		bool all)
{
	const struct usage *usage = session->tracer && all && !beyond ? tracer_usage() : NULL;
	struct recording_totals totals = {
		.unshown = session->unshown, .status = session->status, .beyond = beyond,
	};

	if (session->device.fd >= 0)
		add_device(writer, session);
	if (session->tracer) {
		totals.lost = tracer_lost();
		totals.skipped = tracer_skipped();
		totals.refused = tracer_refused();
		totals.lost_stacks = tracer_lost_stacks();
	}
	if (usage) {
		totals.usage_known = 1;
		totals.faults = usage->faults;
		totals.by_others = usage->outside;
		totals.in_others = usage->elsewhere;
		totals.skips = usage->skips;
		totals.living = usage->living;
	}
	recording_add(writer, RECORDING_TOTALS, &totals, sizeof(totals), writer->now_ns);
}
