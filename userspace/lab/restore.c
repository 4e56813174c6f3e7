// SPDX-License-Identifier: GPL-2.0
/*
 * Restores what an experiment has changed outside of its process. The old contents of a file are
 * put into the channel before anything is written, and the process that outlives the experiment
 * writes them back, even after Ctrl-C. A swap device is switched off.
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

/* Replace "always [madvise] never", as such files are read, by "madvise", as they are written. */
static void choose(char *value)
{
	char *open = strchr(value, '['), *end = open ? strchr(open, ']') : NULL;

	if (!end)
		return;
	*end = '\0';
	memmove(value, open + 1, strlen(open + 1) + 1);
}

/**
 * tunable - may tune() write a file?
 * @path: the file
 */
bool tunable(const char *path)
{
	return !access(path, W_OK);
}

static struct undo *next_undo(void)
{
	if (channel->nr_undo == MAX_UNDO)
		experiment_bug("too many tune()");
	return &channel->undo[channel->nr_undo];
}

/**
 * tune - write a file of /proc or /sys, and restore it when the part ends
 * @path: the file
 * @value: text that is written; the experiment is skipped when that fails
 */
void tune(const char *path, const char *value)
{
	struct undo *undo = next_undo();

	if (!proc_word(path, undo->value, sizeof(undo->value)))
		skip("there is no %s", path);
	choose(undo->value);
	snprintf(undo->path, sizeof(undo->path), "%s", path);
	channel->nr_undo++;
	if (!write_file(path, value))
		skip("%s cannot be written: be root", path);
}

/**
 * restore_write - write a file when the part ends
 * @path: the file
 * @value: text that is written then
 */
void restore_write(const char *path, const char *value)
{
	struct undo *undo = next_undo();

	snprintf(undo->path, sizeof(undo->path), "%s", path);
	snprintf(undo->value, sizeof(undo->value), "%s", value);
	channel->nr_undo++;
}

/**
 * restore_swap - switch a swap device off when the part ends
 * @device: path of the device
 */
void restore_swap(const char *device)
{
	restore_write(device, "");
}

/**
 * restore_all - restore all that was changed, the last change first
 */
void restore_all(void)
{
	while (channel->nr_undo) {
		const struct undo *undo = &channel->undo[--channel->nr_undo];

		if (undo->value[0])
			write_file(undo->path, undo->value);
		else
			swapoff(undo->path);
	}
}
