/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Moments that are made long by mmscope_delays.ko, which lies beside the tests: nobody else should
 * have it loaded.
 */
#ifndef DELAYS_H
#define DELAYS_H

#include "helper_module.h"

#include <sys/prctl.h>

#define DELAYS		"mmscope_delays"

/* The name of those who are delayed, as the module has it */
#define DELAYED		"delayed"

static inline int delays_set(const char *name, const char *value)
{
	return helper_set(DELAYS, name, value);
}

/* How often somebody was delayed, since the module was loaded */
static inline int delays_hits(void)
{
	return helper_get(DELAYS, "hits");
}

/* Whether the module is loaded now; NULL, or why not */
static inline const char *delays_load(void)
{
	int err = helper_load(DELAYS);

	if (err == -ENOENT)
		return "no mmscope_delays.ko beside this program";
	if (err)
		return "mmscope_delays.ko does not load: a kernel without kprobes?";
	delays_set("place", "-");
	delays_set("hits", "0");
	return NULL;
}

static inline void delays_unload(void)
{
	delays_set("place", "-");
	helper_unload(DELAYS, 0);
}

/* From now on the calling thread is delayed, at the place that was set or will be */
static inline void delays_begin(void)
{
	prctl(PR_SET_NAME, DELAYED);
}

/* Waits until somebody was delayed so often */
static inline void delays_wait(int hits)
{
	while (delays_hits() < hits)
		usleep(1000);
}

#endif
