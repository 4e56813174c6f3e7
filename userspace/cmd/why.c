// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope why: answers a question instead of showing records: why RSS is high, who made all these
 * VMAs, what the faults were for, and what took their time.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "base/proc.h"
#include "cmd/cmd.h"
#include "record/record.h"
#include "session/kept.h"
#include "session/session.h"
#include "symbolize/symbol.h"
#include "term/print.h"
#include "term/verb.h"
#include "tracer/again.h"
#include "tracer/shortage.h"
#include "tracer/tracer.h"
#include "why/causes.h"

/**
 * struct why - the question
 * @session: the session that reads the records
 * @question: which question
 */
struct why {
	struct session session;
	enum question question;
};

static void each(const struct mmscope_event *e, void *arg)
{
	struct why *why = arg;
	bool skips = session_skips(&why->session, e);

	if (why->session.past)
		return;
	symbol_note(e);
	ledger_note(e, skips);
}

/*
 * Read RSS and swap of a living process from /proc, in KiB.
 * Return: false if smaps_rollup cannot be opened
 */
static bool smaps_now(__u32 pid, unsigned long *rss, unsigned long *swap)
{
	char path[64], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%u/smaps_rollup", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	*rss = 0;
	*swap = 0;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "Rss: %lu kB", rss) != 1)
			(void)!sscanf(line, "Swap: %lu kB", swap);
	}
	fclose(file);
	return true;
}

static void report_smaps(const struct ledger_mm *mm, unsigned long rss, unsigned long swap)
{
	unsigned long kib = proc_page_size() / 1024;
	struct json_object *o;
	__s64 told = ledger_pages(mm->at_end), more = (__s64)(rss / kib) - told;

	if (!report_json) {
		report_gap();
		report_line("smaps has %lu pages of RSS, %lu of swap; the records %lld, %lld: "
			    "remainder %lld, %lld", rss / kib, swap / kib, told,
			    mm->at_end[RAW_RSS_SWAP], more,
			    (__s64)(swap / kib) - mm->at_end[RAW_RSS_SWAP]);
		return;
	}
	o = report_object();
	json_object_object_add(o, "event", json_object_new_string("smaps"));
	json_object_object_add(o, "rss", json_object_new_int64(rss / kib));
	json_object_object_add(o, "swap", json_object_new_int64(swap / kib));
	json_object_object_add(o, "records_rss", json_object_new_int64(told));
	json_object_object_add(o, "records_swap",
			       json_object_new_int64(mm->at_end[RAW_RSS_SWAP]));
	json_object_object_add(o, "remainder", json_object_new_int64(more));
	report_object_print(o);
}

static bool finish_shortages(struct why *why)
{
	struct json_object *o;

	if (why->session.input)
		kept_close();
	shortage_add("unshown", why->session.unshown);
	shortage_add("records", tracer_lost());
	shortage_add("faults", tracer_unseen(0));
	shortage_add("skipped", tracer_skipped());
	shortage_add("processes", tracer_refused());
	shortage_add("again", again_missed());
	if (report_json) {
		o = report_object();
		json_object_object_add(o, "event", json_object_new_string("summary"));
		json_object_object_add(o, "short", shortage_json());
		report_object_print(o);
	}
	return shortage_tell("why", false);
}

static int finish(struct why *why)
{
	static struct answer answer;
	unsigned long rss, swap;
	bool smaps;

	answer_find(why->question, &answer);
	smaps = answer.mm && !answer.mm->ended && whom_any(&why->session.whom) &&
		smaps_now(answer.mm->tgid, &rss, &swap);
	report_answer(&answer, why->session.first);
	if (answer.mm) {
		report_evidence(&answer);
		if (smaps)
			report_smaps(answer.mm, rss, swap);
	}
	if (finish_shortages(why))
		return EXIT_LOST;
	return answer.unknown ? EXIT_SKIPPED : EXIT_HELD;
}

static int take_option(struct why *why, const struct verb *verb, int c)
{
	if (strchr(WHOM_LETTERS, c))
		return whom_option(&why->session.whom, verb, c, optarg);
	switch (c) {
	case 'i':
		why->session.input = optarg;
		return 0;
	case 'F':
	case 'T':
		return !session_slice(&why->session, c == 'T', optarg) ? 0 :
		       verb_usage(verb, optarg, "no time in seconds: 1.5");
	case 'b':
		return !tracer_buffer(optarg) ? 0 :
		       verb_usage(verb, optarg, "no size in KiB from 16 to 1048576");
	default:
		return EXIT_USAGE;
	}
}

/* Take the question, which is the first word; a command follows "--". */
static int take_question(struct why *why, const struct verb *verb, const char *word)
{
	int question = word ? question_of(word) : -1;

	if (!word || !strcmp(word, "--"))
		return verb_usage(verb, verb->name, "which question? rss, vmas, faults or slow");
	if (question < 0)
		return verb_usage(verb, word, "no question: there are rss, vmas, faults and slow");
	why->question = question;
	return 0;
}

static int begin(struct why *why, const struct verb *verb, char **argv)
{
	int code;

	if (session_slices(&why->session) && !why->session.input)
		return verb_usage(verb, "--from", "it is for a recording: --input");
	if (why->session.to && why->session.to <= why->session.from)
		return verb_usage(verb, "--to", "is not behind --from");
	why->session.arg = why;
	if (!why->session.input) {
		tracer_failures();
		vmas_live();
	}
	code = session_begin(&why->session, verb, NULL, argv);
	if (!code && why->session.input && kept_stacks())
		sites_with_stacks();
	return code;
}

/**
 * cmd_why - run the verb why
 * @verb: row of the verb in the table of cmd/main.c
 * @argc: number of words
 * @argv: the words of the command line, the verb itself first
 *
 * Return: an exit code
 */
int cmd_why(const struct verb *verb, int argc, char **argv)
{
	static struct why why = { .session = { .sources = SESSION_TRACER, .each = each } };
	bool asked = argc > 1 && argv[1][0] != '-';
	int c, code = 0;

	if (asked) {
		code = take_question(&why, verb, argv[1]);
		argv++;
		argc--;
	}
	while (!code && (c = verb_option(verb, argc, argv)) != -1)
		code = take_option(&why, verb, c);
	if (!code && !asked)
		code = take_question(&why, verb, NULL);
	if (!code)
		code = begin(&why, verb, argv + optind);
	if (code)
		return code;
	session_run(&why.session);
	code = finish(&why);
	if (!whom_any(&why.session.whom))
		session_verdict(&why.session, argv[optind]);
	return code;
}
