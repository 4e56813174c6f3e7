// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope doctor: is everything there that mmscope needs, and what can the user do if not?
 */
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "base/kallsyms.h"
#include "base/kernel_rules.h"
#include "base/proc.h"
#include "cmd/cmd.h"
#include "device/device.h"
#include "doctor/doctor.h"
#include "doctor/module.h"
#include "term/print.h"
#include "term/verb.h"
#include "tracer/parts.h"
#include "tracer/tracer.h"

static void check_kernel(void)
{
	struct utsname uts;

	uname(&uts);
	if (rules_kernel() < KERNEL(6, 1))
		doctor_find(FOUND_BAD, "the module builds on 6.1 and later", "kernel %s %s",
			    uts.release, uts.machine);
	else
		doctor_find(FOUND_GOOD, NULL, "kernel %s %s (tried: %s)", uts.release, uts.machine,
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
	};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (!access(places[i].path, R_OK))
			doctor_find(FOUND_GOOD, NULL, "%s: %s", places[i].what, places[i].path);
		else
			doctor_find(FOUND_WARNING,
				    errno == EACCES ? "be root to read it" : places[i].todo,
				    "%s: %s: %s", places[i].what, places[i].path, strerror(errno));
	}
}

/* Only the mode is shown here: check_tracer() and check_device() show what lockdown forbids. */
static void check_lockdown(void)
{
	char word[64];

	if (proc_word("/sys/kernel/security/lockdown", word, sizeof(word)))
		doctor_find(strstr(word, "[confidentiality]") ? FOUND_WARNING : FOUND_GOOD, NULL,
			    "lockdown: %s", word);
}

static void check_thp(void)
{
	char word[64];

	if (!proc_word("/sys/kernel/mm/transparent_hugepage/enabled", word, sizeof(word)))
		doctor_find(FOUND_GOOD, NULL, "no transparent huge pages");
	else if (strstr(word, "[always]"))
		doctor_find(FOUND_WARNING,
			    "for them: echo madvise > /sys/kernel/mm/transparent_hugepage/enabled",
			    "THP is \"always\": programs other than mmscope may fault by 2 MiB");
	else
		doctor_find(FOUND_GOOD, NULL, "transparent huge pages: %s", word);
}

static void check_limits(void)
{
	char maps[32], overcommit[8];

	proc_word("/proc/sys/vm/max_map_count", maps, sizeof(maps));
	proc_word("/proc/sys/vm/overcommit_memory", overcommit, sizeof(overcommit));
	if (!strcmp(overcommit, "2"))
		doctor_find(FOUND_WARNING,
			    "promises are limited: large mappings may fail with ENOMEM",
			    "limits: %s VMAs, overcommit mode 2", maps);
	else
		doctor_find(FOUND_GOOD, NULL, "limits: %s VMAs, overcommit mode %s", maps,
			    overcommit);
}

static void check_info(int fd)
{
	struct mmscope_info info;

	if (device_info(fd, &info)) {
		doctor_find(FOUND_BAD, "module and tool are of different times: build both",
			    "MMSCOPE_INFO: %s", strerror(errno));
		return;
	}
	doctor_find(FOUND_GOOD, NULL,
		    "limits: %llu pages a store, %u records a CPU and log, %u idle mms, %u dead",
		    info.max_pages, info.events, info.idle_mms, info.dead_mms);
	doctor_find(FOUND_GOOD, NULL, "backings:%s%s%s; per-VMA lock %s",
		    info.backings & 1 << MMSCOPE_PAGE ? " page" : "",
		    info.backings & 1 << MMSCOPE_VMALLOC ? " vmalloc" : "",
		    info.backings & 1 << MMSCOPE_PFN ? " pfn" : "",
		    info.features & MMSCOPE_FEATURE_VMA_LOCK ? "yes" : "no");
}

/* Look for the other places where the module shows its counters: tracefs and debugfs. */
static void check_filesystems(void)
{
	static const struct {
		const char *name;
		const char *mounted;
		const char *path;
		long type;
	} systems[] = {
		{ "tracefs", "/sys/kernel/tracing", "/sys/kernel/tracing/events/mmscope",
		  TRACEFS_MAGIC },
		{ "debugfs", "/sys/kernel/debug", "/sys/kernel/debug/mmscope", DEBUGFS_MAGIC },
	};
	char todo[160];
	struct statfs fs;
	int error;

	for (size_t i = 0; i < ARRAY_SIZE(systems); i++) {
		error = access(systems[i].path, R_OK) ? errno : 0;
		if (!error) {
			doctor_find(FOUND_GOOD, NULL, "%s: %s", systems[i].name, systems[i].path);
			continue;
		}
		if (error == EACCES)
			snprintf(todo, sizeof(todo), "be root to read it");
		else if (!statfs(systems[i].mounted, &fs) && fs.f_type == systems[i].type)
			snprintf(todo, sizeof(todo), "it is mounted, but has nothing of us");
		else
			snprintf(todo, sizeof(todo), "mount -t %s none %s; only to read there "
				 "what the module counts", systems[i].name, systems[i].mounted);
		doctor_find(FOUND_WARNING, todo, "%s: %s: %s", systems[i].name, systems[i].path,
			    strerror(error));
	}
}

/* mmscope works without the module, except for experiments with a driver's memory. */
static void tell_not_loaded(void)
{
	struct module_file file;
	struct utsname uts;

	uname(&uts);
	module_look("", uts.release, &file);
	doctor_find(FOUND_GOOD, module_todo(&file, uts.release, module_why_signed("")),
		    "the module is not loaded: only experiments with a driver's memory need it");
}

static void check_device(void)
{
	static struct device device;
	int error = device_open(&device);

	if (!error) {
		doctor_find(FOUND_GOOD, NULL, "module loaded, %s can be opened", DEVICE_NODE);
		check_info(device.fd);
		device_close(&device);
		check_filesystems();
	} else if (access("/sys/module/mmscope", F_OK)) {
		tell_not_loaded();
	} else if (error == -EACCES) {
		doctor_find(FOUND_BAD, "run with sudo: the node has mode 0600", "%s: %s",
			    DEVICE_NODE, strerror(-error));
	} else {
		doctor_find(FOUND_BAD, "is /dev a devtmpfs?", "%s: %s", DEVICE_NODE,
			    strerror(-error));
	}
}

static void miss(const char *what, bool minor)
{
	doctor_find(FOUND_WARNING, minor ? "only who looks for that misses it" : NULL, "%s", what);
}

/*
 * Can processes be traced? This loads the BPF programs, because the kernel may refuse them although
 * it seems to have all that they need.
 */
static void check_tracer(void)
{
	int error = tracer_open(TRACER_TRY);
	const char *todo, *why;

	if (error) {
		why = tracer_reason(error, &todo);
		/* With the module, its records of its own memory are still there. */
		if (access("/sys/module/mmscope", F_OK))
			doctor_find(FOUND_BAD, todo, "trace and stat cannot watch anything: %s",
				    why);
		else
			doctor_find(FOUND_WARNING, todo,
				    "trace and stat see mmscope memory only: %s", why);
		return;
	}
	doctor_find(FOUND_GOOD, NULL, "any process can be traced, without the module");
	parts_missing(miss);
	if (kallsyms_hidden())
		doctor_find(FOUND_WARNING, "have CAP_SYSLOG, and kernel.kptr_restrict below 2",
			    "drivers have no names: the kernel hides its addresses");
	tracer_close();
}

/**
 * cmd_doctor - run the verb doctor
 * @verb: row of the verb in the table of cmd/main.c
 * @argc: number of words
 * @argv: the words of the command line, the verb itself first
 *
 * Return: an exit code
 */
int cmd_doctor(const struct verb *verb, int argc, char **argv)
{
	bool deep = false;
	int c;

	while ((c = verb_option(verb, argc, argv)) != -1) {
		if (c != 'd')
			return EXIT_USAGE;
		deep = true;
	}
	check_kernel();
	check_places();
	check_lockdown();
	check_tracer();
	check_thp();
	check_limits();
	check_device();
	if (deep)
		doctor_deep();
	return doctor_end();
}
