// SPDX-License-Identifier: GPL-2.0
/*
 * Why the tracer cannot watch processes on this machine, and what the user can do about it.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/proc.h"
#include "base/tool.h"
#include "term/print.h"
#include "tracer/load.h"

/* Root in a user namespace has no rights beyond that namespace (user_namespaces(7)). */
static bool in_user_namespace(void)
{
	unsigned long inside, outside, ids;
	FILE *f = fopen("/proc/self/uid_map", "re");
	bool whole;

	if (!f)
		return false;
	whole = fscanf(f, "%lu %lu %lu", &inside, &outside, &ids) == 3 && ids == UINT32_MAX;
	fclose(f);
	return !whole;
}

/**
 * tracer_reason - say why processes cannot be watched
 * @error: what tracer_open() returned
 * @todo: becomes what the user can do, or NULL
 *
 * Return: the reason, valid until the next call
 */
const char *tracer_reason(int error, const char **todo)
{
	switch (error) {
	case TRACER_NO_BTF:
		*todo = "it needs CONFIG_DEBUG_INFO_BTF: /sys/kernel/btf/vmlinux";
		return "the kernel does not tell its types";
	case TRACER_LOCKED_DOWN:
		*todo = "boot without lockdown=confidentiality";
		return "the kernel is locked down: nobody may read its memory";
	case TRACER_OLD_KERNEL:
		*todo = "Linux 6.1 and later do";
		return "this kernel does not tell of its VMAs";
	case -EPERM:
	case -EACCES:
		if (!geteuid() && !in_user_namespace())
			break;
		*todo = geteuid() ? "be root, or have CAP_BPF and CAP_PERFMON" :
			"be root outside of this user namespace";
		return "not permitted";
	}
	*todo = tracer_complaint()[0] ? tracer_complaint() : NULL;
	return strerror(-error);
}

/**
 * tracer_complain - print why processes cannot be watched, and what the user can do
 * @error: what tracer_open() returned
 *
 * Return: EXIT_ENVIRONMENT
 */
int tracer_complain(int error)
{
	const char *todo, *why = tracer_reason(error, &todo);

	return report_fail(EXIT_ENVIRONMENT, "BPF", why, todo);
}
