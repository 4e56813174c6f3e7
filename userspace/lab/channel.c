// SPDX-License-Identifier: GPL-2.0
/*
 * The channel between the process of an experiment (lab/child.c) and the process that shows it
 * (lab/runner.c): shared memory, and a socket, which the code calls the line. The first process
 * says on the line that something in the memory is ready, and waits until the other one has shown
 * it.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lab/step.h"

struct channel *channel;
struct step *step;
struct outcome *outcome;
struct totals *totals;

static int line_to_narrator = -1;

static bool map(int memory)
{
	channel = mmap(NULL, sizeof(*channel), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	if (channel == MAP_FAILED)
		return false;
	step = &channel->step;
	outcome = &channel->outcome;
	totals = &channel->totals;
	return true;
}

/**
 * channel_create - make the memory and a line for one experiment
 * @ends: is filled; the memory is all 0
 */
void channel_create(struct channel_ends *ends)
{
	ends->memory = memfd_create("mmscope", MFD_CLOEXEC);
	if (ends->memory < 0 || ftruncate(ends->memory, sizeof(*channel)))
		abort();
	ends->mine = -1;
	if (!map(ends->memory))
		abort();
	channel_line(ends);
}

/**
 * channel_line - make a new line, for another process
 * @ends: its line is replaced; the old one is closed
 */
void channel_line(struct channel_ends *ends)
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
 * @ends: from channel_create()
 */
void channel_destroy(const struct channel_ends *ends)
{
	munmap(channel, sizeof(*channel));
	close(ends->memory);
	close(ends->mine);
}

/**
 * channel_join - use the channel in the process of the experiment
 * @memory: descriptor of the memory, which was inherited
 * @line: descriptor of this process's end of the line, which was inherited
 *
 * Return: false if the descriptors are not those of a channel
 */
bool channel_join(int memory, int line)
{
	struct stat there, end;

	if (fstat(memory, &there) || there.st_size != sizeof(*channel) || fstat(line, &end) ||
	    !S_ISSOCK(end.st_mode) || !map(memory))
		return false;
	close(memory);
	line_to_narrator = line;
	return true;
}

/**
 * channel_say - say on the line that something is ready; return when it was shown
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
 * channel_hear - wait until the process of the experiment says something
 * @ends: from channel_create()
 *
 * Return: SAY_*, or 0 when that process has ended, or a signal came
 */
char channel_hear(const struct channel_ends *ends)
{
	char what = 0;

	return read(ends->mine, &what, 1) == 1 ? what : 0;
}

/**
 * channel_answer - let the process of the experiment go on
 * @ends: from channel_create()
 */
void channel_answer(const struct channel_ends *ends)
{
	if (send(ends->mine, "", 1, MSG_NOSIGNAL) != 1)
		return;
}

/**
 * channel_keep - put a raw record of the step into the memory
 * @e: the record; is dropped when there are MAX_RECORDS
 */
void channel_keep(const struct mmscope_event *e)
{
	if (step->nr_records < MAX_RECORDS)
		channel->records[step->nr_records++] = *e;
}
