/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_CHECK_RUN_H
#define MMSCOPE_CHECK_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include "check/check.h"

/* More checks than there will be. */
#define RUN_MOST	64

/**
 * struct check_run - what is to be run, and what it came to
 * @target: in memory that is shared with the checks
 * @wanted: which checks, by their place in the list
 * @named: those that were asked for by their whole name
 * @destructive: also those that may cost the machine
 * @seconds: how long each may take, 0 for as long as its row says
 * @counts: how often each verdict
 * @lacking: something could not be tried on this machine
 * @log: the kernel's log can be read
 * @stopped: why it ended before its end, or NULL
 */
struct check_run {
	struct target *target;
	bool wanted[RUN_MOST];
	bool named[RUN_MOST];
	bool destructive;
	unsigned int seconds;
	unsigned int counts[CHECK_VERDICTS];
	bool lacking;
	bool log;
	const char *stopped;
};

int run_checks(struct check_run *run);

#endif
