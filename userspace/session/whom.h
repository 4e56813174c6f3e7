/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SESSION_WHOM_H
#define MMSCOPE_SESSION_WHOM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "bpf/tracer_abi.h"

struct verb;

/* The letters of the options of struct whom, as struct verb_option has them. */
#define WHOM_LETTERS	"paUGCg"

/**
 * struct whom - which processes are watched, where it is no command, and how a command is ended
 * @pids: those that were named
 * @nr: how many; 0 where programs are to be watched whoever starts them
 * @wide: which these are
 * @cgroup: path of the cgroup, as given
 * @grace_s: seconds a command has to end by itself after Ctrl-C
 * @grace_given: that was said; else it is GRACE_S
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
