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
#define POLL_MS		50
#define ROUND		4096	/* records between two looks at signals */
#define GRACE_NS	2000000000ULL	/* between Ctrl-C and SIGKILL */

static int open_signals(const struct watch *watch)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	if (watch->asked)
		sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int begin_device(struct watch *watch, pid_t pid)
{
	int error = scope_open(&watch->scope);

	if (error)
		return error;
	error = scope_attach(&watch->scope, pid, MMSCOPE_ATTACH_FOLLOW | MMSCOPE_ATTACH_NOW, 1);
	if (error)
		scope_close(&watch->scope);
	return error;
}

/* A session needs the module or the tracer. It needs both only where the caller says so. */
static int open_sources(struct watch *watch, pid_t pid)
{
	int device = -ENOENT, probe = -ENOENT;

	watch->scope.fd = -1;
	watch->signals = open_signals(watch);
	report_notice("attaching...");
	if (watch->sources != WATCH_DEVICE)
		probe = probe_open(driver_chosen() ? PROBE_HOOKS : PROBE_FOLLOW);
	watch->probe = !probe;
	if (watch->probe && driver_chosen()) {
		int code = driver_begin();

		if (code)
			return code;
	}
	if (watch->sources < WATCH_PROBE)
		device = begin_device(watch, pid);
	if (!device && probe && watch->sources == WATCH_ANY) {
		probe_complain(probe);
		report_message("so only mmscope memory is watched, by the module");
	}
	if (!probe || !device || watch->sources == WATCH_PROBE_IF)
		return 0;
	if (watch->sources != WATCH_DEVICE)
		return probe_complain(probe);
	return device == -ESRCH ? processes_complain(pid, device) : scope_complain(device);
}

static int begin(struct watch *watch, pid_t pid)
{
	int code = open_sources(watch, pid);

	return code || !watch->begun ? code : watch->begun(watch);
}

/**
 * watch_command - start a command whose descendants record in our log
 * @watch: each and arg are set
 * @argv: the command
 *
 * Return: 0, or an exit code after a complaint
 */
int watch_command(struct watch *watch, char **argv)
{
	int error = command_check(argv[0]);

	if (error)
		return error;
	watch->pidfd = -1;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	error = begin(watch, 0);
	if (error)
		return error;
	report_flush();
	return command_spawn(watch, argv);
}

static int watch_processes(struct watch *watch)
{
	int code = processes_check(watch);

	if (!code)
		code = begin(watch, watch->pid);
	return code ? code : processes_attach(watch);
}

/**
 * watch_begin - watch a process or a command, as the command line says
 * @watch: each and arg are set
 * @verb: whose command line
 * @pid: argument of --pid, or NULL where @watch has taken it
 * @argv: the command
 *
 * Return: 0, or an exit code after a complaint
 */
int watch_begin(struct watch *watch, const struct verb *verb, const char *pid, char **argv)
{
	int code = pid ? whom_option(&watch->whom, verb, 'p', pid) : 0;
	bool any = whom_any(&watch->whom);

	if (!code)
		code = whom_check(&watch->whom, verb);
	if (code)
		return code;
	if (watch->input && (any || *argv))
		return verb_usage(verb, any ? verb->name : *argv,
				  "a recording, or somebody to watch");
	if (watch->input)
		return kept_open(watch);
	if (any == !!*argv)
		return verb_usage(verb, verb->name, any ? "processes or a command, not both" :
				  "whom to watch?");
	return any ? watch_processes(watch) : watch_command(watch, argv);
}

static const struct mmscope_event *peek_device(struct watch *watch)
{
	if (!watch->of_device && watch->input)
		watch->of_device = kept_device();
	else if (!watch->of_device && watch->scope.fd >= 0)
		watch->of_device = scope_next(&watch->scope);
	return watch->of_device;
}

static const struct mmscope_event *peek_probe(struct watch *watch)
{
	if (!watch->of_probe && watch->probe)
		watch->of_probe = probe_next();
	return watch->of_probe;
}

/*
 * The next record of both streams, by time. Where one stream has none, a record of the other that
 * is younger than @until waits: the first stream may still bring an older one. A process with a
 * pidfd may go on after Ctrl-C. Its records of the time after that are not handed out, because the
 * programs are detached one by one, and a record of the last ones lacks what the first ones add.
 */
static const struct mmscope_event *next(struct watch *watch, __u64 until)
{
	const struct mmscope_event *probe = watch->input ? peek_probe(watch) : NULL;
	const struct mmscope_event *device = peek_device(watch);
	bool both = watch->probe && watch->scope.fd >= 0;
	const struct mmscope_event *first;

	/* The reader of a recording meets the module's records on its way to the tracer's next. */
	if (!watch->input)
		probe = peek_probe(watch);
	if (device && probe)
		first = device->time_ns < probe->time_ns ? device : probe;
	else
		first = device ? device : probe;
	if (!first || (both && !(device && probe) && first->time_ns >= until))
		return NULL;
	if (watch->ended && first->time_ns >= until)
		return NULL;
	if (first == device)
		watch->of_device = NULL;
	else
		watch->of_probe = NULL;
	return first;
}

static void drain(struct watch *watch, __u64 until)
{
	const struct mmscope_event *e;

	for (unsigned int n = 0; n < ROUND && !report_broken(); n++) {
		e = next(watch, until);
		watch->more = e;
		if (!e)
			break;
		watch->each(e, watch->arg);
	}
	report_flush();
}

/* Kill the command, and orphans among its descendants; other descendants follow when orphaned. */
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

static void reap(struct watch *watch)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != watch->pid)
			continue;
		watch->status = status;
		if (waitpid(-1, NULL, WNOHANG) == 0 && !watch->interrupted)
			report_message("the command ended, its descendants run on (Ctrl-C: end)");
	}
	if (pid < 0 && errno == ECHILD)
		watch->ended = true;
}

static void interrupt(struct watch *watch, int sig)
{
	watch->interrupted++;
	if (watch->pidfd >= 0)
		watch->ended = true;
	else
		kill_children(watch->interrupted > 1 ? SIGKILL : sig);
}

static void take_signals(struct watch *watch)
{
	struct signalfd_siginfo info;

	while (read(watch->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGUSR1)
			watch->asked(watch);
		if (info.ssi_signo == SIGUSR1 || info.ssi_signo == SIGCHLD)
			continue;
		/* The terminal has sent SIGINT to the whole process group, the command included. */
		interrupt(watch, info.ssi_signo == SIGINT && info.ssi_code == SI_KERNEL ?
			  0 : (int)info.ssi_signo);
	}
	if (watch->pidfd < 0)
		reap(watch);
}

/*
 * poll() returns at the module's first record, so that a program's maps can be read while it lives.
 * Then the session sleeps for a while without poll(): the module wakes only who polls, so that a
 * stream of records costs the watched program no wakeups. The BPF programs wake when the ring is
 * full to an eighth.
 */
static void step(struct watch *watch)
{
	struct pollfd fds[] = {
		{ .fd = watch->scope.fd, .events = POLLIN },
		{ .fd = watch->signals, .events = POLLIN },
		{ .fd = watch->pidfd, .events = POLLIN },
		{ .fd = watch->probe ? probe_fd() : -1, .events = POLLIN },
	};
	__u64 until;

	poll(fds, ARRAY_SIZE(fds), watch->more ? 0 : POLL_MS);
	take_signals(watch);
	if (fds[2].revents)
		processes_ended(watch);
	until = time_now();
	drain(watch, until);
	if (watch->tick)
		watch->tick(watch);
	if (fds[0].revents && !watch->more)
		usleep(PAUSE_US);
}

/*
 * Hand out the records that were made until now, also after Ctrl-C; a second Ctrl-C ends that. A
 * process with a pidfd goes on to make records, which are left.
 */
static void finish(struct watch *watch)
{
	__u64 until = watch->interrupted ? time_now() : ~0ULL;
	unsigned int before = watch->interrupted;

	if (watch->probe)
		probe_stop();
	do {
		drain(watch, until);
		take_signals(watch);
	} while (watch->more && watch->interrupted == before && !report_broken());
	while (watch->more && !report_broken() && next(watch, until))
		watch->unshown++;
}

/**
 * watch_next - the next record of a recording
 * @watch: of one
 *
 * Return: it, valid until the next call; NULL where there is none
 */
const struct mmscope_event *watch_next(struct watch *watch)
{
	context_select(watch->context);
	return next(watch, ~0ULL);
}

/* Hand out all records of a recording: it does not grow while it is read. */
static void read_kept(struct watch *watch)
{
	do {
		drain(watch, ~0ULL);
	} while (watch->more && !report_broken());
}

/**
 * watch_run - hand out records until the command and all its descendants, or the process, ended
 * @watch: from watch_begin()
 */
void watch_run(struct watch *watch)
{
	__u64 deadline = 0;

	context_select(watch->context);
	if (watch->input) {
		read_kept(watch);
		return;
	}
	while (!watch->ended) {
		step(watch);
		if (report_broken() && !watch->interrupted)
			interrupt(watch, SIGTERM);
		if (watch->interrupted && !deadline)
			deadline = time_now() + GRACE_NS;
		if (watch->interrupted && time_now() > deadline)
			kill_children(SIGKILL);
	}
	finish(watch);
}
