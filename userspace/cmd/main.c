// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope: shows what the kernel does with a process's memory.
 *
 * One table of verbs drives dispatch, help and the option parser; the completion and the manual
 * page name the same verbs, and a test compares them.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/suggest.h"
#include "base/tool.h"
#include "cmd/cmd.h"
#include "lab/step.h"
#include "term/pager.h"
#include "term/print.h"
#include "term/verb.h"

#define NO_PAGER	{ 'N', "no-pager", NULL, "do not show it by screens with $PAGER" }

static const struct verb_option shown_options[] = { NO_PAGER, { 0 } };

static const struct verb_option run_options[] = {
	{ 'a', "all", NULL, "every experiment, in teaching order" },
	{ 'q', "quiet", NULL, "only verdicts, and the steps that failed" },
	{ 'v', "verbose", NULL, "the raw records of every step, too" },
	{ 'P', "predict", NULL, "ask what will happen before each step, and compare" },
	{ 'n', "step", NULL, "wait after each step until Enter is pressed" },
	{ 'S', "system", NULL, "also steps that all other programs may feel for a moment" },
	{ 'p', "pages", "N", "pages to work with, where an experiment takes that" },
	{ 's', "size", "BYTES", "the same for bytes: 64K, 2M, 1G" },
	{ 't', "threads", "N", "the same for threads" },
	{ 'r', "runs", "N", "the same for how often something is started" },
	{ 'H', "html", "FILE", "write it all as a page, too: one file, for any browser" },
	NO_PAGER,
	{ 0 }
};

static const struct verb_option record_options[] = {
	{ 'o', "output", "FILE", "where to (mmscope.rec); only its owner may read it" },
	{ 's', "stacks", "[=WAY]", "copy stacks, too, for stat --stacks: dwarf" },
	{ 'm', "max-size", "SIZE", "no more bytes than that: 100M; with --keep in memory (64M)" },
	{ 'k', "keep", "TIME", "only the last part, of so long a time, and in memory: 30s" },
	{ 't', "trigger", "TESTS", "write it, too, when a record is so: 'class=refused'" },
	{ 'b', "buffer", "KIB", "room for what is not yet written (16384; with stacks 65536)" },
	PID, ALL, USER, CGROUP, COMM, GRACE,
	{ 0 }
};

static const struct verb_option trace_options[] = {
	{ 'i', "input", "FILE", "what was recorded, instead of a command; - is standard input" },
	{ 'F', "from", "TIME", "of a recording only from this time on: 1.5 (s)" },
	{ 'T', "to", "TIME", "and up to this one" },
	PID, ALL, USER, CGROUP, COMM, GRACE,
	{ 'R', "record", "FILE", "keep all of it in this file, too, for --input" },
	{ 'e', "events", "LIST", "only these events (help: names them)" },
	{ 'c', "class", "LIST", "only faults, and only of these classes (help)" },
	{ 'l', "min-latency", "US", "only faults, and only those that took as many us" },
	{ 'r', "again", NULL, "only faults, and only those in pages that were given back" },
	{ 'v', "vma", "VMA", "only of this VMA: number, 0xADDRESS, or part of its name" },
	{ 'o', "output", "LIST", "these columns (help); after a + they are added to the usual" },
	{ 'f', "fold", NULL, "faults that are alike and follow each other in one line" },
	{ 'n', "no-there", NULL, "not the VMAs that were there before" },
	{ 'b', "buffer", "KIB", "room for records that are not yet read (16384)" },
	{ 'q', "questions", NULL, "show may_split questions that are followed by their split too" },
	{ 'H', "hooks", "DRIVER", "calls of its hooks: a device, or a vm_operations_struct" },
	{ 'V', "verify", NULL, "compare the records with /proc/PID/maps instead of showing them" },
	{ 0 }
};

static const struct verb_option map_options[] = {
	{ 'w', "why", NULL, "between VMAs that touch, why they are two" },
	{ 'f', "for", "SECONDS", "watch it first: lineage and age of what is new" },
	{ 'i', "input", "FILE", "of a recording: as it was, by default when the process ended" },
	{ 'a', "at", "WHEN", "at this instant: end, 1.5 (s), 'unmap 3', 'fault 0x7f00'" },
	{ 0 }
};

static const struct verb_option who_options[] = {
	{ 'i', "input", "FILE", "in what was recorded; - is standard input" },
	{ 's', "stacks", NULL, "what led to each fault; of a recording if it has stacks" },
	PID, ALL, USER, CGROUP, COMM, GRACE,
	{ 0 }
};

static const struct verb_option diff_options[] = { { 0 } };

static const struct verb_option export_options[] = {
	{ 'i', "input", "FILE", "the recording; - is standard input" },
	{ 'f', "format", "NAME", "in this form (help: names them)" },
	{ 'o', "output", "FILE", "where to, instead of standard output" },
	{ 'v', "value", "WHAT", "folded stacks sum up faults, bytes mapped, or time (ns)" },
	{ 0 }
};

static const struct verb_option why_options[] = {
	{ 'i', "input", "FILE", "what was recorded, instead of a command; - is standard input" },
	{ 'F', "from", "TIME", "of a recording only from this time on: 1.5 (s)" },
	{ 'T', "to", "TIME", "and up to this one" },
	PID, ALL, USER, CGROUP, COMM, GRACE,
	{ 'b', "buffer", "KIB", "room for records that are not yet read (16384)" },
	{ 0 }
};

static const struct verb_option reproduce_options[] = {
	{ 'i', "input", "FILE", "what was recorded; - is standard input" },
	{ 'm', "mm", "N", "of this address space, by its number; else the command's last" },
	{ 0 }
};

static const struct verb_option reduce_options[] = {
	{ 't', "test", "COMMAND", "must succeed with what is left, which is $REPRO (sh -c)" },
	{ 'o', "output", "FILE", "where to (the program's name with .reduced.c)" },
	{ 'l', "limit", "SECONDS", "a test that takes longer has failed (60)" },
	{ 0 }
};

static const struct verb_option stat_options[] = {
	{ 'i', "input", "FILE", "what was recorded, instead of a command; - is standard input" },
	{ 'F', "from", "TIME", "of a recording only from this time on: 1.5 (s)" },
	{ 'T', "to", "TIME", "and up to this one" },
	{ 'c', "count", NULL, "take no times: half as dear" },
	{ 's', "stacks", "[=WAY]", "what led to them: fp, by frame pointers, or dwarf, any code" },
	{ 'r', "again", NULL, "which were in pages that were given back, and by what" },
	{ 'n', "top", "N", "so many rows of a table (12), 0 for all" },
	{ 'k', "sort", "WHAT", "by faults, time or pages: what has most comes first" },
	{ 'B', "budget", "FILE", "judge by these limits: faults(anon) <= 1200, p99(file) <= 50us" },
	{ 'W', "write-budget", "FILE", "write limits of this run, with a margin" },
	{ 'b', "buffer", "KIB", "room for what is not yet read (16384; with dwarf 65536)" },
	PID, ALL, USER, CGROUP, COMM, GRACE,
	{ 0 }
};

static const struct verb_option check_options[] = {
	{ 'c', "check", "LIST", "only these: ids, or letters of families (--list)" },
	{ 'l', "list", NULL, "what there is to check, and the recipes that are built in" },
	{ 'r', "read-only", NULL, "open it for reading, write nothing" },
	{ 'w', "write", NULL, "also write to the memory of a device (VM_IO)" },
	{ 'L', "length", "BYTES", "map so much; without it 16 pages, or as many as go" },
	{ 'O', "offset", "BYTES", "from here on (0)" },
	{ 'e', "extent", "BYTES", "so much memory there is, from there on" },
	{ 't', "limit", "SECONDS", "how long a check may take (20, some more)" },
	{ 'a', "against", "FILE", "N: are these the verdicts that --json had before?" },
	{ 'd', "destructive", NULL, "also what a mistake makes the machine crash at" },
	{ 'y', "yes", NULL, "outside of a VM, too" },
	{ 0 }
};

static const struct verb_option doctor_options[] = {
	{ 'd', "deep", NULL, "also try whether this kernel calls each program of the tracer" },
	{ 0 }
};

static const struct verb verbs[] = {
	{
		.name = "list",
		.args = "[GROUP | TEXT]",
		.summary = "the experiments, in the order to learn from",
		.details =
			"Those of a group, by its letter; or those with TEXT in their name,\n"
			"question or group.",
		.options = shown_options,
		.run = cmd_list,
	}, {
		.name = "explain",
		.args = "NAME",
		.summary = "the lesson behind one experiment",
		.options = shown_options,
		.run = cmd_explain,
	}, {
		.name = "run",
		.args = "NAME... | --all",
		.summary = "predict, observe, and judge",
		.details =
			"Each step says what the kernel will do before it does it. What is\n"
			"observed comes from the kernel: the log of /dev/mmscope,\n"
			"/proc/self/maps, smaps and pagemap, getrusage(2), errno and signals.",
		.options = run_options,
		.run = cmd_run,
	}, {
		.name = "trace",
		.args = "[OPTION]... [-p PID | -i FILE | -- COMMAND [ARG]...]",
		.summary = "one line for each thing that happens to a process's memory",
		.details =
			"Any process: its memory needs no module. Ends with the command and its\n"
			"descendants, with process PID, or with Ctrl-C. Exit code 5 says that\n"
			"records were lost.",
		.options = trace_options,
		.command = true,
		.run = cmd_trace,
	}, {
		.name = "stat",
		.args = "[OPTION]... [-p PID | -i FILE | -- COMMAND [ARG]...]",
		.summary = "faults summed up: by class, by VMA, by place in the program",
		.details =
			"Ends as trace does. The kernel keeps the sums, and there is no record of each\n"
			"fault. Where mmscope memory is mapped, there is a row for each address space.",
		.options = stat_options,
		.command = true,
		.run = cmd_stat,
	}, {
		.name = "record",
		.args = "[OPTION]... [-p PID | -- COMMAND [ARG]...]",
		.summary = "keep what trace would show in a file, for trace, stat and others",
		.details =
			"Ends as trace does. What is written is safe from whatever ends this: at\n"
			"most the last second is missing then.",
		.options = record_options,
		.command = true,
		.run = cmd_record,
	}, {
		.name = "who",
		.args = "ADDRESS [-i FILE | -p PID | -- COMMAND [ARG]...]",
		.summary = "who held an address, and when: its VMAs, and each fault there",
		.details =
			"What made a VMA there, changed it, and took it away, in the order in\n"
			"which it happened; then from when to when each VMA held it.",
		.options = who_options,
		.command = true,
		.run = cmd_who,
	}, {
		.name = "diff",
		.args = "FILE[@WHEN] FILE[@WHEN]",
		.summary = "two recordings, or two instants of one: what differs",
		.details =
			"WHEN is what map --at takes: end (unless it is given), 1.5 (s), 'unmap 3' or\n"
			"'fault 0x7f00'. Exit code 1 says that something differs, 5 that records were\n"
			"lost.",
		.options = diff_options,
		.run = cmd_diff,
	}, {
		.name = "export",
		.args = "-i FILE -f FORMAT [-o FILE]",
		.summary = "a recording in the formats of other programs",
		.details =
			"--format help names them. The file is whole, or it is not there; only its\n"
			"owner may read it. Exit code 5 says that the recording lacks something.",
		.options = export_options,
		.run = cmd_export,
	}, {
		.name = "why",
		.args = "QUESTION [-p PID | -i FILE | -- COMMAND [ARG]...]",
		.summary = "an answer: why RSS is high, who made the VMAs, what faults are for",
		.details =
			"The question is rss, vmas, faults or slow (what takes long in them).\n"
			"First the answer, and what to try; then a ledger of all pages that\n"
			"came and went, whose sum is the change of RSS; then the evidence.",
		.options = why_options,
		.command = true,
		.run = cmd_why,
	}, {
		.name = "metrics",
		.args = "[OPTION]... [-p PID | -i FILE | -- COMMAND [ARG]...]",
		.summary = "numbers for Prometheus: faults, refaults, refusals, VMAs, losses",
		.details =
			"Of all processes, unless others are named, until Ctrl-C. Without --listen\n"
			"or --textfile they are printed once, at the end. Exit code 5 says that\n"
			"records were lost.",
		.options = metrics_options,
		.command = true,
		.run = cmd_metrics,
	}, {
		.name = "reproduce",
		.args = "-i FILE [--mm N]",
		.summary = "a recording as a program of C, which does the same to its memory",
		.details =
			"On standard output; what it cannot do again is said on standard error and\n"
			"in its first lines. Recorded itself, it has the same VMAs and faults.",
		.options = reproduce_options,
		.run = cmd_reproduce,
	}, {
		.name = "reduce",
		.args = "--test COMMAND [OPTION]... PROGRAM",
		.summary = "remove steps of such a program while a test of it still succeeds",
		.details =
			"COMMAND is run in a folder of its own, by sh -c. PROGRAM itself stays as\n"
			"it is; Ctrl-C leaves the best so far.",
		.options = reduce_options,
		.run = cmd_reduce,
	}, {
		.name = "map",
		.args = "PID | self | -i FILE [PID] | -- COMMAND [ARG]...",
		.summary = "an address space as a picture: VMAs, pages, drivers, holes",
		.details =
			"Of a command: as it is when the command ends, with the age of each\n"
			"VMA and the one it came from. Who implements a VMA only root learns.",
		.options = map_options,
		.run = cmd_map,
	}, {
		.name = "check",
		.args = "[OPTION]... DEVICE | RECIPE",
		.summary = "does a driver's mmap do what mm and programs may expect",
		.details =
			"Maps it, and tries what mistakes of other drivers were found by, each in a\n"
			"process of its own. A recipe has the calls that a device wants before. Best\n"
			"in a VM: a mistake that is found may cost the machine.",
		.options = check_options,
		.run = cmd_check,
	}, {
		.name = "doctor",
		.args = "",
		.summary = "is everything there, and what to do if not",
		.options = doctor_options,
		.run = cmd_doctor,
	},
};

static void print_help(void)
{
	report_line("mmscope shows what the kernel does with a process's memory.");
	report_line("%s", "");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		report_line("  mmscope %s %s", verbs[i].name, verbs[i].args);
		report_line("      %s", verbs[i].summary);
	}
	report_line("%s", "");
	report_line("Each verb knows --help and --json. mmscope --version; man mmscope.");
	report_line("Begin with: mmscope doctor, mmscope list, mmscope run lazy");
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

static int unknown_verb(const char *name)
{
	struct suggestion near;

	suggest_begin(&near, name);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		suggest_offer(&near, verbs[i].name);
	return verb_unknown(name, *name == '-' ? "options follow a verb" : "no such verb", &near,
			    "mmscope --help lists them");
}

static int help(const char *name)
{
	const struct verb *verb = name ? find_verb(name) : NULL;

	if (name && !verb)
		return unknown_verb(name);
	if (verb)
		verb_help(verb);
	else
		print_help();
	return EXIT_HELD;
}

static int too_many(const char *word)
{
	return report_fail(EXIT_USAGE, word, "one word too many", "mmscope --help");
}

static int dispatch(int argc, char **argv)
{
	const struct verb *verb;
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!name) {
		report_to_errors();
		print_help();
		return EXIT_USAGE;
	}
	if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help"))
		return argc > 3 ? too_many(argv[3]) : help(argc > 2 ? argv[2] : NULL);
	if (!strcmp(name, "--version")) {
		if (argc > 2)
			return too_many(argv[2]);
		report_line("mmscope %s", MMSCOPE_VERSION);
		return EXIT_HELD;
	}
	verb = find_verb(name);
	if (!verb)
		return unknown_verb(name);
	return verb->run(verb, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	int code;

	if (argc == 6 && !strcmp(argv[1], SUBJECT_WORD))
		return subject_main(experiment_find(argv[2]), argv + 2);
	/* If the reader of a pipe goes away, report_end() ends mmscope after it has cleaned up. */
	signal(SIGPIPE, SIG_IGN);
	report_start();
	code = dispatch(argc, argv);
	pager_end();
	return report_end(code);
}
