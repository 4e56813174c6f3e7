// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope map --input: draws an address space as it was at an instant of a recording.
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
 * struct wanted - the process whose last map is wanted
 * @snapshot: is filled with that map
 * @tgid: the process, 0 as long as the user named none and none was chosen
 * @mm: the process's address space that began to end last
 * @drawn: @snapshot is filled
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

/* The address space of the process that the recording tells of first. */
static const struct mm *oldest(void)
{
	const struct mm *first = NULL;

	for (struct mm *mm = mm_each(NULL); mm; mm = mm_each(mm))
		if (mm->tgid && (!first || mm->id < first->id))
			first = mm;
	return first ? mm_of_process(first->tgid) : NULL;
}

/*
 * An address space is about to end, or its process runs another program. Draw it now, with all of
 * its VMAs, as mmscope map -- COMMAND does it.
 */
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

/* Take the process id, if there is one. Return: 0, or an exit code after a message. */
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
 * @snapshot: to be filled and printed; the caller has set its width and why
 * @verb: the verb, for messages
 * @input: name of the recording
 * @at: the instant, NULL for the end
 * @argv: the process id, or nothing for the first process of the recording
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
	if (!instant_reach(&session, &instant, &id)) {
		kept_close();
		return report_fail(EXIT_ENVIRONMENT, input, "no such record", "see trace --input");
	}
	if (id && !wanted.tgid)
		mm = mm_get(id);
	else
		mm = wanted.tgid ? mm_of_process(wanted.tgid) : oldest();
		/* A process that has ended has no VMAs now; before_end() has drawn it. */
	if (!wanted.drawn || (mm && mm->nr))
		draw(&wanted, mm, kept_time());
	return finish(&wanted, input);
}
