// SPDX-License-Identifier: GPL-2.0
/*
 * Long output on a terminal goes through a program that shows it by screens. That program outlives
 * what it shows: we wait until its user has read enough, whatever ends us.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "term/pager.h"
#include "term/print.h"

/* With --no-pager */
bool pager_refused;

static pid_t pager;

static bool in_path(const char *name)
{
	const char *path = getenv("PATH");
	char file[4096];
	size_t n;

	for (path = path ? path : "/bin:/usr/bin"; *path; path += n + (path[n] == ':')) {
		n = strcspn(path, ":");
		snprintf(file, sizeof(file), "%.*s/%s", (int)n, path, name);
		if (!access(file, X_OK))
			return true;
	}
	return false;
}

/* Return: a command for the shell, or NULL */
static const char *command(void)
{
	const char *told = getenv("PAGER"), *term = getenv("TERM");

	if (pager_refused || report_json || !report_terminal() || !term || !*term ||
	    !strcmp(term, "dumb"))
		return NULL;
	if (told)
		return *told && strcmp(told, "cat") ? told : NULL;
	return in_path("less") ? "less" : NULL;
}

static void become(const char *shell, int from)
{
	dup2(from, STDIN_FILENO);
	/* Less than a screen is only printed; colours are; and what was shown stays. */
	setenv("LESS", "FRX", 0);
	signal(SIGPIPE, SIG_DFL);
	execl("/bin/sh", "sh", "-c", shell, NULL);
	_exit(127);
}

/**
 * pager_start - show what is printed from now on by screens, if it goes to a terminal
 */
void pager_start(void)
{
	const char *shell = command();
	int ends[2];

	if (!shell || pipe2(ends, O_CLOEXEC))
		return;
	report_flush();
	pager = fork();
	if (!pager)
		become(shell, ends[0]);
	if (pager > 0) {
		dup2(ends[1], STDOUT_FILENO);
		if (isatty(STDERR_FILENO))
			dup2(ends[1], STDERR_FILENO);
		/* Ctrl-C is for the pager, which does not end by it. */
		signal(SIGINT, SIG_IGN);
		signal(SIGQUIT, SIG_IGN);
	}
	close(ends[0]);
	close(ends[1]);
}

/**
 * pager_runs - is there one, which has to be waited for?
 */
bool pager_runs(void)
{
	return pager > 0;
}

/**
 * pager_end - tell the pager that nothing more comes, and wait until it has ended
 */
void pager_end(void)
{
	if (!pager_runs())
		return;
	report_flush();
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	while (waitpid(pager, NULL, 0) < 0 && errno == EINTR)
		;
	pager = 0;
}
