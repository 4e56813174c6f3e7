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

#define TRIES	20	/* how often /proc and the tracer are read until they agree */
#define POLL_MS	50
#define NARROW	10	/* columns of a strip on 80 columns */

static void drain(void)
{
	while (tracer_next())
		;
}

static const struct vma *vma_for(const struct mm *mm, const struct snapshot_vma *vma)
{
	const struct vma *from = mm ? mm_at(mm, vma->start) : NULL;

	return from && from->start == vma->start && from->end == vma->end ? from : NULL;
}

/* Find for each VMA of /proc the tracer's VMA of the same range. Return: was one found for each? */
static bool compare(struct snapshot *snapshot)
{
	const struct mm *mm;
	bool all = true;

	drain();
	mm = mm_of_process(snapshot->pid);
	for (size_t i = 0; i < snapshot->nr; i++) {
		snapshot->vmas[i].vma = vma_for(mm, &snapshot->vmas[i]);
		all &= !!snapshot->vmas[i].vma;
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
static int look(struct snapshot *snapshot, bool follow)
{
	int error = 0;

	for (unsigned int i = 0; i < TRIES && !error; i++) {
		if (i && !follow)
			tracer_attach_again(snapshot->pid);
		error = snapshot_look(snapshot);
		if (error || !snapshot->probed || compare(snapshot))
			break;
	}
	return error;
}

static int show(struct snapshot *snapshot, bool follow)
{
	int error = look(snapshot, follow);

	if (error)
		return complain(snapshot->pid, error);
	if (report_json)
		snapshot_print_json(snapshot);
	else
		snapshot_print(snapshot);
	snapshot_free(snapshot);
	return snapshot->probed && tracer_lost() ? EXIT_LOST : EXIT_HELD;
}

/* Say what is not shown without the rights for BPF programs. */
static void tell_missing(const struct snapshot *snapshot, int error)
{
	bool rights = error == -EPERM || error == -EACCES;

	report_message("not shown: who implements a VMA%s (%s)",
		       snapshot->why ? ", and some reasons why two do not merge" : "",
		       rights ? "be root, or have CAP_BPF and CAP_PERFMON" :
				"BPF programs cannot watch this kernel: mmscope doctor");
}

/* Let time pass, and take what is told meanwhile. */
static void wait_until(__u64 until)
{
	struct pollfd fd = { .fd = tracer_fd(), .events = POLLIN };

	while (time_now() < until) {
		poll(&fd, 1, POLL_MS);
		drain();
	}
}

static int map_pid(struct snapshot *snapshot, unsigned long seconds)
{
	int error = snapshot_may_look(snapshot->pid), code;

	if (error)
		return complain(snapshot->pid, error);
	error = tracer_open(seconds ? TRACER_FOLLOW : TRACER_LOOK);
	if (!error)
		error = tracer_attach(snapshot->pid);
	snapshot->probed = !error;
	if (snapshot->probed && seconds)
		wait_until(time_now() + seconds * 1000000000ULL);
	code = show(snapshot, seconds);
	if (!snapshot->probed && !code)
		tell_missing(snapshot, error);
	tracer_close();
	return code;
}

static int seize(struct session *session)
{
	if (!ptrace(PTRACE_SEIZE, session->pid, 0, PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL))
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
static bool run_to_end(const struct session *session)
{
	int status;
	pid_t pid;

	for (;;) {
		pid = waitpid(session->pid, &status, WNOHANG | __WALL);
		if (pid > 0 && !WIFSTOPPED(status))
			return false;
		if (pid > 0 && is_end(pid, status))
			return true;
		if (!pid && session->tracer)
			wait_until(time_now() + POLL_MS * 1000000ULL);
		else if (!pid)
			usleep(POLL_MS * 1000);
	}
}

static int map_command(struct snapshot *snapshot, char **argv)
{
	struct session session = { .sources = SESSION_TRACER_IF, .before = seize };
	int code = session_command(&session, argv);

	if (code)
		return code;
	snapshot->pid = session.pid;
	snapshot->probed = session.tracer;
	if (!run_to_end(&session))
		return complain(session.pid, -ESRCH);
	code = show(snapshot, true);
	if (!snapshot->probed && !code)
		tell_missing(snapshot, -EPERM);
	ptrace(PTRACE_DETACH, session.pid, 0, 0);
	return code;
}

static int begin(struct snapshot *snapshot, const struct verb *verb, char **argv,
		 unsigned long seconds)
{
	bool command = !strcmp(argv[-1], "--");
	char *end;

	if (!argv[0])
		return verb_usage(verb, "map", "of which process?");
	if (command && seconds)
		return verb_usage(verb, "--for", "a command is watched to its end");
	if (command)
		return map_command(snapshot, argv);
	if (argv[1])
		return verb_usage(verb, argv[1], "one process at a time, or -- before a command");
	snapshot->pid = strtol(argv[0], &end, 10);
	if (!strcmp(argv[0], "self"))
		snapshot->pid = getpid();
	else if (*end || snapshot->pid <= 0)
		return verb_usage(verb, argv[0], "no process id");
	return map_pid(snapshot, seconds);
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
 * cmd_map - run the verb map
 * @verb: row of the verb in the table of cmd/main.c
 * @argc: number of words
 * @argv: the words of the command line, the verb itself first
 *
 * Return: an exit code
 */
int cmd_map(const struct verb *verb, int argc, char **argv)
{
	unsigned int columns = report_columns();
	struct snapshot snapshot = { .width = NARROW };
	unsigned long seconds = 0;
	const char *input = NULL, *at = NULL;
	int words = command_words(argc, argv);
	int c, code = 0;

	tracer_types(needed);
	while (!code && (c = verb_option(verb, argc, argv)) != -1) {
		if (c == 'w')
			snapshot.why = true;
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
		snapshot.width += (columns - 80) / 4;
	if (snapshot.width > ATLAS_STRIP)
		snapshot.width = ATLAS_STRIP;
	if (input)
		return map_kept(&snapshot, verb, input, at, argv + optind);
	return begin(&snapshot, verb, argv + optind, seconds);
}
