// SPDX-License-Identifier: GPL-2.0
/*
 * A check runs in a session of its own, with all the processes that it starts, and is ended with
 * them when it takes too long.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/proc.h"
#include "check/check.h"
#include "check/memory.h"

/* How long those that were killed may take to end. */
#define KILL_NS		10000000000ULL

static void __noreturn run_here(struct check_report *report, void (*run)(struct target *target),
				struct target *target)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (null >= 0) {
		dup2(null, 0);
		dup2(null, 1);
	}
	check_reports_to(report);
	memory_guard();
	run(target);
	report->done = true;
	_exit(0);
}

/* Return: did it end in time? */
static bool wait_for(pid_t pid, __u64 until, int *status)
{
	unsigned int us = 500;

	while (waitpid(pid, status, WNOHANG) != pid) {
		if (time_now() > until)
			return false;
		usleep(us);
		us = us < 2000 ? us * 2 : us;
	}
	return true;
}

/* Whoever lost a parent in the session became a child of this process. */
static bool all_gone(pid_t pid)
{
	__u64 until = time_now() + KILL_NS;

	kill(-pid, SIGKILL);
	while (time_now() < until) {
		pid_t got = waitpid(-1, NULL, WNOHANG);

		if (got < 0 && errno == ECHILD)
			return true;
		if (!got)
			usleep(2000);
	}
	return false;
}

static void tell_stuck(struct check_report *report, pid_t pid)
{
	char path[40], where[80] = "";

	snprintf(path, sizeof(path), "/proc/%d/wchan", pid);
	proc_word(path, where, sizeof(where));
	report->stuck = true;
	report->verdict = CHECK_HANG;
	snprintf(report->why, sizeof(report->why),
		 "it cannot be killed (process %d%s%s): boot anew", pid,
		 *where && strcmp(where, "0") ? ", which waits in " : "",
		 strcmp(where, "0") ? where : "");
}

static void judge_end(struct check_report *report, int status)
{
	if (report->done || report->verdict >= CHECK_FAIL)
		return;
	if (report->lacking)
		return;
	report->verdict = CHECK_FAIL;
	if (WIFSIGNALED(status))
		snprintf(report->why, sizeof(report->why), "its process was ended by SIG%s",
			 sigabbrev_np(WTERMSIG(status)));
	else
		snprintf(report->why, sizeof(report->why), "its process ended before it did");
}

/**
 * check_child - run a check
 * @report: what it said, in memory that is shared; begins anew
 * @seconds: how long it may take
 * @run: the check
 * @target: for it
 */
void check_child(struct check_report *report, unsigned int seconds,
		 void (*run)(struct target *target), struct target *target)
{
	bool in_time;
	int status = 0;
	pid_t pid;

	memset(report, 0, sizeof(*report));
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	target->until = time_now() + seconds * 1000000000ULL;
	fflush(NULL);
	pid = fork();
	if (pid < 0) {
		report->verdict = CHECK_SKIP;
		report->lacking = true;
		snprintf(report->why, sizeof(report->why), "fork: %s", strerror(errno));
		return;
	}
	if (!pid)
		run_here(report, run, target);
	in_time = wait_for(pid, target->until, &status);
	if (!all_gone(pid)) {
		tell_stuck(report, pid);
	} else if (!in_time) {
		report->verdict = CHECK_HANG;
		snprintf(report->why, sizeof(report->why), "it did not end in %u s, and was killed",
			 seconds);
	} else {
		judge_end(report, status);
	}
}
