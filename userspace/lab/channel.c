// SPDX-License-Identifier: GPL-2.0
/*
 * The memory and the line between the process of an experiment (lab/child.c) and the one that shows
 * it (lab/runner.c). The first says that something is ready, and waits until it was seen.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lab/step.h"

struct stage *stage;
struct step *step;
struct outcome *outcome;
struct totals *totals;

static int line_to_narrator = -1;

static bool map(int memory)
{
	stage = mmap(NULL, sizeof(*stage), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	if (stage == MAP_FAILED)
		return false;
	step = &stage->step;
	outcome = &stage->outcome;
	totals = &stage->totals;
	return true;
}

/**
 * channel_create - make the memory, all 0, for one experiment
 * @ends: to be filled
 */
void channel_create(struct stage_ends *ends)
{
	ends->memory = memfd_create("mmscope", MFD_CLOEXEC);
	if (ends->memory < 0 || ftruncate(ends->memory, sizeof(*stage)))
		abort();
	ends->mine = -1;
	if (!map(ends->memory))
		abort();
	channel_line(ends);
}

/**
 * channel_line - make a line to a new process
 * @ends: gets it; one that is there is closed
 */
void channel_line(struct stage_ends *ends)
{
	int pair[2];

	if (ends->mine >= 0)
		close(ends->mine);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		abort();
	ends->mine = pair[0];
	ends->theirs = pair[1];
}

/**
 * channel_destroy - undo channel_create()
 * @ends: from there
 */
void channel_destroy(const struct stage_ends *ends)
{
	munmap(stage, sizeof(*stage));
	close(ends->memory);
	close(ends->mine);
}

/**
 * channel_join - use the memory in the process of the experiment
 * @memory: inherited descriptor
 * @line: inherited descriptor
 *
 * Return: false if they are not what channel_create() made
 */
bool channel_join(int memory, int line)
{
	struct stat there, end;

	if (fstat(memory, &there) || there.st_size != sizeof(*stage) || fstat(line, &end) ||
	    !S_ISSOCK(end.st_mode) || !map(memory))
		return false;
	close(memory);
	line_to_narrator = line;
	return true;
}

/**
 * channel_say - something is ready to be shown; returns when it was
 * @what: SAY_*
 */
void channel_say(char what)
{
	ssize_t n;

	if (send(line_to_narrator, &what, 1, MSG_NOSIGNAL) != 1)
		_exit(EXIT_ENVIRONMENT);
	do
		n = read(line_to_narrator, &what, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(EXIT_ENVIRONMENT);
}

/**
 * channel_hear - wait for the process of the experiment to say something
 * @ends: from channel_create()
 *
 * Return: SAY_*, or 0 when it has ended, or a signal came
 */
char channel_hear(const struct stage_ends *ends)
{
	char what = 0;

	return read(ends->mine, &what, 1) == 1 ? what : 0;
}

/**
 * channel_answer - let the process of the experiment go on
 * @ends: from channel_create()
 */
void channel_answer(const struct stage_ends *ends)
{
	if (send(ends->mine, "", 1, MSG_NOSIGNAL) != 1)
		return;
}

/**
 * channel_keep - keep a raw record of this step
 * @e: the record
 */
void channel_keep(const struct mmscope_event *e)
{
	if (step->nr_records < MAX_RECORDS)
		stage->records[step->nr_records++] = *e;
}
