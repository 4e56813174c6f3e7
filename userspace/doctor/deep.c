// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope doctor --deep: a function that a program is attached to may be there, and no longer be
 * what the kernel calls. So each program has something done that it tells of, and the kernel,
 * which counts the calls of programs (bpf_enable_stats), must have called it.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "doctor/doctor.h"
#include "doctor/trials.h"
#include "tracer/programs.h"
#include "tracer/tracer.h"

#define MAX_SECONDS	60	/* that a trial may take: some wait for the kernel's threads */
#define MAX_ATTACHED	192

/**
 * struct attached - a program that runs
 * @name: of it
 * @fd: of it
 * @before: how often it had been called before the trial
 * @named: a trial knows it
 */
static struct attached {
	const char *name;
	int fd;
	__u64 before;
	bool named;
} attached[MAX_ATTACHED];
static size_t nr_attached;

/* How often the kernel has called a program since it counts. */
static __u64 calls_of(int fd)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &size) ? 0 : info.run_cnt;
}

static void add(const char *name, int fd)
{
	if (nr_attached < MAX_ATTACHED)
		attached[nr_attached++] = (struct attached){ .name = name, .fd = fd };
}

static struct attached *find(const char *name, size_t length)
{
	for (size_t i = 0; i < nr_attached; i++)
		if (strlen(attached[i].name) == length &&
		    !memcmp(attached[i].name, name, length))
			return &attached[i];
	return NULL;
}

/* In a process of its own: 0, the errno with which it failed, or EINTR if it was killed. */
static int run(const struct trial *trial)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		alarm(MAX_SECONDS);
		_exit(-trial->run());
	}
	if (pid < 0)
		return errno;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

/**
 * struct outcome - what became of the programs of a trial
 * @called: names of those that were
 * @missed: names of those that were not, though one of them had to be
 */
struct outcome {
	char called[120];
	char missed[120];
};

static void list(char *names, size_t size, const char *name, size_t length)
{
	size_t used = strlen(names);

	snprintf(names + used, size - used, "%s%.*s", used ? ", " : "", (int)length, name);
}

/*
 * Judge one group of programs: it is enough if one of @names was called. On a kernel that has no
 * place for any of them none is attached.
 */
static void judge_one(const char *names, struct outcome *outcome)
{
	const struct attached *idle = NULL;
	bool called = false;
	size_t length;

	for (const char *at = names; *at; at += length + strspn(at + length, " ")) {
		struct attached *program;

		length = strcspn(at, " ");
		program = find(at, length);
		if (!program)
			continue;
		program->named = true;
		if (calls_of(program->fd) == program->before) {
			idle = program;
			continue;
		}
		called = true;
		list(outcome->called, sizeof(outcome->called), at, length);
	}
	if (!called && idle)
		list(outcome->missed, sizeof(outcome->missed), idle->name, strlen(idle->name));
}

static const char *why_not(const struct trial *trial, int error)
{
	if (trial->needs)
		return trial->needs;
	return error == EINTR ? "it was killed" : strerror(error);
}

static void tell(const struct trial *trial, const struct outcome *outcome, int error)
{
	if (outcome->called[0])
		doctor_find(FOUND_GOOD, NULL, "%s: %s", trial->what, outcome->called);
	if (!outcome->missed[0])
		return;
	if (!trial->run)
		doctor_find(FOUND_WARNING, trial->maybe, "%s: not tried: %s", trial->what,
			    outcome->missed);
	else if (error)
		doctor_find(FOUND_WARNING, why_not(trial, error), "%s: cannot be done here: %s",
			    trial->what, outcome->missed);
	else if (trial->maybe)
		doctor_find(FOUND_WARNING, trial->maybe, "%s: not called: %s", trial->what,
			    outcome->missed);
	else
		doctor_find(FOUND_BAD, "this kernel has moved what it watches: not all is told",
			    "%s: not called: %s", trial->what, outcome->missed);
}

static void try_one(const struct trial *trial)
{
	struct outcome outcome = { 0 };
	int error = 0;

	for (size_t i = 0; i < nr_attached; i++)
		attached[i].before = calls_of(attached[i].fd);
	if (trial->run)
		error = run(trial);
	for (size_t i = 0; i < TRIAL_PROGRAMS && trial->programs[i]; i++)
		judge_one(trial->programs[i], &outcome);
	tell(trial, &outcome, error);
}

/*
 * In this mode only programs with this prefix replace others, which were tried before: try the
 * first trial that has one of them.
 */
static void try_new(const char *prefix)
{
	for (size_t i = 0; i < nr_trials; i++)
		for (size_t j = 0; j < TRIAL_PROGRAMS && trials[i].programs[j]; j++)
			if (strstr(trials[i].programs[j], prefix)) {
				try_one(&trials[i]);
				return;
			}
}

/*
 * Load the tracer in a mode and try its programs: those with the prefix @only in their names, or
 * all if that is NULL.
 */
static void try_with(enum fault_mode mode, const char *only)
{
	const __u64 faults[RECORD_SET] = { 1ULL << MMSCOPE_FAULT };
	const char *todo;
	int error;

	nr_attached = 0;
	tracer_faults(mode);
	if (only)
		tracer_types(faults);
	tracer_failures();
	error = tracer_open(TRACER_TRY);
	if (error) {
		doctor_find(FOUND_BAD, NULL, "%s", tracer_reason(error, &todo));
		return;
	}
	programs_each(add);
	if (only)
		try_new(only);
	for (size_t i = 0; !only && i < nr_trials; i++)
		try_one(&trials[i]);
	for (size_t i = 0; !only && i < nr_attached; i++)
		if (!attached[i].named)
			doctor_find(FOUND_BAD, NULL, "%s: nothing is known to call it",
				    attached[i].name);
	tracer_close();
}

/**
 * doctor_deep - find out whether the kernel calls each program that watches it
 */
void doctor_deep(void)
{
	int counting = bpf_enable_stats(BPF_STATS_RUN_TIME);

	if (counting < 0) {
		doctor_find(FOUND_WARNING, "it takes CAP_SYS_ADMIN to have the kernel count calls",
			    "whether each program is called: not tried");
		return;
	}
	try_with(FAULTS_TOLD, NULL);
	try_with(FAULTS_TIMED, "fault_timed");
	try_with(FAULTS_COUNTED, "fault_counted");
	close(counting);
}
