// SPDX-License-Identifier: GPL-2.0
/*
 * Questions about a session when it is over, be it of processes or of a recording.
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
 * session_slice - set where the part of a recording that is of interest begins or ends
 * @session: of the recording
 * @to: set the end; otherwise the beginning
 * @text: time since the first record
 *
 * Return: NULL, or @text where that is no time
 */
const char *session_slice(struct session *session, bool to, const char *text)
{
	return instant_time(text, to ? &session->to : &session->from);
}

/**
 * session_slices - is only a part of the recording of interest?
 * @session: any session
 */
bool session_slices(const struct session *session)
{
	return session->from || session->to;
}

/**
 * session_skips - is a record outside of the part that is of interest?
 * @session: any session
 * @e: the record, in order
 *
 * Times of several CPUs are not quite in order. The part begins with the first record of its time,
 * and ends before the first record of a later time. So of two parts that meet each record is in
 * one.
 */
bool session_skips(struct session *session, const struct mmscope_event *e)
{
	if (!session->first) {
		session->first = e->time_ns;
		if (session->from)
			tracer_replay_from(session->first + session->from);
	}
	if (e->time_ns >= session->first + session->from)
		session->reached = true;
	if (session->to && e->time_ns >= session->first + session->to) {
		session->past = true;
		session->ended = true;
		kept_stop();
	}
	return session->past || !session->reached;
}

/**
 * session_device - does the module tell records of a session?
 * @session: after session_begin()
 */
bool session_device(const struct session *session)
{
	return session->input ? kept_has_device() : session->device.fd >= 0;
}

/**
 * session_info - what the module has counted
 * @session: after session_run(), where session_device() is true
 * @info: becomes the counters
 *
 * Return: 0, or -errno after a complaint
 */
int session_info(const struct session *session, struct mmscope_info *info)
{
	if (!session->input)
		return device_info(session->device.fd, info);
	*info = session->info;
	return 0;
}

/**
 * session_stat - what the module has counted of an address space
 * @session: as for session_info()
 * @mm: id of the address space
 * @stat: becomes the counters
 *
 * Return: 0, or -errno where the module does not know the address space
 */
int session_stat(const struct session *session, unsigned int mm, struct mmscope_stat *stat)
{
	if (!session->input)
		return device_stat(session->device.fd, mm, stat);
	return kept_stat(mm, stat) ? 0 : -ESRCH;
}

/**
 * session_verdict - print how the command ended, unless it ended well
 * @session: after session_run()
 * @name: name of the command; a recording has its own
 */
void session_verdict(const struct session *session, const char *name)
{
	if (session->input)
		name = kept_program();
	if (WIFSIGNALED(session->status))
		report_message("%s: ended by SIG%s", name, sigabbrev_np(WTERMSIG(session->status)));
	else if (WIFEXITED(session->status) && WEXITSTATUS(session->status))
		report_message("%s: exit code %d", name, WEXITSTATUS(session->status));
}
