// SPDX-License-Identifier: GPL-2.0
/*
 * Reads a log while a command, or a process that was there before, lives.
 *
 * A command's orphans become our children (PR_SET_CHILD_SUBREAPER): all descendants belong to the
 * log, and the watch ends with the last of them. A process that is not ours tells its death by a
 * pidfd. The log alone cannot tell: silence is no death.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "report.h"
#include "watch.h"

#define PAUSE_US	5000
#define POLL_MS		50
#define ROUND		4096	/* records between two looks at signals */
#define GRACE		2	/* seconds between Ctrl-C and SIGKILL */

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int begin(struct watch *watch, pid_t pid)
{
	int error = scope_open(&watch->scope);

	watch->pidfd = -1;
	watch->signals = open_signals();
	if (error)
		return scope_complain(error);
	error = scope_attach(&watch->scope, pid, MMSCOPE_ATTACH_FOLLOW | MMSCOPE_ATTACH_NOW, 1);
	if (error == -ESRCH)
		return report_fail(EXIT_ENVIRONMENT, "attach", "no such process",
				   "it has ended, or is a kernel thread");
	if (error)
		return report_fail(EXIT_ENVIRONMENT, "attach", strerror(-error),
				   "another's process needs CAP_SYS_PTRACE: be root");
	return 0;
}

static int spawn(pid_t *pid, char **argv)
{
	posix_spawnattr_t attr;
	sigset_t none, pipe;
	int error;

	sigemptyset(&none);
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &pipe);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	error = posix_spawnp(pid, argv[0], NULL, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	return error;
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
	int error;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	error = begin(watch, 0);
	if (error)
		return error;
	report_flush();
	error = spawn(&watch->pid, argv);
	if (error)
		return report_fail(EXIT_USAGE, argv[0], strerror(error), "is the path right?");
	return 0;
}

/**
 * watch_pid - read the log of a process that is there
 * @watch: each and arg are set
 * @pid: the process
 *
 * Return: 0, or an exit code after a complaint
 */
int watch_pid(struct watch *watch, pid_t pid)
{
	int error = begin(watch, pid);

	if (error)
		return error;
	watch->pid = pid;
	watch->pidfd = syscall(SYS_pidfd_open, pid, 0);
	if (watch->pidfd < 0)
		return report_fail(EXIT_ENVIRONMENT, "pidfd_open", strerror(errno),
				   "is it the number of a process?");
	return 0;
}

static void drain(struct watch *watch)
{
	const struct mmscope_event *e;

	for (unsigned int n = 0; n < ROUND && !report_broken(); n++) {
		e = scope_next(&watch->scope);
		if (!e)
			break;
		watch->each(e, watch->arg);
	}
	report_flush();
}

/* Our children: the command, and orphans among its descendants. Those of others come later. */
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
		if (info.ssi_signo == SIGCHLD)
			continue;
		/* From the terminal: the command, in our process group, has had it too. */
		interrupt(watch, info.ssi_signo == SIGINT && info.ssi_code == SI_KERNEL ?
			  0 : (int)info.ssi_signo);
	}
	if (watch->pidfd < 0)
		reap(watch);
}

/*
 * Woken by the first record, so that a program's maps can be read while it lives; then not for a
 * while, and nobody who waits is nobody who must be woken: a stream costs its writer nothing.
 */
static void step(struct watch *watch)
{
	struct pollfd fds[] = {
		{ .fd = watch->scope.fd, .events = POLLIN },
		{ .fd = watch->signals, .events = POLLIN },
		{ .fd = watch->pidfd, .events = POLLIN },
	};

	poll(fds, ARRAY_SIZE(fds), scope_pending(&watch->scope) ? 0 : POLL_MS);
	take_signals(watch);
	if (fds[2].revents)
		watch->ended = true;
	drain(watch);
	if (fds[0].revents && !scope_pending(&watch->scope))
		usleep(PAUSE_US);
}

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

/**
 * watch_run - hand out records until the command and all its descendants, or the process, ended
 * @watch: from watch_command() or watch_pid()
 */
void watch_run(struct watch *watch)
{
	time_t deadline = 0;

	while (!watch->ended) {
		step(watch);
		if (report_broken() && !watch->interrupted)
			interrupt(watch, SIGTERM);
		if (watch->interrupted && !deadline)
			deadline = now() + GRACE;
		if (watch->interrupted && now() > deadline)
			kill_children(SIGKILL);
	}
	do
		drain(watch);
	while (scope_pending(&watch->scope) && !watch->interrupted && !report_broken());
}

/**
 * watch_verdict - say on stderr how the command ended, unless it ended well
 * @watch: after watch_run()
 * @name: of the command
 */
void watch_verdict(const struct watch *watch, const char *name)
{
	if (WIFSIGNALED(watch->status))
		report_message("%s: ended by SIG%s", name, sigabbrev_np(WTERMSIG(watch->status)));
	else if (WIFEXITED(watch->status) && WEXITSTATUS(watch->status))
		report_message("%s: exit code %d", name, WEXITSTATUS(watch->status));
}
