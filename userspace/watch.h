/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_WATCH_H
#define MMSCOPE_WATCH_H

#include <stdbool.h>
#include <sys/types.h>
#include "scope.h"

typedef void (*watch_fn)(const struct mmscope_event *e, void *arg);

/**
 * struct watch - somebody's log, read until he is gone
 * @scope: the reader
 * @each: called for each record
 * @arg: handed to @each
 * @pid: the command, or the process watched
 * @pidfd: of a process that is not our child, else -1
 * @signals: signalfd
 * @status: how the command ended, as from waitpid(2)
 * @interrupted: Ctrl-C or the like, how often
 * @ended: nothing more will come
 */
struct watch {
	struct scope scope;
	watch_fn each;
	void *arg;
	pid_t pid;
	int pidfd;
	int signals;
	int status;
	unsigned int interrupted;
	bool ended;
};

int watch_command(struct watch *watch, char **argv);
int watch_pid(struct watch *watch, pid_t pid);
void watch_run(struct watch *watch);
void watch_verdict(const struct watch *watch, const char *name);

#endif
