// SPDX-License-Identifier: GPL-2.0
/*
 * The command that is watched: a child that waits until the watch knows it, and becomes it then.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/tool.h"
#include "session/command.h"
#include "session/session.h"
#include "term/print.h"
#include "tracer/tracer.h"

/* Where execvp(3) would find it; a failed execve(2) leaves traces that are nobody's. */
static const char *find_program(const char *name, char *buf, size_t size)
{
	const char *path = getenv("PATH");
	size_t n;

	if (strchr(name, '/'))
		return name;
	for (path = path ? path : "/bin:/usr/bin"; *path; path += n + (path[n] == ':')) {
		n = strcspn(path, ":");
		snprintf(buf, size, "%.*s/%s", (int)n, path, name);
		if (!access(buf, X_OK))
			return buf;
	}
	return name;
}

/* The child: waits for the gate to open, and becomes the command, or tells why not. */
static void __noreturn become(char **argv, int gate, int told)
{
	const char *program;
	char path[PATH_MAX];
	sigset_t none;
	char c;
	int error;

	program = find_program(argv[0], path, sizeof(path));
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	/* Who has done both once has touched all that waiting needs. */
	if (read(gate, &c, 1) != 1 || write(told, &c, 1) != 1)
		_exit(126);
	if (!read(gate, &c, 1))
		execv(program, argv);
	error = errno;
	if (write(told, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

/*
 * The child has faulted all that it will until the gate opens: no fault of ours is taken for one
 * of the command, and what getrusage(2) has counted by now is what it counts when the watch begins.
 */
static bool waits(int gate, int told)
{
	char c = 0;

	return write(gate, &c, 1) == 1 && read(told, &c, 1) == 1;
}

static int prepare(struct watch *watch)
{
	if (watch->probe)
		probe_target(watch->pid);
	return watch->before ? watch->before(watch) : 0;
}

/**
 * command_spawn - start a command; it runs once the watch knows who it is
 * @watch: becomes that of the command
 * @argv: the command
 *
 * Return: 0, or an exit code after a complaint
 */
int command_spawn(struct watch *watch, char **argv)
{
	int gate[2], told[2], error = 0, code = 0;

	if (pipe2(gate, O_CLOEXEC) || pipe2(told, O_CLOEXEC))
		return report_fail(EXIT_ENVIRONMENT, "pipe", strerror(errno), NULL);
	watch->pid = fork();
	if (!watch->pid) {
		close(gate[1]);
		become(argv, gate[0], told[1]);
	}
	close(gate[0]);
	close(told[1]);
	if (watch->pid > 0 && !waits(gate[1], told[0]))
		code = report_fail(EXIT_ENVIRONMENT, argv[0],
				   "the process that was to become it has ended", NULL);
	else if (watch->pid > 0)
		code = prepare(watch);
	if (code)
		kill(watch->pid, SIGKILL);
	close(gate[1]);
	if (watch->pid < 0 || read(told[0], &error, sizeof(error)) < 0)
		error = errno;
	close(told[0]);
	if (error && !code)
		code = report_fail(EXIT_USAGE, argv[0], strerror(error), "is the path right?");
	return code;
}
