// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope map: the address space of a process as a picture.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>
#include "aspace/aspace.h"
#include "base/proc.h"
#include "cmd/cmd.h"
#include "cmd/map_kept.h"
#include "map/snapshot.h"
#include "record/record.h"
#include "session/session.h"
#include "term/print.h"
#include "term/verb.h"
#include "tracer/tracer.h"

/* Why two VMAs do not merge: all that is known of them is needed for it. */
static const __u64 needed[RECORD_SET] = {
	[RECORD_APART / 64] = 1ULL << RECORD_APART % 64,
};

#define TRIES	20	/* to find what /proc and the kernel's programs tell the same */
#define POLL_MS	50
#define NARROW	10	/* columns of a strip on 80 columns */

static void drain(void)
{
	while (probe_next())
		;
}

static const struct area *area_for(const struct space *space, const struct atlas_vma *vma)
{
	const struct area *area = space ? space_at(space, vma->start) : NULL;

	return area && area->start == vma->start && area->end == vma->end ? area : NULL;
}

/* Find for each VMA of /proc the tracer's VMA of the same range. Return: was one found for each? */
static bool compare(struct atlas *atlas)
{
	const struct space *space;
	bool all = true;

	drain();
	space = space_of_process(atlas->pid);
	for (size_t i = 0; i < atlas->nr; i++) {
		atlas->vmas[i].area = area_for(space, &atlas->vmas[i]);
		all &= !!atlas->vmas[i].area;
	}
	return all;
}

static int complain(pid_t pid, int error)
{
	char who[32];

	snprintf(who, sizeof(who), "pid %d", pid);
	if (error == -ESRCH && proc_kthread(pid))
		return report_fail(EXIT_ENVIRONMENT, who, "a kernel thread has no memory",
				   "choose a process");
	if (error == -ESRCH)
		return report_fail(EXIT_ENVIRONMENT, who, "no such process", "it has ended");
	if (error == -EACCES || error == -EPERM)
		return report_fail(EXIT_ENVIRONMENT, who, "not permitted",
				   "another's process needs CAP_SYS_PTRACE: be root");
	return report_fail(EXIT_ENVIRONMENT, who, strerror(-error), NULL);
}

/* A running process changes while it is read: read again until /proc and the tracer agree. */
static int look(struct atlas *atlas, bool follow)
{
	int error = 0;

	for (unsigned int i = 0; i < TRIES && !error; i++) {
		if (i && !follow)
			probe_attach_again(atlas->pid);
		error = atlas_look(atlas);
		if (error || !atlas->probed || compare(atlas))
			break;
	}
	return error;
}

static int show(struct atlas *atlas, bool follow)
{
	int error = look(atlas, follow);

	if (error)
		return complain(atlas->pid, error);
	if (report_json)
		atlas_print_json(atlas);
	else
		atlas_print(atlas);
	atlas_free(atlas);
	return atlas->probed && probe_lost() ? EXIT_LOST : EXIT_HELD;
}

/* Say what is not shown without the rights for BPF programs. */
static void tell_missing(const struct atlas *atlas, int error)
{
	bool rights = error == -EPERM || error == -EACCES;

	report_message("not shown: who implements a VMA%s (%s)",
		       atlas->why ? ", and some reasons why two do not merge" : "",
		       rights ? "be root, or have CAP_BPF and CAP_PERFMON" :
				"BPF programs cannot watch this kernel: mmscope doctor");
}

/* Let time pass, and take what is told meanwhile. */
static void wait_until(__u64 until)
{
	struct pollfd fd = { .fd = probe_fd(), .events = POLLIN };

	while (time_now() < until) {
		poll(&fd, 1, POLL_MS);
		drain();
	}
}

static int map_pid(struct atlas *atlas, unsigned long seconds)
{
	int error = atlas_may_look(atlas->pid), code;

	if (error)
		return complain(atlas->pid, error);
	error = probe_open(seconds ? PROBE_FOLLOW : PROBE_LOOK);
	if (!error)
		error = probe_attach(atlas->pid);
	atlas->probed = !error;
	if (atlas->probed && seconds)
		wait_until(time_now() + seconds * 1000000000ULL);
	code = show(atlas, seconds);
	if (!atlas->probed && !code)
		tell_missing(atlas, error);
	probe_close();
	return code;
}

static int seize(struct watch *watch)
{
	if (!ptrace(PTRACE_SEIZE, watch->pid, 0, PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL))
		return 0;
	return report_fail(EXIT_ENVIRONMENT, "ptrace", strerror(errno),
			   "may this user trace processes?");
}

/*
 * The first thread of the command has stopped. Return: true if it is about to end; else it goes on.
 */
static bool is_end(pid_t pid, int status)
{
	int sig = WSTOPSIG(status), event = status >> 16;

	if (event == PTRACE_EVENT_EXIT)
		return true;
	if (event == PTRACE_EVENT_STOP && sig != SIGTRAP)
		ptrace(PTRACE_LISTEN, pid, 0, 0);
	else
		ptrace(PTRACE_CONT, pid, 0, event ? 0 : sig);
	return false;
}

/* Wait until the command ends. Return: true if it has stopped before its memory is freed. */
static bool run_to_end(const struct watch *watch)
{
	int status;
	pid_t pid;

	for (;;) {
		pid = waitpid(watch->pid, &status, WNOHANG | __WALL);
		if (pid > 0 && !WIFSTOPPED(status))
			return false;
		if (pid > 0 && is_end(pid, status))
			return true;
		if (!pid && watch->probe)
			wait_until(time_now() + POLL_MS * 1000000ULL);
		else if (!pid)
			usleep(POLL_MS * 1000);
	}
}

static int map_command(struct atlas *atlas, char **argv)
{
	struct watch watch = { .sources = WATCH_PROBE_IF, .before = seize };
	int code = watch_command(&watch, argv);

	if (code)
		return code;
	atlas->pid = watch.pid;
	atlas->probed = watch.probe;
	if (!run_to_end(&watch))
		return complain(watch.pid, -ESRCH);
	code = show(atlas, true);
	if (!atlas->probed && !code)
		tell_missing(atlas, -EPERM);
	ptrace(PTRACE_DETACH, watch.pid, 0, 0);
	return code;
}

static int begin(struct atlas *atlas, const struct verb *verb, char **argv, unsigned long seconds)
{
	bool command = !strcmp(argv[-1], "--");
	char *end;

	if (!argv[0])
		return verb_usage(verb, "map", "of which process?");
	if (command && seconds)
		return verb_usage(verb, "--for", "a command is watched to its end");
	if (command)
		return map_command(atlas, argv);
	if (argv[1])
		return verb_usage(verb, argv[1], "one process at a time, or -- before a command");
	atlas->pid = strtol(argv[0], &end, 10);
	if (!strcmp(argv[0], "self"))
		atlas->pid = getpid();
	else if (*end || atlas->pid <= 0)
		return verb_usage(verb, argv[0], "no process id");
	return map_pid(atlas, seconds);
}

static int take_seconds(const struct verb *verb, unsigned long *seconds)
{
	char *end;

	*seconds = strtoul(optarg, &end, 10);
	if (*end || !*seconds || *seconds > 1000000)
		return verb_usage(verb, optarg, "no number of seconds");
	return 0;
}

/* The words of a command: all behind the first "--". getopt(3) moves other words there, too. */
static int command_words(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--"))
			return argc - i - 1;
	return argc;
}

/**
 * cmd_map - the verb
 * @verb: its row
 * @argc: words
 * @argv: words
 */
int cmd_map(const struct verb *verb, int argc, char **argv)
{
	unsigned int columns = report_columns();
	struct atlas atlas = { .width = NARROW };
	unsigned long seconds = 0;
	const char *input = NULL, *at = NULL;
	int words = command_words(argc, argv);
	int c, code = 0;

	probe_types(needed);
	while (!code && (c = verb_option(verb, argc, argv)) != -1) {
		if (c == 'w')
			atlas.why = true;
		else if (c == 'i')
			input = optarg;
		else if (c == 'a')
			at = optarg;
		else
			code = c == 'f' ? take_seconds(verb, &seconds) : EXIT_USAGE;
	}
	if (code)
		return code;
	if (argc - optind > words)
		return verb_usage(verb, argv[optind], "a process or a command, not both");
	if ((at && !input) || (seconds && input))
		return verb_usage(verb, at ? "--at" : "--for",
				  at ? "it is for a recording: --input" : "not for a recording");
	if (report_limited() && columns > 80)
		atlas.width += (columns - 80) / 4;
	if (atlas.width > ATLAS_STRIP)
		atlas.width = ATLAS_STRIP;
	if (input)
		return map_kept(&atlas, verb, input, at, argv + optind);
	return begin(&atlas, verb, argv + optind, seconds);
}
