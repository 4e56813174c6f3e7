/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SESSION_WHOM_H
#define MMSCOPE_SESSION_WHOM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "bpf/tracer_abi.h"

struct verb;

/* Letters of the options that struct whom keeps, as struct verb_option has them */
#define WHOM_LETTERS	"paUGCg"

/**
 * struct whom - processes that are watched, unless it is a command, and how a command is ended
 * @pids: ids of processes that the user has named
 * @nr: number of elements of @pids; 0 if @wide says whom to watch
 * @wide: conditions for processes, and for programs that start later
 * @cgroup: path of the cgroup in @wide, below the root
 * @grace_s: seconds that a command has to end by itself after Ctrl-C
 * @grace_given: the user has said so; else it is GRACE_S
 */
struct whom {
	pid_t *pids;
	size_t nr;
	struct wide wide;
	const char *cgroup;
	unsigned long grace_s;
	bool grace_given;
};

unsigned long whom_grace(const struct whom *whom);

int whom_option(struct whom *whom, const struct verb *verb, int letter, const char *arg);
bool whom_any(const struct whom *whom);
int whom_check(const struct whom *whom, const struct verb *verb);
int whom_find(const struct whom *whom, int (*each)(pid_t pid, void *arg), void *arg);

#endif
