// SPDX-License-Identifier: GPL-2.0
/*
 * Files of /proc and /sys, read by lines, and figures in them. No function here allocates, since an
 * experiment may look at its own heap.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/machine.h"
#include "base/proc.h"

/**
 * proc_open - begin to read a file by lines
 * @lines: is filled
 * @path: the file
 *
 * Return: true when the file is open; proc_line() closes it at its end, proc_close() before
 */
bool proc_open(struct proc_lines *lines, const char *path)
{
	lines->next = lines->buf;
	lines->end = lines->buf;
	lines->fd = open(path, O_RDONLY | O_CLOEXEC);
	return lines->fd >= 0;
}

static bool refill(struct proc_lines *lines)
{
	size_t have = lines->end - lines->next;
	ssize_t got;

	memmove(lines->buf, lines->next, have);
	lines->next = lines->buf;
	lines->end = lines->buf + have;
	got = read(lines->fd, lines->end, sizeof(lines->buf) - 1 - have);
	if (got > 0)
		lines->end += got;
	return got > 0;
}

/**
 * proc_line - read the next line of a file
 * @lines: from proc_open()
 *
 * Return: the line without its newline, valid until the next call; NULL behind the last line, when
 *	the file is closed
 */
const char *proc_line(struct proc_lines *lines)
{
	char *line, *newline;

	while (!(newline = memchr(lines->next, '\n', lines->end - lines->next)))
		if (!refill(lines))
			break;
	line = lines->next;
	if (newline) {
		*newline = '\0';
		lines->next = newline + 1;
		return line;
	}
	if (line < lines->end) {
		*lines->end = '\0';
		lines->next = lines->end;
		return line;
	}
	proc_close(lines);
	return NULL;
}

/**
 * proc_close - close a file, perhaps before its end
 * @lines: from proc_open(); may be closed already
 */
void proc_close(struct proc_lines *lines)
{
	if (lines->fd >= 0)
		close(lines->fd);
	lines->fd = -1;
}

/**
 * proc_word - read the first line of a small file
 * @path: the file
 * @buf: becomes the line without its newline, "" when there is none
 * @size: of @buf; what does not fit is cut
 *
 * Return: true when something could be read
 */
bool proc_word(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	buf[0] = '\0';
	if (fd < 0)
		return false;
	got = read(fd, buf, size - 1);
	close(fd);
	buf[got > 0 ? got : 0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return got > 0;
}

/**
 * proc_field - read the number behind a word at the beginning of a line
 * @path: a file like /proc/self/status or /proc/meminfo
 * @field: the word, with its colon
 *
 * Return: the number, -1 when the file has no such line
 */
long proc_field(const char *path, const char *field)
{
	struct proc_lines lines;
	const char *line;
	long value = -1;

	if (!proc_open(&lines, path))
		return -1;
	while (value < 0 && (line = proc_line(&lines)))
		if (!strncmp(line, field, strlen(field)))
			sscanf(line + strlen(field), "%ld", &value);
	proc_close(&lines);
	return value;
}

/**
 * proc_replace_memory - let proc_memory() answer for the machine and the time of a recording
 * @text: lines of /proc/meminfo, as the recording has them; is copied, without a NUL
 * @size: characters of @text; at most 1000 are kept
 */
void proc_replace_memory(const char *text, size_t size)
{
	snprintf(machine->memory, sizeof(machine->memory), "%.*s",
		 (int)(size < 1000 ? size : 1000), text);
}

/**
 * proc_memory - read a number of /proc/meminfo, or of what proc_replace_memory() has in its place
 * @field: name of the number, with its colon
 *
 * Return: KiB; -1 when there is no such line
 */
long proc_memory(const char *field)
{
	const char *line = machine->memory;

	if (!*machine->memory)
		return proc_field("/proc/meminfo", field);
	while (strncmp(line, field, strlen(field))) {
		line = strchr(line, '\n');
		if (!line++)
			return -1;
	}
	return strtol(line + strlen(field), NULL, 10);
}

/**
 * proc_status - read a number of /proc/self/status
 * @field: name of the number, with its colon
 *
 * Return: the number, -1 when there is no such line
 */
long proc_status(const char *field)
{
	return proc_field("/proc/self/status", field);
}

/**
 * proc_cpu_lists - count the free pages that CPUs keep on lists of their own
 *
 * The kernel does not count these pages as free (mm/page_alloc.c), so that what a process has just
 * given back may be missing from MemFree.
 *
 * Return: pages of all CPUs and zones; 0 when /proc/zoneinfo cannot be read
 */
long proc_cpu_lists(void)
{
	struct proc_lines lines;
	const char *line;
	long n, sum = 0;

	if (!proc_open(&lines, "/proc/zoneinfo"))
		return 0;
	while ((line = proc_line(&lines)))
		if (sscanf(line, " count: %ld", &n) == 1)
			sum += n;
	proc_close(&lines);
	return sum;
}
