// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope map --input: an address space as it was at an instant of a recording.
 */
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "cmd/map_kept.h"
#include "map/snapshot.h"
#include "session/instant.h"
#include "session/kept.h"
#include "session/session.h"
#include "term/print.h"
#include "term/verb.h"
#include "tracer/shortage.h"

/**
 * struct wanted - of whom the last map is wanted
 * @snapshot: becomes it
 * @tgid: the process, 0 for the first that is told of
 * @mm: the address space of it that has begun to end last
 * @drawn: there was one
 */
struct wanted {
	struct snapshot *snapshot;
	__u32 tgid;
	__u32 mm;
	bool drawn;
};

static void draw(struct wanted *wanted, const struct mm *mm, __u64 now)
{
	if (!mm || !mm->nr)
		return;
	snapshot_of_mm(wanted->snapshot, mm, now);
	wanted->drawn = true;
}

/* Of the first process that was told of, unless another is wanted. */
static const struct mm *oldest(void)
{
	const struct mm *first = NULL;

	for (struct mm *mm = mm_each(NULL); mm; mm = mm_each(mm))
		if (mm->tgid && (!first || mm->id < first->id))
			first = mm;
	return first ? mm_of_process(first->tgid) : NULL;
}

/* As map -- COMMAND shows it: when it ends, or runs another program, with all of its VMAs. */
static void before_end(__u32 id, void *arg)
{
	struct wanted *wanted = arg;
	const struct mm *mm = mm_get(id), *first = oldest();

	if (!mm || !mm->tgid)
		return;
	if (!wanted->tgid)
		wanted->tgid = first ? first->tgid : mm->tgid;
	if (mm->tgid != wanted->tgid || wanted->mm == id)
		return;
	wanted->mm = id;
	draw(wanted, mm, kept_time());
}

static int finish(const struct wanted *wanted, const char *input)
{
	bool lost;

	kept_close();
	lost = shortage_tell("map", false);
	if (!wanted->drawn)
		return report_fail(EXIT_ENVIRONMENT, input, "nothing is mapped at that instant",
				   "the process has ended, or not begun: choose with --at");
	if (report_json)
		snapshot_print_json(wanted->snapshot);
	else
		snapshot_print(wanted->snapshot);
	return lost ? EXIT_LOST : EXIT_HELD;
}

/* 0, or an exit code after a complaint. */
static int choose(const struct verb *verb, char **argv, __u32 *tgid)
{
	char *end;

	if (!argv[0])
		return 0;
	*tgid = strtoul(argv[0], &end, 10);
	if (*end || !*tgid)
		return verb_usage(verb, argv[0], "no process id");
	if (argv[1])
		return verb_usage(verb, argv[1], "one process at a time");
	return 0;
}

/**
 * map_kept - draw an address space of a recording
 * @snapshot: width and why are set
 * @verb: the verb
 * @input: the recording
 * @at: the instant, NULL for the end
 * @argv: the process, if it is not the first
 *
 * Return: an exit code
 */
int map_kept(struct snapshot *snapshot, const struct verb *verb, const char *input, const char *at,
	     char **argv)
{
	struct wanted wanted = { .snapshot = snapshot };
	struct session session = { .input = input };
	struct instant instant = { .kind = INSTANT_END };
	const struct mm *mm;
	int code = choose(verb, argv, &wanted.tgid);
	__u32 id;

	if (!code && at && instant_parse(&instant, at))
		code = verb_usage(verb, at, "no instant: end, 1.5, 'unmap 3' or 'fault 0x7f00'");
	if (!code)
		code = kept_open(&session);
	if (code)
		return code;
	if (instant.kind == INSTANT_END)
		kept_on_end(before_end, &wanted);
	if (!instant_reach(&session, &instant, &id))
		return report_fail(EXIT_ENVIRONMENT, input, "no such record", "see trace --input");
	if (id && !wanted.tgid)
		mm = mm_get(id);
	else
		mm = wanted.tgid ? mm_of_process(wanted.tgid) : oldest();
	/* Who has ended was drawn then. */
	if (!wanted.drawn || (mm && mm->nr))
		draw(&wanted, mm, kept_time());
	return finish(&wanted, input);
}
