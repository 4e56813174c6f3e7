// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope metrics: numbers of a host, or of a recording, in the format of Prometheus.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "base/proc.h"
#include "cmd/cmd.h"
#include "scrape/counters.h"
#include "scrape/exposition.h"
#include "scrape/families.h"
#include "scrape/server.h"
#include "scrape/textfile.h"
#include "session/kept.h"
#include "session/session.h"
#include "term/print.h"
#include "term/verb.h"
#include "tracer/again.h"
#include "tracer/shortage.h"
#include "tracer/tracer.h"

#define SECOND_NS	1000000000ULL
#define USUAL_S		15	/* default of --interval */

const struct verb_option metrics_options[] = {
	{ 'l', "listen", "ADDR:PORT", "answer by HTTP (/metrics); a port alone is 127.0.0.1's" },
	{ 't', "textfile", "FILE", "replace this file, for node_exporter: DIR/mmscope.prom" },
	{ 'n', "interval", "SECONDS", "as often as that (15)" },
	{ 'f', "for", "SECONDS", "end after that" },
	{ 'i', "input", "FILE", "of what was recorded; - is standard input" },
	{ 'b', "buffer", "KIB", "room for records that are not yet read (16384)" },
	PID, ALL, USER, CGROUP, COMM, GRACE,
	{ 0 }
};

/* The types of records that the counters use. */
static const __u64 needed[RECORD_SET] = {
	1ULL << MMSCOPE_FAULT | 1ULL << MMSCOPE_UNMAP,
	1ULL << (RECORD_RSS - 64) | 1ULL << (RECORD_FAILED - 64) | 1ULL << (RECORD_ADVISE - 64),
};

/**
 * struct metrics - the command line, and the state of a run
 * @session: the session whose records are counted
 * @listen: address and port of the HTTP server, or NULL
 * @textfile: file that is replaced at each interval, or NULL
 * @interval_s: seconds of an interval; 0: the default
 * @for_s: seconds to watch; 0: until a signal ends the session
 * @of: facts that the text tells beside the counters
 * @began_ns: time at which the sources of records were open
 * @written_ns: time at which the textfile was written last
 * @error: -errno of the last try to write the textfile, 0 for none
 * @over: tick() has asked the session to end, because @for_s is over
 */
static struct metrics {
	struct session session;
	const char *listen;
	const char *textfile;
	unsigned long interval_s;
	unsigned long for_s;
	struct scraped of;
	__u64 began_ns;
	__u64 written_ns;
	int error;
	bool over;
} metrics;

static void each(const struct mmscope_event *e, void *arg)
{
	counters_event(e);
}

static char *text_now(size_t *n)
{
	return families_text(&metrics.of, n);
}

/* Write the textfile. An error is told once and tried again: a full disk may have room later. */
static void write_textfile(void)
{
	int before = metrics.error;
	size_t n;
	char *text = text_now(&n);

	metrics.error = textfile_write(metrics.textfile, text, n);
	free(text);
	if (metrics.error && !before)
		report_message("metrics: %s: %s", metrics.textfile, strerror(-metrics.error));
}

static void tick(struct session *session)
{
	__u64 now = time_now();

	server_run();
	if (metrics.textfile && now - metrics.written_ns >= metrics.interval_s * SECOND_NS) {
		metrics.written_ns = now;
		write_textfile();
	}
	if (!metrics.for_s || metrics.over || now - metrics.began_ns < metrics.for_s * SECOND_NS)
		return;
		/*
		 * End as by a signal of a user: records told until now are counted, later ones not.
		 */
	metrics.over = true;
	kill(getpid(), SIGTERM);
}

static int begun(struct session *session)
{
	metrics.began_ns = time_now();
	return 0;
}

static int take_number(const struct verb *verb, unsigned long *number)
{
	char *end;

	*number = strtoul(optarg, &end, 10);
	return !*end && *number && *number <= 1000000 && *optarg != '-' ? 0 :
	       verb_usage(verb, optarg, "no number of seconds");
}

/* Take one option. Return: 0, or an exit code after a message. */
static int take_option(const struct verb *verb, int c)
{
	if (strchr(WHOM_LETTERS, c))
		return whom_option(&metrics.session.whom, verb, c, optarg);
	switch (c) {
	case 'i':
		metrics.session.input = optarg;
		return 0;
	case 'l':
		metrics.listen = optarg;
		return 0;
	case 't':
		metrics.textfile = optarg;
		return 0;
	case 'n':
		return take_number(verb, &metrics.interval_s);
	case 'f':
		return take_number(verb, &metrics.for_s);
	case 'b':
		return !tracer_buffer(optarg) ? 0 :
		       verb_usage(verb, optarg, "no size in KiB from 16 to 1048576");
	default:
		return EXIT_USAGE;
	}
}

/* Check whether the options fit together. Return: 0, or an exit code after a message. */
static int check(const struct verb *verb, bool command)
{
	if (metrics.interval_s && !metrics.textfile)
		return verb_usage(verb, "--interval", "it is for a file: --textfile");
	if (metrics.interval_s && metrics.session.input)
		return verb_usage(verb, "--interval", "of a recording the file is written once");
	if (metrics.for_s && (command || metrics.session.input))
		return verb_usage(verb, "--for", "a command or a recording is read to its end");
	if (report_json && (metrics.listen || metrics.textfile))
		return verb_usage(verb, "--json", "it is for what is printed");
	return 0;
}

/* Open the outputs first: if one cannot be used, the user learns it before anything is watched. */
static int open_ways_out(void)
{
	int error = metrics.textfile ? textfile_check(metrics.textfile) : 0;

	if (error)
		return report_fail(EXIT_ENVIRONMENT, metrics.textfile, strerror(-error),
				   "--textfile names a file in a folder that is there");
	return metrics.listen ? server_open(metrics.listen, text_now) : 0;
}

static void say_whose(void)
{
	struct utsname uts;

	metrics.of.live = !metrics.session.input;
	if (metrics.session.input) {
		slices_past();
		kept_kernel(metrics.of.kernel, sizeof(metrics.of.kernel));
	} else if (!uname(&uts)) {
		snprintf(metrics.of.kernel, sizeof(metrics.of.kernel), "%s", uts.release);
	}
}

static int begin(const struct verb *verb, char **argv)
{
	struct session *session = &metrics.session;
	static int fd;
	int code;

	tracer_faults(FAULTS_TOLD);
	tracer_types(needed);
	tracer_failures();
	session->sources = SESSION_TRACER;
	session->each = each;
	session->begun = begun;
	session->tick = tick;
	code = open_ways_out();
	if (code)
		return code;
	fd = server_fd();
	session->wakes = &fd;
	code = session_begin(session, verb, NULL, argv);
	if (!code)
		say_whose();
	return code;
}

/* Add up what was lost, and tell it. Return: was anything lost? */
static bool lacks_anything(void)
{
	metrics.of.over = true;
	if (metrics.session.input)
		kept_close();
	shortage_add("unshown", metrics.session.unshown);
	if (metrics.session.tracer) {
		shortage_add("records", tracer_lost());
		shortage_add("faults", tracer_unseen(0));
		shortage_add("skipped", tracer_skipped());
		shortage_add("processes", tracer_refused());
		shortage_add("again", again_missed());
	}
	return shortage_tell("metrics", false);
}

static void print_metrics(void)
{
	struct exposition as_json = { 0 };
	size_t n;
	char *text;

	if (report_json) {
		families_write(&as_json, &metrics.of);
		return;
	}
	text = text_now(&n);
	report_verbatim(text, n - 1);
	free(text);
}

static int finish(void)
{
	bool lacks = lacks_anything();

	if (metrics.textfile)
		write_textfile();
	if (metrics.listen && metrics.session.input)
		server_wait();
	server_close();
	if (!metrics.textfile && !metrics.listen)
		print_metrics();
	if (metrics.error)
		return EXIT_ENVIRONMENT;
	return lacks ? EXIT_LOST : EXIT_HELD;
}

/**
 * cmd_metrics - run the verb metrics
 * @verb: row of the verb in the table of cmd/main.c
 * @argc: number of words
 * @argv: the words of the command line, the verb itself first
 *
 * Return: an exit code
 */
int cmd_metrics(const struct verb *verb, int argc, char **argv)
{
	struct whom *whom = &metrics.session.whom;
	int c, code = 0;
	bool command;

	while (!code && (c = verb_option(verb, argc, argv)) != -1)
		code = take_option(verb, c);
	if (code)
		return code;
	command = argv[optind];
	code = check(verb, command);
	/* Without a command, a recording or named processes, the metrics are of all processes. */
	if (!code && !command && !metrics.session.input && !whom_any(whom))
		code = whom_option(whom, verb, 'a', NULL);
	if (!metrics.interval_s)
		metrics.interval_s = USUAL_S;
	if (!code)
		code = begin(verb, argv + optind);
	if (code)
		return code;
	session_run(&metrics.session);
	code = finish();
	if (!whom_any(whom))
		session_verdict(&metrics.session, argv[optind]);
	return code;
}
