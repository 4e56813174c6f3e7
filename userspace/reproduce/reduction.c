// SPDX-License-Identifier: GPL-2.0
/*
 * Removes steps of a program while a test of what is left succeeds: ever smaller parts, from the
 * last to the first, for what comes later needs what came before.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "reproduce/program.h"
#include "reproduce/reduction.h"

static void *need(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

static int read_all(struct reduction *reduction, FILE *in)
{
	size_t room = 0, size = 0, n;

	do {
		if (room - size < 65536) {
			room = 2 * room + 131072;
			reduction->text = need(realloc(reduction->text, room));
		}
		n = fread(reduction->text + size, 1, 65535, in);
		size += n;
	} while (n);
	reduction->text[size] = '\0';
	if (ferror(in))
		return -errno;
	return strlen(reduction->text) == size ? 0 : -EILSEQ;
}

static size_t count_lines(const char *text)
{
	size_t n = 1;

	while ((text = strchr(text, '\n'))) {
		text++;
		n++;
	}
	return n;
}

static void split(struct reduction *reduction)
{
	size_t most = count_lines(reduction->text);
	char *rest = reduction->text, *line;
	bool inside = false;

	reduction->lines = need(calloc(most, sizeof(*reduction->lines)));
	reduction->removable = need(calloc(most, sizeof(bool)));
	reduction->kept = need(calloc(most, sizeof(bool)));
	reduction->steps = need(calloc(most, sizeof(size_t)));
	reduction->trial = need(calloc(most, sizeof(size_t)));
	while ((line = strsep(&rest, "\n"))) {
		size_t i = reduction->nr_lines;

		if (!rest && !*line)
			break;
		if (strstr(line, PROGRAM_END))
			inside = false;
		reduction->lines[i] = line;
		reduction->removable[i] = inside && line[strspn(line, " \t")];
		if (reduction->removable[i])
			reduction->steps[reduction->nr++] = i;
		reduction->nr_lines++;
		if (strstr(line, PROGRAM_STEPS))
			inside = true;
	}
}

/**
 * reduction_load - read a program
 * @reduction: becomes it
 * @path: the file
 *
 * Return: 0; -errno; -EILSEQ for a file that is no text; -ENOMSG where nothing is marked as steps
 */
int reduction_load(struct reduction *reduction, const char *path)
{
	FILE *in = fopen(path, "re");
	int error;

	*reduction = (struct reduction){ 0 };
	if (!in)
		return -errno;
	error = read_all(reduction, in);
	fclose(in);
	if (error)
		return error;
	split(reduction);
	return reduction->nr ? 0 : -ENOMSG;
}

/* The steps without those from @from to @to */
static void leave_out(struct reduction *reduction, size_t from, size_t to)
{
	memcpy(reduction->trial, reduction->steps, from * sizeof(size_t));
	memcpy(reduction->trial + from, reduction->steps + to,
	       (reduction->nr - to) * sizeof(size_t));
	reduction->nr_trial = reduction->nr - (to - from);
}

static enum reduction_verdict try(struct reduction *reduction, reduction_test test, void *arg)
{
	enum reduction_verdict verdict;
	size_t *steps = reduction->steps;

	reduction->tests++;
	verdict = test(reduction, arg);
	if (verdict != REDUCTION_GOOD)
		return verdict;
	reduction->steps = reduction->trial;
	reduction->nr = reduction->nr_trial;
	reduction->trial = steps;
	return verdict;
}

/* Try to do without each part of this size once. Return: how many were removed; -1 to stop */
static long pass(struct reduction *reduction, size_t size, reduction_test test, void *arg)
{
	size_t to = reduction->nr;
	long removed = 0;

	while (to) {
		size_t from = to > size ? to - size : 0;

		leave_out(reduction, from, to);
		switch (try(reduction, test, arg)) {
		case REDUCTION_GOOD:
			removed += to - from;
			break;
		case REDUCTION_BAD:
			break;
		case REDUCTION_STOP:
			return -1;
		}
		to = from;
	}
	return removed;
}

/**
 * reduction_run - remove what can be removed
 * @reduction: a program whose test succeeds
 * @test: tests what is in its @trial
 * @arg: handed to @test
 *
 * Return: false if it was stopped
 */
bool reduction_run(struct reduction *reduction, reduction_test test, void *arg)
{
	size_t size = reduction->nr;
	long removed;

	while (size) {
		removed = pass(reduction, size, test, arg);
		if (removed < 0)
			return false;
		/* Single steps until none of them can be done without. */
		if (size > 1)
			size = size > reduction->nr ? (reduction->nr + 1) / 2 : size / 2;
		else if (!removed)
			break;
	}
	return true;
}

/**
 * reduction_write - write the program with the steps of its @trial
 * @reduction: the program
 * @path: to this file
 *
 * Return: 0 or -errno
 */
int reduction_write(const struct reduction *reduction, const char *path)
{
	FILE *out = fopen(path, "we");
	int error;

	if (!out)
		return -errno;
	memset(reduction->kept, 0, reduction->nr_lines * sizeof(bool));
	for (size_t i = 0; i < reduction->nr_trial; i++)
		reduction->kept[reduction->trial[i]] = true;
	for (size_t i = 0; i < reduction->nr_lines; i++)
		if (reduction->kept[i] || !reduction->removable[i])
			fprintf(out, "%s\n", reduction->lines[i]);
	error = ferror(out) ? -EIO : 0;
	errno = 0;
	if (fclose(out))
		error = errno ? -errno : -EIO;
	return error;
}

/**
 * reduction_free - forget it
 * @reduction: from reduction_load()
 */
void reduction_free(struct reduction *reduction)
{
	free(reduction->text);
	free(reduction->lines);
	free(reduction->removable);
	free(reduction->kept);
	free(reduction->steps);
	free(reduction->trial);
}
