// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel says of a process in /proc. Figures of memory are exact: smaps and pagemap walk
 * the page tables, where the counters of /proc/PID/status may lag behind.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "proc.h"

/**
 * proc_page_size - bytes in a page
 */
unsigned long proc_page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

/**
 * time_now - nanoseconds, by the clock of records
 */
__u64 time_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static bool parse_map(const char *line, struct proc_map *map)
{
	map->path[0] = '\0';
	return sscanf(line, "%llx-%llx %4s %llx %x:%x %llu %4095[^\n]", &map->start, &map->end,
		      map->rights, &map->offset, &map->major, &map->minor, &map->inode,
		      map->path) >= 7;
}

/**
 * proc_maps - walk the VMAs of a process
 * @pid: process or thread, 0 for oneself
 * @each: called for each VMA, in order of addresses
 * @arg: handed to @each
 *
 * Return: 0, or -1 when there is nothing to read
 */
int proc_maps(pid_t pid, proc_map_fn each, void *arg)
{
	static char line[4096 + 128];
	static struct proc_map map;
	char name[32] = "/proc/self/maps";
	FILE *file;

	if (pid)
		snprintf(name, sizeof(name), "/proc/%d/maps", pid);
	file = fopen(name, "re");
	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file))
		if (parse_map(line, &map))
			each(&map, arg);
	fclose(file);
	return 0;
}

/**
 * proc_smaps - sum up a figure of one's own VMAs
 * @field: as in /proc/PID/smaps, with its colon
 * @from: first address of interest
 * @to: first address behind it
 *
 * Return: KiB, summed over the VMAs that begin there
 */
long proc_smaps(const char *field, __u64 from, __u64 to)
{
	FILE *file = fopen("/proc/self/smaps", "re");
	__u64 start, end;
	bool inside = false;
	char line[512];
	long kib, sum = 0;

	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%llx-%llx", &start, &end) == 2)
			inside = start >= from && start < to;
		else if (inside && !strncmp(line, field, strlen(field)) &&
			 sscanf(line + strlen(field), "%ld", &kib) == 1)
			sum += kib;
	}
	fclose(file);
	return sum;
}

/**
 * proc_pagemap - what the page tables hold
 * @at: address of the first page
 * @pages: how many
 * @entries: to be filled
 *
 * Return: entries read
 */
size_t proc_pagemap(__u64 at, size_t pages, __u64 *entries)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return 0;
	got = pread(fd, entries, pages * sizeof(*entries),
		    at / proc_page_size() * sizeof(*entries));
	close(fd);
	return got < 0 ? 0 : got / sizeof(*entries);
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
	FILE *file = fopen(path, "re");
	bool read;

	buf[0] = '\0';
	if (!file)
		return false;
	read = fgets(buf, size, file);
	fclose(file);
	buf[strcspn(buf, "\n")] = '\0';
	return read;
}

/**
 * proc_status - a number of /proc/self/status
 * @field: its name, with the colon
 *
 * Return: the number, -1 when it is not there
 */
long proc_status(const char *field)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[256];
	long value = -1;

	if (!file)
		return -1;
	while (value < 0 && fgets(line, sizeof(line), file))
		if (!strncmp(line, field, strlen(field)))
			sscanf(line + strlen(field), "%ld", &value);
	fclose(file);
	return value;
}
