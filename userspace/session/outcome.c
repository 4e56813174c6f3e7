// SPDX-License-Identifier: GPL-2.0
/*
 * What is asked about a watch when it is over, be it of something that ran, or of a recording.
 */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include "session/instant.h"
#include "session/kept.h"
#include "session/session.h"
#include "term/print.h"
#include "tracer/replay.h"

/**
 * watch_slice - be interested in a part of a recording
 * @watch: of one
 * @to: it ends at a time, or begins there
 * @text: the time, since the first record
 *
 * Return: NULL, or @text where that is no time
 */
const char *watch_slice(struct watch *watch, bool to, const char *text)
{
	return instant_time(text, to ? &watch->to : &watch->from);
}

/**
 * watch_slices - was that asked for?
 * @watch: of a recording, or of none
 */
bool watch_slices(const struct watch *watch)
{
	return watch->from || watch->to;
}

/**
 * watch_skips - is a record earlier than what is of interest, or later?
 * @watch: of a recording, or of none
 * @e: the record, in order
 *
 * Times of several CPUs are not quite in order. A part begins with the first record of its time,
 * and ends before the first of a later one: two parts that meet have each record once.
 */
bool watch_skips(struct watch *watch, const struct mmscope_event *e)
{
	if (!watch->first) {
		watch->first = e->time_ns;
		if (watch->from)
			probe_replay_from(watch->first + watch->from);
	}
	if (e->time_ns >= watch->first + watch->from)
		watch->reached = true;
	if (watch->to && e->time_ns >= watch->first + watch->to) {
		watch->past = true;
		watch->ended = true;
		kept_stop();
	}
	return watch->past || !watch->reached;
}

/**
 * watch_device - does the module tell, or did it?
 * @watch: after watch_begin()
 */
bool watch_device(const struct watch *watch)
{
	return watch->input ? kept_has_device() : watch->scope.fd >= 0;
}

/**
 * watch_info - what the module has counted
 * @watch: after watch_run(); watch_device() holds
 * @info: becomes it
 *
 * Return: 0, or -errno after a complaint
 */
int watch_info(const struct watch *watch, struct mmscope_info *info)
{
	if (!watch->input)
		return scope_info(watch->scope.fd, info);
	*info = watch->info;
	return 0;
}

/**
 * watch_stat - what the module has counted of an address space
 * @watch: as for watch_info()
 * @mm: its id
 * @stat: becomes it
 *
 * Return: 0 if it knows it
 */
int watch_stat(const struct watch *watch, unsigned int mm, struct mmscope_stat *stat)
{
	if (!watch->input)
		return scope_stat(watch->scope.fd, mm, stat);
	return kept_stat(mm, stat) ? 0 : -ESRCH;
}

/**
 * watch_verdict - say on stderr how the command ended, unless it ended well
 * @watch: after watch_run()
 * @name: of the command
 */
void watch_verdict(const struct watch *watch, const char *name)
{
	if (watch->input)
		name = kept_program();
	if (WIFSIGNALED(watch->status))
		report_message("%s: ended by SIG%s", name, sigabbrev_np(WTERMSIG(watch->status)));
	else if (WIFEXITED(watch->status) && WEXITSTATUS(watch->status))
		report_message("%s: exit code %d", name, WEXITSTATUS(watch->status));
}
