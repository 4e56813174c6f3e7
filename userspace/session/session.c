// SPDX-License-Identifier: GPL-2.0
/*
 * A session reads the records of the module and of the BPF programs, merges them by time, and ends
 * when the processes that it watches have ended.
 *
 * The tool is the subreaper of a command's descendants (PR_SET_CHILD_SUBREAPER): orphans among them
 * become its children, so that the session ends with the last of them. A process that was there
 * before the session has a pidfd, which becomes readable when the process ends. Records cannot
 * replace that: a process that sends none may live.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/proc.h"
#include "session/command.h"
#include "session/context.h"
#include "session/kept.h"
#include "session/processes.h"
#include "session/session.h"
#include "term/print.h"
#include "term/verb.h"
#include "tracer/tracer.h"
#include "tracer/vm_ops_target.h"

#define PAUSE_US	5000
#define SECOND_NS	1000000000ULL
#define POLL_MS		50
#define ROUND		4096	/* records that are handed out between two looks at signals */

static int open_signals(const struct session *session)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	if (session->asked)
		sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int begin_device(struct session *session, pid_t pid)
{
	int error = device_open(&session->device);

	if (error)
		return error;
	error = device_attach(&session->device, pid, MMSCOPE_ATTACH_FOLLOW | MMSCOPE_ATTACH_NOW, 1);
	if (error)
		device_close(&session->device);
	return error;
}

/* Open the module and the tracer. One of them is enough, unless the caller says otherwise. */
static int open_sources(struct session *session, pid_t pid)
{
	int device = -ENOENT, tracer = -ENOENT;

	session->device.fd = -1;
	session->signals = open_signals(session);
	report_notice("attaching...");
	if (session->sources != SESSION_DEVICE)
		tracer = tracer_open(vm_ops_target_chosen() ? TRACER_HOOKS : TRACER_FOLLOW);
	session->tracer = !tracer;
	if (session->tracer && vm_ops_target_chosen()) {
		int code = vm_ops_target_begin();

		if (code)
			return code;
	}
	if (session->sources < SESSION_TRACER)
		device = begin_device(session, pid);
	if (!device && tracer && session->sources == SESSION_ANY) {
		tracer_complain(tracer);
		report_message("so only mmscope memory is watched, by the module");
	}
	if (!tracer || !device || session->sources == SESSION_TRACER_IF)
		return 0;
	if (session->sources != SESSION_DEVICE)
		return tracer_complain(tracer);
	return device == -ESRCH ? processes_complain(pid, device) : device_complain(device);
}

static int begin(struct session *session, pid_t pid)
{
	int code = open_sources(session, pid);

	return code || !session->begun ? code : session->begun(session);
}

/**
 * session_command - begin a session of a command and its descendants
 * @session: its @each and @arg are set
 * @argv: the command
 *
 * Return: 0, or an exit code after a complaint
 */
int session_command(struct session *session, char **argv)
{
	int error = command_check(argv[0]);

	if (error)
		return error;
	session->pidfd = -1;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	error = begin(session, 0);
	if (error)
		return error;
	report_flush();
	return command_spawn(session, argv);
}

static int watch_processes(struct session *session)
{
	int code = processes_check(session);

	if (!code)
		code = begin(session, session->pid);
	return code ? code : processes_attach(session);
}

/**
 * session_begin - begin a session of processes, a command or a recording, as the command line says
 * @session: its @each and @arg are set
 * @verb: verb of the command line
 * @pid: argument of --pid, or NULL where whom_option() has taken it
 * @argv: the command, whose first word is NULL for none
 *
 * Return: 0, or an exit code after a complaint
 */
int session_begin(struct session *session, const struct verb *verb, const char *pid, char **argv)
{
	int code = pid ? whom_option(&session->whom, verb, 'p', pid) : 0;
	bool any = whom_any(&session->whom);

	if (!code)
		code = whom_check(&session->whom, verb);
	if (code)
		return code;
	if (session->input && (any || *argv || session->whom.grace_given))
		return verb_usage(verb, any ? verb->name : *argv,
				  "a recording, or somebody to watch");
	if (session->input)
		return kept_open(session);
	if (any == !!*argv)
		return verb_usage(verb, verb->name, any ? "processes or a command, not both" :
				  "whom to watch?");
	return any ? watch_processes(session) : session_command(session, argv);
}

static const struct mmscope_event *peek_device(struct session *session)
{
	if (!session->of_device && session->input)
		session->of_device = kept_device();
	else if (!session->of_device && session->device.fd >= 0)
		session->of_device = device_next(&session->device);
	return session->of_device;
}

static const struct mmscope_event *peek_tracer(struct session *session)
{
	if (!session->from_tracer && session->tracer)
		session->from_tracer = tracer_next();
	return session->from_tracer;
}

/*
 * The next record of both streams, by time. Where one stream has none, a record of the other that
 * is younger than @until waits: the first stream may still bring an older one. A process with a
 * pidfd may go on after Ctrl-C. Its records of the time after that are not handed out, because the
 * programs are detached one by one, and a record of the last ones lacks what the first ones add.
 */
static const struct mmscope_event *next(struct session *session, __u64 until)
{
	const struct mmscope_event *tracer = session->input ? peek_tracer(session) : NULL;
	const struct mmscope_event *device = peek_device(session);
	bool both = session->tracer && session->device.fd >= 0;
	const struct mmscope_event *first;

	/* Reading on to the tracer's next raw record puts the module's records on the way aside. */
	if (!session->input)
		tracer = peek_tracer(session);
	if (device && tracer)
		first = device->time_ns < tracer->time_ns ? device : tracer;
	else
		first = device ? device : tracer;
	if (!first || (both && !(device && tracer) && first->time_ns >= until))
		return NULL;
	if (session->ended && first->time_ns >= until)
		return NULL;
	if (first == device)
		session->of_device = NULL;
	else
		session->from_tracer = NULL;
	return first;
}

static void drain(struct session *session, __u64 until)
{
	const struct mmscope_event *e;

	for (unsigned int n = 0; n < ROUND && !report_broken(); n++) {
		e = next(session, until);
		session->more = e;
		if (!e)
			break;
		session->each(e, session->arg);
	}
	report_flush();
}

/*
 * Signal the command, and orphans among its descendants; the others follow when they are orphans.
 */
static void kill_children(int sig)
{
	char path[64];
	FILE *file;
	int pid;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	file = fopen(path, "re");
	if (!file)
		return;
	while (fscanf(file, "%d", &pid) == 1)
		kill(pid, sig);
	fclose(file);
}

static void reap(struct session *session)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != session->pid)
			continue;
		session->status = status;
		if (waitpid(-1, NULL, WNOHANG) == 0 && !session->interrupted)
			report_message("the command ended, its descendants run on (Ctrl-C: end)");
	}
	if (pid < 0 && errno == ECHILD)
		session->ended = true;
}

static void interrupt(struct session *session, int sig)
{
	session->interrupted++;
	if (session->pidfd >= 0)
		session->ended = true;
	else
		kill_children(session->interrupted > 1 ? SIGKILL : sig);
}

static void take_signals(struct session *session)
{
	struct signalfd_siginfo info;

	while (read(session->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGUSR1)
			session->asked(session);
		if (info.ssi_signo == SIGUSR1 || info.ssi_signo == SIGCHLD)
			continue;
		/* The terminal has sent SIGINT to the whole process group, the command included. */
		interrupt(session, info.ssi_signo == SIGINT && info.ssi_code == SI_KERNEL ?
			  0 : (int)info.ssi_signo);
	}
	if (session->pidfd < 0)
		reap(session);
}

/*
 * poll() returns at the module's first record, so that a program's maps can be read while it lives.
 * Then the session sleeps for a while without poll(): the module wakes only who polls, so that a
 * stream of records costs the watched program no wakeups. The BPF programs wake when the ring is
 * full to an eighth.
 */
static void step(struct session *session)
{
	struct pollfd fds[] = {
		{ .fd = session->device.fd, .events = POLLIN },
		{ .fd = session->signals, .events = POLLIN },
		{ .fd = session->pidfd, .events = POLLIN },
		{ .fd = session->tracer ? tracer_fd() : -1, .events = POLLIN },
		{ .fd = session->wakes ? *session->wakes : -1, .events = POLLIN },
	};
	__u64 until;

	poll(fds, ARRAY_SIZE(fds), session->more ? 0 : POLL_MS);
	take_signals(session);
	if (fds[2].revents)
		processes_ended(session);
	until = time_now();
	drain(session, until);
	if (session->tick)
		session->tick(session);
	if (fds[0].revents && !session->more)
		usleep(PAUSE_US);
}

/*
 * Hand out the records that were made until now, even after Ctrl-C; a second Ctrl-C ends that. A
 * process with a pidfd goes on to make records, which are not handed out.
 */
static void finish(struct session *session)
{
	__u64 until = session->interrupted ? time_now() : ~0ULL;
	unsigned int before = session->interrupted;

	if (session->tracer)
		tracer_stop();
	do {
		drain(session, until);
		take_signals(session);
	} while (session->more && session->interrupted == before && !report_broken());
	while (session->more && !report_broken() && next(session, until))
		session->unshown++;
}

/**
 * session_next - the next record of a recording
 * @session: of the recording; is selected
 *
 * Return: the record, valid until the next call; NULL where there is none
 */
const struct mmscope_event *session_next(struct session *session)
{
	context_select(session->context);
	return next(session, ~0ULL);
}

/* Hand out all records of a recording: it does not grow while it is read. */
static void read_kept(struct session *session)
{
	do {
		drain(session, ~0ULL);
	} while (session->more && !report_broken());
}

/**
 * session_run - hand out records until the command and its descendants, or all processes, have
 *	ended
 * @session: from session_begin()
 */
void session_run(struct session *session)
{
	__u64 deadline = 0;

	context_select(session->context);
	if (session->input) {
		read_kept(session);
		return;
	}
	while (!session->ended) {
		step(session);
		if (report_broken() && !session->interrupted)
			interrupt(session, SIGTERM);
		if (session->interrupted && !deadline)
			deadline = time_now() + whom_grace(&session->whom) * SECOND_NS;
		if (session->interrupted && time_now() > deadline)
			kill_children(SIGKILL);
	}
	finish(session);
}
