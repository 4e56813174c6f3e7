// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope doctor: is everything there, and what to do if not.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "kallsyms.h"
#include "probe.h"
#include "proc.h"
#include "programs.h"
#include "report.h"
#include "rules.h"
#include "scope.h"

enum finding { OK, WARN, FAIL };

static const char *const findings[] = { "ok", "warn", "fail" };
static const enum paint paints[] = { PAINT_GOOD, PAINT_WARN, PAINT_BAD };

static const struct report_column columns[] = {
	{ "finding", false, 0, NULL }, { "what", false, 0, NULL }, { "todo", false, 0, NULL },
};

static struct report_table *table;
static bool failed;

static void __printf(3, 4) find(enum finding finding, const char *todo, const char *fmt, ...)
{
	char what[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	failed |= finding == FAIL;
	if (report_json) {
		report_row(table, (const char *[]){ findings[finding], what, todo }, NULL);
		return;
	}
	report_painted(paints[finding], "%-4s  %s", findings[finding], what);
	if (todo)
		report_fill(6, todo);
}

static void check_kernel(void)
{
	struct utsname uts;

	uname(&uts);
	if (rules_kernel() < KERNEL(6, 1))
		find(FAIL, "the module builds on 6.1 and later", "kernel %s %s", uts.release,
		     uts.machine);
	else
		find(OK, NULL, "kernel %s %s (tried: %s)", uts.release, uts.machine,
		     rules_supported());
}

static void check_places(void)
{
	static const struct {
		const char *path;
		const char *what;
		const char *todo;
	} places[] = {
		{ "/sys/kernel/btf/vmlinux", "BTF",
		  "kernels with CONFIG_DEBUG_INFO_BTF have it; trace of any process needs it" },
		{ "/sys/bus/event_source/devices/kprobe", "kprobes",
		  "kernels with CONFIG_KPROBE_EVENTS have them; only for trace --hooks" },
		{ "/sys/kernel/tracing/events", "tracefs",
		  "mount -t tracefs none /sys/kernel/tracing; only for the trace event" },
		{ "/sys/kernel/debug/mmscope", "debugfs",
		  "mount -t debugfs none /sys/kernel/debug; only to read statistics there" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (!access(places[i].path, R_OK))
			find(OK, NULL, "%s: %s", places[i].what, places[i].path);
		else
			find(WARN, errno == EACCES ? "be root to read it" : places[i].todo,
			     "%s: %s: %s", places[i].what, places[i].path, strerror(errno));
	}
}

static void check_lockdown(void)
{
	char word[64];

	if (!proc_word("/sys/kernel/security/lockdown", word, sizeof(word)))
		return;
	if (strstr(word, "[none]"))
		find(OK, NULL, "lockdown: %s", word);
	else
		find(WARN, "Secure Boot loads signed modules only: sign it, or use make shell",
		     "lockdown: %s", word);
}

static void check_thp(void)
{
	char word[64];

	if (!proc_word("/sys/kernel/mm/transparent_hugepage/enabled", word, sizeof(word)))
		find(OK, NULL, "no transparent huge pages");
	else if (strstr(word, "[always]"))
		find(WARN, "for them: echo madvise > /sys/kernel/mm/transparent_hugepage/enabled",
		     "THP is \"always\": other programs than mmscope run may fault by 2 MiB");
	else
		find(OK, NULL, "transparent huge pages: %s", word);
}

static void check_limits(void)
{
	char maps[32], overcommit[8];

	proc_word("/proc/sys/vm/max_map_count", maps, sizeof(maps));
	proc_word("/proc/sys/vm/overcommit_memory", overcommit, sizeof(overcommit));
	if (!strcmp(overcommit, "2"))
		find(WARN, "promises are limited: large mappings may fail with ENOMEM",
		     "limits: %s VMAs, overcommit mode 2", maps);
	else
		find(OK, NULL, "limits: %s VMAs, overcommit mode %s", maps, overcommit);
}

static void check_info(int fd)
{
	struct mmscope_info info;

	if (scope_info(fd, &info)) {
		find(FAIL, "module and tool are of different times: build both",
		     "MMSCOPE_INFO: %s", strerror(errno));
		return;
	}
	find(OK, NULL, "limits: %llu pages a store, %u records a CPU and log, %u idle mms, %u dead",
	     info.max_pages, info.events, info.idle_mms, info.dead_mms);
	find(OK, NULL, "backings:%s%s%s; per-VMA lock %s",
	     info.backings & 1 << MMSCOPE_PAGE ? " page" : "",
	     info.backings & 1 << MMSCOPE_VMALLOC ? " vmalloc" : "",
	     info.backings & 1 << MMSCOPE_PFN ? " pfn" : "",
	     info.features & MMSCOPE_FEATURE_VMA_LOCK ? "yes" : "no");
}

static void check_device(void)
{
	static struct scope scope;
	int error = scope_open(&scope);

	if (!error) {
		find(OK, NULL, "module loaded, %s can be opened", SCOPE_NODE);
		check_info(scope.fd);
		scope_close(&scope);
	} else if (access("/sys/module/mmscope", F_OK)) {
		find(FAIL, "insmod mmscope.ko as root, or try it in a VM: make shell",
		     "the module is not loaded");
	} else if (error == -EACCES) {
		find(FAIL, "run with sudo: the node has mode 0600", "%s: %s", SCOPE_NODE,
		     strerror(-error));
	} else {
		find(FAIL, "is /dev a devtmpfs?", "%s: %s", SCOPE_NODE, strerror(-error));
	}
}

static void miss(const char *what, bool minor)
{
	find(WARN, minor ? "only who looks for that misses it" : NULL, "%s", what);
}

/* By trying: the kernel may refuse what it seems to have. */
static void check_tracer(void)
{
	int error = probe_open(PROBE_TRY);
	const char *todo, *why;

	if (error) {
		why = probe_reason(error, &todo);
		find(WARN, todo, "trace, stat and map see mmscope memory only: %s", why);
		return;
	}
	find(OK, NULL, "any process can be traced, without the module");
	programs_missing(miss);
	if (kallsyms_hidden())
		find(WARN, "have CAP_SYSLOG, and kernel.kptr_restrict below 2",
		     "drivers have no names: the kernel hides its addresses");
	probe_close();
}

/**
 * cmd_doctor - the verb
 * @verb: its row
 * @argc: words
 * @argv: words
 */
int cmd_doctor(const struct verb *verb, int argc, char **argv)
{
	if (verb_option(verb, argc, argv) != -1)
		return EXIT_USAGE;
	if (report_json)
		table = report_table(columns, ARRAY_SIZE(columns), false);
	check_kernel();
	check_places();
	check_lockdown();
	check_tracer();
	check_thp();
	check_limits();
	check_device();
	if (report_json)
		report_table_print(table, "findings");
	return failed ? EXIT_ENVIRONMENT : EXIT_HELD;
}
