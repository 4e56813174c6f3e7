// SPDX-License-Identifier: GPL-2.0
/*
 * The command that is watched. A child of the tool waits until the session has attached to it, and
 * then executes the command.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/tool.h"
#include "session/command.h"
#include "session/session.h"
#include "term/print.h"
#include "tracer/tracer.h"

/* May a file be executed? Return 0 or -errno. */
static int executable(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EACCES;
	return access(path, X_OK) ? -errno : 0;
}

/*
 * Find a program where execvp(3) would find it; return 0 or -errno. The child does not call
 * execvp(3) itself, since each execve(2) that fails on the way would be in the records of the
 * command.
 */
static int find_program(const char *name, char *buf, size_t size)
{
	const char *path = getenv("PATH");
	int error = -ENOENT, why;
	size_t n;

	if (strchr(name, '/')) {
		snprintf(buf, size, "%s", name);
		return executable(buf);
	}
	for (path = path ? path : "/bin:/usr/bin"; *path && *name; path += n + (path[n] == ':')) {
		n = strcspn(path, ":");
		snprintf(buf, size, "%.*s%s%s", (int)n, path, n ? "/" : "", name);
		why = executable(buf);
		if (!why)
			return 0;
		if (why == -EACCES)
			error = why;
	}
	return error;
}

static int complain(const char *command, int error)
{
	return report_fail(EXIT_USAGE, command, strerror(error), "is the path right?");
}

/**
 * command_check - does a command exist?
 * @name: name of its program
 *
 * Return: 0, or an exit code after a complaint
 */
int command_check(const char *name)
{
	char path[PATH_MAX];
	int error = find_program(name, path, sizeof(path));

	return error ? complain(name, -error) : 0;
}

/* The child waits until @gate is closed, then executes the command, or writes errno to @told. */
static void __noreturn become(char **argv, int gate, int told)
{
	char path[PATH_MAX];
	sigset_t none;
	char c;
	int error;

	find_program(argv[0], path, sizeof(path));
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	/* One read() and one write() touch all pages that the next read() needs. */
	if (read(gate, &c, 1) != 1 || write(told, &c, 1) != 1)
		_exit(126);
	if (!read(gate, &c, 1))
		execv(path, argv);
	error = errno;
	if (write(told, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

/*
 * Wait until the child reads from the pipe @gate. From then on it does not fault until the pipe is
 * closed. So no fault of the tool's code is counted as the command's, and getrusage(2) counts from
 * here.
 */
static bool waits(int gate, int told)
{
	char c = 0;

	return write(gate, &c, 1) == 1 && read(told, &c, 1) == 1;
}

static int prepare(struct session *session)
{
	if (session->tracer)
		tracer_target(session->pid);
	report_notice("watching %d, Ctrl-C ends", session->pid);
	return session->before ? session->before(session) : 0;
}

/**
 * command_spawn - start a command; its program is executed once the session has attached to it
 * @session: its @pid becomes that of the command
 * @argv: the command
 *
 * Return: 0, or an exit code after a complaint
 */
int command_spawn(struct session *session, char **argv)
{
	int gate[2], told[2], error = 0, code = 0;

	if (pipe2(gate, O_CLOEXEC) || pipe2(told, O_CLOEXEC))
		return report_fail(EXIT_ENVIRONMENT, "pipe", strerror(errno), NULL);
	session->pid = fork();
	if (!session->pid) {
		close(gate[1]);
		become(argv, gate[0], told[1]);
	}
	close(gate[0]);
	close(told[1]);
	if (session->pid > 0 && !waits(gate[1], told[0]))
		code = report_fail(EXIT_ENVIRONMENT, argv[0],
				   "the process that was to become it has ended", NULL);
	else if (session->pid > 0)
		code = prepare(session);
	if (code)
		kill(session->pid, SIGKILL);
	close(gate[1]);
	if (session->pid < 0 || read(told[0], &error, sizeof(error)) < 0)
		error = errno;
	close(told[0]);
	if (error && !code)
		code = complain(argv[0], error);
	return code;
}
