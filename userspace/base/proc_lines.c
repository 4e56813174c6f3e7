// SPDX-License-Identifier: GPL-2.0
/*
 * Files of /proc and /sys by lines, and figures in them. Nothing here allocates: the heap may be
 * what is looked at.
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
 * @lines: to be filled
 * @path: the file
 *
 * Return: true when it is open; proc_line() closes it at its end
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
 * proc_line - the next line
 * @lines: from proc_open()
 *
 * Return: the line without its newline, valid until the next call; NULL behind the last
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
 * proc_close - stop reading before the end
 * @lines: from proc_open()
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
 * @buf: for the line, without its newline; empty when there is none
 * @size: of @buf
 *
 * Return: true when the file could be read
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
 * proc_field - a number behind a word at the beginning of a line
 * @path: a file like /proc/self/status or /proc/meminfo
 * @field: the word, with the colon
 *
 * Return: the number, -1 when it is not there
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
 * proc_replace_memory - what is looked at was on another machine, or at another time
 * @text: lines of its /proc/meminfo
 * @size: characters of it
 */
void proc_replace_memory(const char *text, size_t size)
{
	snprintf(machine->memory, sizeof(machine->memory), "%.*s",
		 (int)(size < 1000 ? size : 1000), text);
}

/**
 * proc_memory - a number of /proc/meminfo
 * @field: its name, with the colon
 *
 * Return: KiB; -1 when it is not there
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
 * proc_status - a number of /proc/self/status
 * @field: its name, with the colon
 *
 * Return: the number, -1 when it is not there
 */
long proc_status(const char *field)
{
	return proc_field("/proc/self/status", field);
}

/**
 * proc_cpu_lists - pages that CPUs keep on lists of their own
 *
 * They are free, and not counted as such: what was just given back is there (mm/page_alloc.c).
 *
 * Return: pages, of all CPUs and zones; 0 when /proc/zoneinfo cannot be read
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
