// SPDX-License-Identifier: GPL-2.0
/*
 * What the acts of a step brought about, in words.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "base/proc.h"
#include "lab/step.h"

/**
 * outcome_result - what the last call returned: "page 4 of NAME", "elsewhere", or a number
 */
const char *outcome_result(void)
{
	static char buf[64];
	const struct region *r = region_of(outcome->result);

	if (r && r->name)
		snprintf(buf, sizeof(buf), "page %lu of %s",
			 (outcome->result - (long)r->at) / proc_page_size(), r->name);
	else if (outcome->result > 0x10000)
		snprintf(buf, sizeof(buf), "elsewhere");
	else
		snprintf(buf, sizeof(buf), "%ld", outcome->result);
	return buf;
}

/**
 * outcome_errno - the errno of the last call of this step that failed, "none" if none did
 */
const char *outcome_errno(void)
{
	const char *name = outcome->error ? strerrorname_np(outcome->error) : "none";

	return name ? name : "unknown";
}

/**
 * outcome_signal - the signal that ended a touch in this step, "none" if none did
 */
const char *outcome_signal(void)
{
	static const struct {
		int sig;
		int code;
		const char *why;
	} codes[] = {
		{ SIGSEGV, SEGV_MAPERR, " MAPERR" }, { SIGSEGV, SEGV_ACCERR, " ACCERR" },
		{ SIGSEGV, SEGV_PKUERR, " PKUERR" }, { SIGSEGV, SI_KERNEL, " KERNEL" },
		{ SIGBUS, BUS_ADRERR, " ADRERR" },
	};
	static char buf[32];
	const char *why = "";

	if (!outcome->sig)
		return "none";
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (outcome->sig == codes[i].sig && outcome->code == codes[i].code)
			why = codes[i].why;
	snprintf(buf, sizeof(buf), "SIG%s%s", sigabbrev_np(outcome->sig), why);
	return buf;
}
