// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope reduce: removes steps of a reproducer as long as a test of it still succeeds. The test is
 * a command of the user, which is run with each candidate in a folder of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/proc.h"
#include "cmd/cmd.h"
#include "reproduce/reduction.h"
#include "term/print.h"
#include "term/verb.h"

#define NS	1000000000ULL

/**
 * struct reduce - what is to be reduced, and how
 * @input: name of the program
 * @output: name of the file that gets the smallest program so far
 * @new: name under which that file is written, before it replaces @output
 * @test: the user's test, a command for sh -c
 * @limit: seconds that a test may take
 * @folder: folder in which the test runs
 * @candidate: name of the program that the test is to try
 * @reduction: the program and its steps
 * @whole: how many steps the program had at first
 * @error: -errno of writing a file or making the folder, 0 for none
 * @slow: how many tests took longer than @limit
 */
struct reduce {
	const char *input;
	char output[4096];
	char new[4112];
	const char *test;
	unsigned long limit;
	char folder[4096];
	char candidate[4112];
	struct reduction reduction;
	size_t whole;
	int error;
	size_t slow;
};

static volatile sig_atomic_t interrupted;

static void interrupt(int sig)
{
	interrupted = sig;
}

static int remove_one(const char *path, const struct stat *is, int kind, struct FTW *where)
{
	return remove(path);
}

/* Remove what a test has left in its folder, so that the next test finds it empty. */
static bool clear_folder(const struct reduce *reduce)
{
	nftw(reduce->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return !mkdir(reduce->folder, 0700);
}

static void run_test(const struct reduce *reduce, bool aloud)
{
	int null = open("/dev/null", O_RDWR);

	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	dup2(null, 0);
	dup2(aloud ? 2 : null, 1);
	if (!aloud)
		dup2(null, 2);
	if (chdir(reduce->folder))
		_exit(126);
	setenv("REPRO", reduce->candidate, 1);
	execl("/bin/sh", "sh", "-c", reduce->test, "sh", reduce->candidate, (char *)NULL);
	_exit(127);
}

/* Wait until a test ends, its time is over, or a signal interrupts. Return: has the test ended? */
static bool wait_for(struct reduce *reduce, pid_t pid)
{
	struct pollfd fd = { .fd = syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
	__u64 until = time_now() + reduce->limit * NS, now;
	int n = 0;

	for (now = time_now(); !interrupted && now < until && !n; now = time_now()) {
		n = poll(&fd, 1, (until - now) / 1000000 < 100 ? (until - now) / 1000000 + 1 : 100);
		if (n < 0)
			n = 0;
	}
	close(fd.fd);
	if (!n && !interrupted)
		reduce->slow++;
	return n;
}

/* Run the test of the candidate. Return: does it succeed? */
static bool succeeds(struct reduce *reduce, bool aloud)
{
	pid_t pid = fork();
	int status = 0;
	bool ended;

	if (pid < 0)
		return false;
	if (!pid)
		run_test(reduce, aloud);
	setpgid(pid, pid);
	ended = wait_for(reduce, pid);
	/* Kill the test, if it still runs, and the processes that it has left behind. */
	kill(-pid, SIGKILL);
	waitpid(pid, &status, 0);
	return ended && WIFEXITED(status) && !WEXITSTATUS(status);
}

/* Write the best program so far; by rename(2), so that the output is complete at all times. */
static bool keep(struct reduce *reduce)
{
	int error = reduction_write(&reduce->reduction, reduce->new);

	if (!error && rename(reduce->new, reduce->output))
		error = -errno;
	reduce->error = error;
	return !error;
}

static enum reduction_verdict test(struct reduction *reduction, void *arg)
{
	struct reduce *reduce = arg;

	report_notice("%zu of %zu steps, test %zu: without %zu more", reduction->nr,
		      reduce->whole, reduction->tests, reduction->nr - reduction->nr_trial);
	if (!clear_folder(reduce))
		reduce->error = -errno;
	else
		reduce->error = reduction_write(reduction, reduce->candidate);
	if (interrupted || reduce->error)
		return REDUCTION_STOP;
	if (!succeeds(reduce, false))
		return interrupted ? REDUCTION_STOP : REDUCTION_BAD;
	return keep(reduce) ? REDUCTION_GOOD : REDUCTION_STOP;
}

/* The whole program must pass the test: else no smaller one can, and nothing can be learned. */
static int test_whole(struct reduce *reduce)
{
	struct reduction *reduction = &reduce->reduction;

	memcpy(reduction->trial, reduction->steps, reduction->nr * sizeof(size_t));
	reduction->nr_trial = reduction->nr;
	reduce->error = clear_folder(reduce) ? reduction_write(reduction, reduce->candidate) :
					       -errno;
	if (reduce->error)
		return report_fail(EXIT_ENVIRONMENT, reduce->folder, strerror(-reduce->error),
				   "is there space? TMPDIR names another folder");
	report_notice("testing the whole: %zu steps", reduction->nr);
	if (succeeds(reduce, true))
		return 0;
	if (interrupted)
		return EXIT_SKIPPED;
	return report_fail(EXIT_BROKEN, reduce->input,
			   reduce->slow ? "the test of the whole program takes too long" :
			   "the test fails for the whole program",
			   reduce->slow ? "--limit gives it more time" :
			   "it has to succeed there; the program's path is $REPRO");
}

static int load(struct reduce *reduce)
{
	int error = reduction_load(&reduce->reduction, reduce->input);

	if (error == -ENOMSG || error == -EILSEQ)
		return report_fail(EXIT_USAGE, reduce->input, "no program by mmscope reproduce",
				   "or one without steps: it has a line that marks them");
	if (error)
		return report_fail(EXIT_ENVIRONMENT, reduce->input, strerror(-error),
				   "a program by mmscope reproduce is wanted");
	reduce->whole = reduce->reduction.nr;
	return 0;
}

static int make_folder(struct reduce *reduce)
{
	const char *where = getenv("TMPDIR");

	snprintf(reduce->folder, sizeof(reduce->folder), "%s/mmscope-reduce-XXXXXX",
		 where && *where ? where : "/tmp");
	if (!mkdtemp(reduce->folder))
		return report_fail(EXIT_ENVIRONMENT, reduce->folder, strerror(errno),
				   "TMPDIR names another folder");
	snprintf(reduce->candidate, sizeof(reduce->candidate), "%.4000s/repro.c", reduce->folder);
	return 0;
}

static void report_result(const struct reduce *reduce, bool complete)
{
	const struct reduction *reduction = &reduce->reduction;
	struct json_object *o;

	if (!report_json) {
		report_line("%zu of %zu steps are left, after %zu tests: %s", reduction->nr,
			    reduce->whole, reduction->tests, reduce->output);
		if (reduce->slow)
			report_message("%zu tests took longer than %lu s, and have failed",
				       reduce->slow, reduce->limit);
		return;
	}
	o = report_object();
	json_object_object_add(o, "steps_before", json_object_new_uint64(reduce->whole));
	json_object_object_add(o, "steps", json_object_new_uint64(reduction->nr));
	json_object_object_add(o, "tests", json_object_new_uint64(reduction->tests));
	json_object_object_add(o, "slow", json_object_new_uint64(reduce->slow));
	json_object_object_add(o, "complete", json_object_new_boolean(complete));
	json_object_object_add(o, "output", json_object_new_string(reduce->output));
	report_object_print(o);
}

static int reduce_it(struct reduce *reduce)
{
	struct sigaction action = { .sa_handler = interrupt };
	bool complete;
	int code;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	code = test_whole(reduce);
	if (code)
		return code;
	if (!keep(reduce))
		return report_fail(EXIT_ENVIRONMENT, reduce->output, strerror(-reduce->error),
				   "--output names another file");
	complete = reduction_run(&reduce->reduction, test, reduce);
	if (reduce->error)
		return report_fail(EXIT_ENVIRONMENT, reduce->output, strerror(-reduce->error),
				   "what was written before is whole");
	report_result(reduce, complete);
	if (complete)
		return EXIT_HELD;
	report_message("interrupted: more might be removed");
	return EXIT_SKIPPED;
}

/* Choose the output's name: by default beside the program, and never the program itself. */
static int choose_output(const struct verb *verb, struct reduce *reduce, const char *output)
{
	size_t n = strlen(reduce->input);
	struct stat in, out;

	if (output && strlen(output) >= sizeof(reduce->output))
		return verb_usage(verb, "--output", "its name is too long");
	if (!output && n > 2 && !strcmp(reduce->input + n - 2, ".c"))
		n -= 2;
	if (output)
		snprintf(reduce->output, sizeof(reduce->output), "%s", output);
	else
		snprintf(reduce->output, sizeof(reduce->output), "%.*s.reduced.c", (int)n,
			 reduce->input);
	snprintf(reduce->new, sizeof(reduce->new), "%s.new", reduce->output);
	if (!stat(reduce->input, &in) && !stat(reduce->output, &out) && in.st_dev == out.st_dev &&
	    in.st_ino == out.st_ino)
		return verb_usage(verb, reduce->output, "this is the program itself");
	return 0;
}

static int parse(const struct verb *verb, struct reduce *reduce, int argc, char **argv)
{
	const char *output = NULL;
	char *end;
	int c;

	while ((c = verb_option(verb, argc, argv)) != -1) {
		switch (c) {
		case 't':
			reduce->test = optarg;
			break;
		case 'o':
			output = optarg;
			break;
		case 'l':
			reduce->limit = strtoul(optarg, &end, 10);
			if (*end || !reduce->limit || reduce->limit > 1000000)
				return verb_usage(verb, optarg, "no number of seconds");
			break;
		default:
			return EXIT_USAGE;
		}
	}
	reduce->input = argv[optind];
	if (!reduce->input)
		return verb_usage(verb, verb->name, "which program?");
	if (argv[optind + 1])
		return verb_usage(verb, argv[optind + 1], "one program at a time");
	if (!reduce->test)
		return verb_usage(verb, verb->name, "which test? --test COMMAND");
	return choose_output(verb, reduce, output);
}

/**
 * cmd_reduce - run the verb reduce
 * @verb: row of the verb in the table of cmd/main.c
 * @argc: number of words
 * @argv: the words of the command line, the verb itself first
 *
 * Return: an exit code
 */
int cmd_reduce(const struct verb *verb, int argc, char **argv)
{
	static struct reduce reduce = { .limit = 60 };
	int code = parse(verb, &reduce, argc, argv);

	if (!code)
		code = load(&reduce);
	if (!code)
		code = make_folder(&reduce);
	if (!code) {
		code = reduce_it(&reduce);
		nftw(reduce.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	}
	reduction_free(&reduce.reduction);
	return code;
}
