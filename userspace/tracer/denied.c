// SPDX-License-Identifier: GPL-2.0
/*
 * Why a machine does not let the tracer watch, and what to do about it.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/proc.h"
#include "base/tool.h"
#include "term/print.h"
#include "tracer/denied.h"
#include "tracer/load.h"

/**
 * denied_by_lockdown - may nobody read the kernel's memory?
 */
bool denied_by_lockdown(void)
{
	char word[64];

	return proc_word("/sys/kernel/security/lockdown", word, sizeof(word)) &&
	       strstr(word, "[confidentiality]");
}

/* Its root has no right to what is not the namespace's (user_namespaces(7)). */
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
 * probe_reason - why processes cannot be watched
 * @error: of probe_open()
 * @todo: becomes what to do, or NULL
 */
const char *probe_reason(int error, const char **todo)
{
	switch (error) {
	case PROBE_NO_BTF:
		*todo = "it needs CONFIG_DEBUG_INFO_BTF: /sys/kernel/btf/vmlinux";
		return "the kernel does not tell its types";
	case PROBE_LOCKED_DOWN:
		*todo = "boot without lockdown=confidentiality";
		return "the kernel is locked down: nobody may read its memory";
	case PROBE_OLD_KERNEL:
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
	*todo = probe_complaint()[0] ? probe_complaint() : NULL;
	return strerror(-error);
}

/**
 * probe_complain - say in a sentence why processes cannot be watched, and what to do
 * @error: of probe_open()
 *
 * Return: EXIT_ENVIRONMENT
 */
int probe_complain(int error)
{
	const char *todo, *why = probe_reason(error, &todo);

	return report_fail(EXIT_ENVIRONMENT, "BPF", why, todo);
}
