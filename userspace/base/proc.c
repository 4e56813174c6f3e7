// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel says of a process in /proc. smaps and pagemap walk the page tables, so that their
 * figures are exact; the counters in /proc/PID/status may lag behind. No function here allocates,
 * since an experiment may look at its own heap.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/proc.h"

/**
 * proc_page_size - the size of a page
 *
 * Return: bytes
 */
unsigned long proc_page_size(void)
{
	static unsigned long size;

	if (!size)
		size = sysconf(_SC_PAGESIZE);
	return size;
}

/**
 * time_now - the time by the clock that records have
 *
 * Return: ns of CLOCK_MONOTONIC
 */
__u64 time_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

/* Read a number and the character behind it; return false if that is not @behind. */
static bool parse_number(char **at, int base, char behind, __u64 *value)
{
	*value = strtoull(*at, at, base);
	return *(*at)++ == behind;
}

/* "start-end rights offset major:minor inode   path" (proc_pid_maps(5)) */
static bool parse_map(const char *line, struct proc_map *map)
{
	char *at = (char *)line;
	__u64 start, end, offset, major, minor;

	if (!parse_number(&at, 16, '-', &start) || !parse_number(&at, 16, ' ', &end) ||
	    strnlen(at, 5) < 5)
		return false;
	memcpy(map->rights, at, 4);
	map->rights[4] = '\0';
	at += 5;
	if (!parse_number(&at, 16, ' ', &offset) || !parse_number(&at, 16, ':', &major) ||
	    !parse_number(&at, 16, ' ', &minor))
		return false;
	map->start = start;
	map->end = end;
	map->offset = offset;
	map->major = major;
	map->minor = minor;
	map->inode = strtoull(at, &at, 10);
	snprintf(map->path, sizeof(map->path), "%s", at + strspn(at, " "));
	return true;
}

/**
 * proc_maps - walk the VMAs of a process
 * @pid: process or thread, 0 for this process
 * @each: called for each VMA, by address; its argument is valid until @each returns
 * @arg: handed to @each
 *
 * Return: 0, or -1 when the file cannot be opened
 */
int proc_maps(pid_t pid, proc_map_fn each, void *arg)
{
	char path[40] = "/proc/self/maps";
	struct proc_lines lines;
	static struct proc_map map;
	const char *line;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	if (!proc_open(&lines, path))
		return -1;
	while ((line = proc_line(&lines)))
		if (parse_map(line, &map))
			each(&map, arg);
	return 0;
}

static void keep_named(const struct proc_map *map, void *arg)
{
	struct proc_map *found = arg;

	if (!strcmp(map->path, found->path))
		*found = *map;
}

/**
 * proc_named - find a VMA of this process by its name in /proc/self/maps
 * @name: "[heap]", "[stack]", or a path
 *
 * Return: the last VMA of that name; @start and @end are 0 when there is none
 */
struct proc_map proc_named(const char *name)
{
	struct proc_map map = { 0 };

	snprintf(map.path, sizeof(map.path), "%s", name);
	proc_maps(0, keep_named, &map);
	return map;
}

/* Parse a line "Name:  123 kB". smaps has some 25 lines for each VMA; sscanf(3) was too slow. */
static bool parse_amount(const char *line, const char *name, long *kib)
{
	size_t n;

		/* The first letter decides for most lines. */
	if (*line != *name)
		return false;
	n = strlen(name);
	if (strncmp(line, name, n))
		return false;
	*kib = strtol(line + n, NULL, 10);
	return true;
}

/* Take one line of smaps that belongs to @vma; return true for VmFlags, which is the last. */
static bool parse_vma(const char *line, struct proc_vma *vma)
{
	long huge;

	if (parse_amount(line, "Rss:", &vma->rss) || parse_amount(line, "Swap:", &vma->swap))
		return false;
	if (parse_amount(line, "Shared_Hugetlb:", &huge) ||
	    parse_amount(line, "Private_Hugetlb:", &huge)) {
		vma->hugetlb += huge;
		return false;
	}
	if (*line != 'V' || strncmp(line, "VmFlags: ", 9))
		return false;
	snprintf(vma->flags, sizeof(vma->flags), "%s", line + 9);
	return true;
}

/**
 * proc_vmas - walk the VMAs of a process with their figures in smaps, for which it walks its pages
 * @pid: process or thread
 * @each: called for each VMA, by address; its argument is valid until @each returns
 * @arg: handed to @each
 *
 * Return: 0 or -errno
 */
int proc_vmas(pid_t pid, proc_vma_fn each, void *arg)
{
	static struct proc_vma vma;
	struct proc_lines lines;
	const char *line;
	char path[40];

	snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	if (!proc_open(&lines, path))
		return -errno;
	while ((line = proc_line(&lines))) {
		if (line[0] >= 'A' && line[0] <= 'Z') {
			if (parse_vma(line, &vma))
				each(&vma, arg);
		} else if (parse_map(line, &vma.map)) {
			vma.rss = 0;
			vma.swap = 0;
			vma.hugetlb = 0;
		}
	}
	return 0;
}

#define PF_KTHREAD	0x00200000

/**
 * proc_kthread - is this a thread of the kernel, which has no address space of its own?
 * @pid: process or thread
 */
bool proc_kthread(pid_t pid)
{
	char path[32], line[512];
	unsigned int flags = 0;
	const char *name_end;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	proc_word(path, line, sizeof(line));
	name_end = strrchr(line, ')');
	if (name_end)
		sscanf(name_end + 1, " %*c %*d %*d %*d %*d %*d %u", &flags);
	return flags & PF_KTHREAD;
}

/**
 * struct wanted - the VMA at an address
 * @address: an address in the VMA
 * @map: the line of the VMA in /proc/self/maps, empty while it is not found
 */
struct wanted {
	__u64 address;
	struct proc_map map;
};

static void keep_at(const struct proc_map *map, void *arg)
{
	struct wanted *wanted = arg;

	if (map->start <= wanted->address && map->end > wanted->address)
		wanted->map = *map;
}

/**
 * proc_at - find the VMA of this process that holds an address
 * @address: the address
 *
 * Return: the VMA; @start and @end are 0 when there is none
 */
struct proc_map proc_at(const void *address)
{
	struct wanted wanted = { .address = (uintptr_t)address };

	proc_maps(0, keep_at, &wanted);
	return wanted.map;
}

/**
 * struct named - a number of VMAs that have the same name
 * @name: the name, NULL for all VMAs
 * @n: number of VMAs found so far
 */
struct named {
	const char *name;
	long n;
};

static void count_named(const struct proc_map *map, void *arg)
{
	struct named *named = arg;

	named->n += !named->name || !strcmp(map->path, named->name);
}

/**
 * proc_count - count the VMAs of this process
 * @name: name of those that count, as in /proc/self/maps; NULL for all
 */
long proc_count(const char *name)
{
	struct named named = { .name = name };

	proc_maps(0, count_named, &named);
	return named.n;
}

/**
 * proc_smaps - sum up a figure of the VMAs of this process
 * @field: name of the figure in /proc/PID/smaps, with its colon
 * @from: first address
 * @to: first address behind the range
 *
 * Return: KiB, summed over the VMAs that begin in [@from, @to); -1 when smaps cannot be read
 */
long proc_smaps(const char *field, __u64 from, __u64 to)
{
	struct proc_lines lines;
	__u64 start, end;
	bool inside = false;
	const char *line;
	long kib, sum = 0;

	if (!proc_open(&lines, "/proc/self/smaps"))
		return -1;
	while ((line = proc_line(&lines))) {
		if (sscanf(line, "%llx-%llx", &start, &end) == 2)
			inside = start >= from && start < to;
		else if (inside && !strncmp(line, field, strlen(field)) &&
			 sscanf(line + strlen(field), "%ld", &kib) == 1)
			sum += kib;
	}
	return sum;
}

/**
 * proc_pagemap - read entries of /proc/self/pagemap
 * @at: address of the first page
 * @pages: number of pages
 * @entries: becomes an entry for each page; see PAGEMAP_*
 *
 * Return: number of entries that were read
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
 * proc_frame - the number of the page frame behind an address of this process
 * @at: the address
 *
 * Return: the number; 0 when no page is there, or without CAP_SYS_ADMIN
 */
__u64 proc_frame(const void *at)
{
	__u64 entry;

	if (proc_pagemap((uintptr_t)at, 1, &entry) != 1 || !(entry & PAGEMAP_PRESENT))
		return 0;
	return PAGEMAP_PFN(entry);
}

/**
 * proc_kpage - read what /proc/kpageflags or /proc/kpagecount has for a page frame
 * @file: "kpageflags" or "kpagecount"
 * @frame: number of the frame
 *
 * Return: flags (linux/kernel-page-flags.h), or how often the page is mapped; 0 without
 *	CAP_SYS_ADMIN
 */
__u64 proc_kpage(const char *file, __u64 frame)
{
	char path[40];
	__u64 value = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s", file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (pread(fd, &value, sizeof(value), frame * sizeof(value)) != sizeof(value))
		value = 0;
	close(fd);
	return value;
}
