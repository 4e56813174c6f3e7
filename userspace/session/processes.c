// SPDX-License-Identifier: GPL-2.0
/*
 * Watched processes that are no children of the tool. A pidfd of each tells when it ends.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/proc.h"
#include "session/processes.h"
#include "session/session.h"
#include "term/print.h"
#include "tracer/tracer.h"

/**
 * processes_complain - print why a process is not watched
 * @pid: the process
 * @error: -errno
 *
 * Return: an exit code
 */
int processes_complain(pid_t pid, int error)
{
	char who[32];

	snprintf(who, sizeof(who), "pid %d", pid);
	if (error == -ESRCH)
		return report_fail(EXIT_ENVIRONMENT, who, "no such process",
				   "it has ended, or is a kernel thread");
	if (error == -ENOSPC)
		return report_fail(EXIT_ENVIRONMENT, who, "too many processes are watched",
				   "choose fewer: --user, --comm, --cgroup");
	return report_fail(EXIT_ENVIRONMENT, who, strerror(-error),
			   "another's process needs CAP_SYS_PTRACE: be root");
}

/* Put a pidfd of a process into the session's epoll, so as to hear when the process ends. */
static int add_pidfd(struct session *session, pid_t pid)
{
	struct epoll_event event = { .events = EPOLLIN };
	int fd = syscall(SYS_pidfd_open, pid, 0);

	if (fd < 0 && errno == ESRCH)
		return processes_complain(pid, -ESRCH);
	if (fd < 0)
		return report_fail(EXIT_ENVIRONMENT, "pidfd_open", strerror(errno),
				   "is it the number of a process?");
	event.data.fd = fd;
	if (epoll_ctl(session->pidfd, EPOLL_CTL_ADD, fd, &event))
		return report_fail(EXIT_ENVIRONMENT, "epoll_ctl", strerror(errno), NULL);
	session->living++;
	return 0;
}

/* Check that a process which the user has named exists, and watch for its end. */
static int check_pid(pid_t pid, void *arg)
{
	struct session *session = arg;

	if ((kill(pid, 0) && errno == ESRCH) || proc_kthread(pid))
		return processes_complain(pid, -ESRCH);
	if (!session->pid)
		session->pid = pid;
	return add_pidfd(session, pid);
}

/* Attach to a process. One of several, or one that was found, may have ended meanwhile. */
static int attach_pid(pid_t pid, void *arg)
{
	struct session *session = arg;
	int error = session->tracer ? tracer_attach(pid) : 0;

	if (error == -ESRCH && (session->whom.wide.which || session->whom.nr > 1))
		return 0;
	if (!error && session->device.fd >= 0 && pid != session->pid)
		error = device_attach(&session->device, pid,
				      MMSCOPE_ATTACH_FOLLOW | MMSCOPE_ATTACH_NOW, 1);
	return error ? processes_complain(pid, error) : 0;
}

static void say_whom(const struct session *session)
{
	if (session->whom.nr == 1)
		report_notice("watching %d, Ctrl-C ends", session->pid);
	else if (session->whom.nr)
		report_notice("watching %zu processes, Ctrl-C ends", session->whom.nr);
	else
		report_notice("watching all that are chosen, Ctrl-C ends");
}

/**
 * processes_check - check that the processes exist that the user has named
 * @session: its @whom is set
 *
 * Return: 0, or an exit code after a complaint
 */
int processes_check(struct session *session)
{
	bool wide = session->whom.wide.which;

	session->pidfd = epoll_create1(EPOLL_CLOEXEC);
	if (session->pidfd < 0)
		return report_fail(EXIT_ENVIRONMENT, "epoll_create1", strerror(errno), NULL);
	/*
	 * A process that is not found here may start its program later: then the tracer finds it.
	 */
	tracer_wide(&session->whom.wide);
	/* The module only follows processes that it was attached to. */
	if (wide && session->sources == SESSION_ANY)
		session->sources = SESSION_TRACER;
	return wide ? 0 : whom_find(&session->whom, check_pid, session);
}

/**
 * processes_attach - watch the processes that exist, and the programs that start later
 * @session: its sources are open
 *
 * Return: 0, or an exit code after a complaint
 */
int processes_attach(struct session *session)
{
	int code;

	if (session->tracer)
		tracer_begin_wide();
	code = whom_find(&session->whom, attach_pid, session);
	if (session->tracer && !code)
		tracer_attached();
	if (!code)
		say_whom(session);
	return code;
}

/**
 * processes_ended - note processes that have ended; the last one ends the session
 * @session: its pidfd is readable
 */
void processes_ended(struct session *session)
{
	struct epoll_event event;

	while (epoll_wait(session->pidfd, &event, 1, 0) == 1) {
		/* Closing the pidfd removes it from the epoll. */
		close(event.data.fd);
		session->ended = !--session->living;
	}
}
