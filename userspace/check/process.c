// SPDX-License-Identifier: GPL-2.0
/*
 * L, with other processes: fork(2), execve(2), death, and a file that is closed first.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "check/check.h"
#include "check/memory.h"

static pid_t child(void)
{
	pid_t pid = fork();

	if (pid < 0)
		check_lacks("fork: %s", strerror(errno));
	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

static bool inherited(const struct target *target)
{
	if (!target_flag(target->kind.flags, "dc"))
		return true;
	check_tell(target->says & SAY_INHERIT ? CHECK_FAIL : CHECK_NOTE,
		   "a child does not get the mapping (VM_DONTCOPY)");
	return false;
}

void check_fork(struct target *target)
{
	char *at = target_map_learnt(target);
	/* A child faults anew, and finds nothing where the driver keeps nothing: H3 tells it. */
	bool has = at && inherited(target) && target->kind.keeps;
	pid_t pid;

	if (!at)
		return;
	pid = child();
	if (pid < 0)
		return;
	if (!pid) {
		if (has)
			memory_agrees_again(target, at, 0, target->kind.pages, "in a child");
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	if (!check_failed())
		memory_agrees_again(target, at, 0, target->kind.pages, "when a child has ended");
}

void check_close_first(struct target *target)
{
	char *at = target_map_learnt(target);

	if (!at)
		return;
	target_close(target);
	/* What a driver frees at close(2), before its last VMA is gone, is missed now. */
	memory_agrees_again(target, at, 0, target->kind.pages, "after close(2)");
}

void check_exec(struct target *target)
{
	char *at = target_map_learnt(target);
	int status = 0;
	pid_t pid;

	if (!at)
		return;
	pid = child();
	if (pid < 0)
		return;
	if (!pid) {
		execl("/proc/self/exe", "mmscope", "--version", NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	if (status)
		check_lacks("a child cannot execute this program");
	else
		memory_agrees_again(target, at, 0, target->kind.pages,
				    "when a child has called execve(2)");
}

static void __noreturn touch_for_ever(struct target *target, char *at)
{
	uint64_t value;

	for (;;) {
		for (size_t i = 0; i < target->kind.pages; i++)
			memory_read(at + i * page_bytes() + MEMORY_MARK, &value);
		if (target->kind.refaults)
			madvise(at, target->kind.pages * page_bytes(), MADV_DONTNEED);
		usleep(100);
	}
}

/* A process that has it open and mapped is killed while it touches it; then it must be usable. */
void check_kill(struct target *target)
{
	char *at;

	for (int i = 0; i < 5; i++) {
		pid_t pid = child();

		if (pid < 0)
			return;
		if (!pid) {
			at = target_map_learnt(target);
			if (at)
				touch_for_ever(target, at);
			_exit(0);
		}
		usleep(20000 + i * 3000);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	if (check_failed())
		return;
	at = target_map_learnt(target);
	if (at)
		memory_agrees_again(target, at, 0, target->kind.pages,
				    "when who mapped it was killed");
}
