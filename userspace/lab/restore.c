// SPDX-License-Identifier: GPL-2.0
/*
 * What an experiment changes outside of its process, and how that is restored: the old contents are
 * on the stage before anything is written, and the process that outlives the experiment puts them
 * back, also after Ctrl-C. A swap device is switched off, and its memory given back.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/swap.h>
#include <unistd.h>
#include "base/proc.h"
#include "lab/step.h"

static bool write_file(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool written;

	if (fd < 0)
		return false;
	written = write(fd, value, strlen(value)) == (ssize_t)strlen(value);
	close(fd);
	return written;
}

/* "always [madvise] never" is written as "madvise". */
static void choose(char *value)
{
	char *open = strchr(value, '['), *end = open ? strchr(open, ']') : NULL;

	if (!end)
		return;
	*end = '\0';
	memmove(value, open + 1, strlen(open + 1) + 1);
}

/**
 * tunable - may tune() write this?
 * @path: the file
 */
bool tunable(const char *path)
{
	return !access(path, W_OK);
}

static struct undo *next_undo(void)
{
	if (stage->nr_undo == MAX_UNDO)
		experiment_bug("too many tune()");
	return &stage->undo[stage->nr_undo];
}

/**
 * tune - write a file of /proc or /sys until the part ends
 * @path: the file
 * @value: what to write; the experiment is skipped when that is not possible
 */
void tune(const char *path, const char *value)
{
	struct undo *undo = next_undo();

	if (!proc_word(path, undo->value, sizeof(undo->value)))
		skip("there is no %s", path);
	choose(undo->value);
	snprintf(undo->path, sizeof(undo->path), "%s", path);
	stage->nr_undo++;
	if (!write_file(path, value))
		skip("%s cannot be written: be root", path);
}

/**
 * restore_write - write a file when the part ends
 * @path: the file
 * @value: what to write
 */
void restore_write(const char *path, const char *value)
{
	struct undo *undo = next_undo();

	snprintf(undo->path, sizeof(undo->path), "%s", path);
	snprintf(undo->value, sizeof(undo->value), "%s", value);
	stage->nr_undo++;
}

/**
 * restore_swap - switch a swap device off when the part ends
 * @device: it
 */
void restore_swap(const char *device)
{
	restore_write(device, "");
}

/**
 * restore_all - restore, the last change first
 */
void restore_all(void)
{
	while (stage->nr_undo) {
		const struct undo *undo = &stage->undo[--stage->nr_undo];

		if (undo->value[0])
			write_file(undo->path, undo->value);
		else
			swapoff(undo->path);
	}
}
