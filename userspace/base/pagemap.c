// SPDX-License-Identifier: GPL-2.0
/*
 * Which pages of a process are there, from /proc/PID/pagemap. Since 6.7 its ioctl PAGEMAP_SCAN
 * (fs/proc/task_mmu.c) passes over ranges without pages, so that sparse VMAs cost nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/pagemap.h"
#include "base/pagemap_scan.h"
#include "base/proc.h"
#include "base/tool.h"

static __u64 guard = IS_GUARD;	/* 0 once the kernel has said that it does not know the category */

/**
 * pages_open - open a file for pages_scan() and pages_walk()
 * @pid: process whose pages are looked for, 0 for this one
 *
 * Return: a descriptor, which the caller closes, or -errno
 */
int pages_open(pid_t pid)
{
	char path[32] = "/proc/self/pagemap";
	int fd;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/pagemap", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/**
 * pages_zero_pfn - the frame number of the zero page, which a page reads from until it is written
 *
 * Return: the number, or 0 without CAP_SYS_ADMIN, where the kernel shows no frame numbers
 */
__u64 pages_zero_pfn(void)
{
	static bool known;
	static __u64 pfn;
	__u64 entry = 0;
	char *page;

	if (known)
		return pfn;
	known = true;
	page = mmap(NULL, proc_page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0);
	if (page == MAP_FAILED)
		return 0;
	__atomic_load_n(page, __ATOMIC_SEQ_CST);
	if (proc_pagemap((uintptr_t)page, 1, &entry))
		pfn = PAGEMAP_PFN(entry);
	munmap(page, proc_page_size());
	return pfn;
}

static enum page_kind kind_of_region(__u64 categories)
{
	if (categories & IS_GUARD)
		return PAGE_GUARDED;
	if (categories & IS_SWAPPED)
		return PAGE_SWAPPED;
	if (categories & IS_PFNZERO)
		return PAGE_ZERO;
	return categories & IS_FILE ? PAGE_SHARED : PAGE_ANON;
}

static enum page_kind kind_of_entry(__u64 entry)
{
	__u64 zero = pages_zero_pfn();

	if (entry & PAGEMAP_GUARD)
		return PAGE_GUARDED;
	if (entry & PAGEMAP_SWAPPED)
		return PAGE_SWAPPED;
	if (!(entry & PAGEMAP_PRESENT))
		return PAGE_NONE;
	if (zero && PAGEMAP_PFN(entry) == zero)
		return PAGE_ZERO;
	return entry & PAGEMAP_FILE ? PAGE_SHARED : PAGE_ANON;
}

/* Ask the kernel once: it fills at most 256 regions, and sets scan->walk_end to where it ended. */
static int scan_some(int fd, struct scan *scan, pages_fn each, void *arg)
{
	__u64 room = (scan->end - scan->start) / proc_page_size() + 1;
	struct scan_region regions[256];
	struct pages pages;
	int n;

	scan->vec = (uintptr_t)regions;
	/* The kernel allocates and clears memory for as many regions as vec_len says. */
	scan->vec_len = room < ARRAY_SIZE(regions) ? room : ARRAY_SIZE(regions);
	scan->any_of = IS_PRESENT | IS_SWAPPED | guard;
	scan->wanted = IS_PRESENT | IS_SWAPPED | IS_FILE | IS_PFNZERO | guard;
	n = ioctl(fd, SCAN, scan);
	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		pages.start = regions[i].start;
		pages.end = regions[i].end;
		pages.kind = kind_of_region(regions[i].categories);
		each(&pages, arg);
	}
	return 0;
}

/**
 * pages_scan - look for pages by PAGEMAP_SCAN alone
 * @fd: from pages_open()
 * @start: first address
 * @end: first address behind the range
 * @each: called for each run of pages, by address; the run behind may be of the same kind
 * @arg: handed to @each
 *
 * Return: 0 or -errno; -ENOTTY before 6.7
 */
int pages_scan(int fd, __u64 start, __u64 end, pages_fn each, void *arg)
{
	struct scan scan = { .size = sizeof(scan), .start = start, .end = end };
	int error = 0;

	while (!error && scan.start < end) {
		error = scan_some(fd, &scan, each, arg);
		if (error == -EINVAL && guard) {
			guard = 0;
			error = 0;
		} else if (!error && scan.walk_end == scan.start) {
			break;
		} else if (!error) {
			scan.start = scan.walk_end;
		}
	}
	return error;
}

static int read_entries(int fd, __u64 start, __u64 end, pages_fn each, void *arg)
{
	__u64 size = proc_page_size(), at = start;
	__u64 entries[1024];
	struct pages pages;
	ssize_t got;

	while (at < end) {
		size_t n = (end - at) / size;

		n = n < ARRAY_SIZE(entries) ? n : ARRAY_SIZE(entries);
		got = pread(fd, entries, n * sizeof(*entries), at / size * sizeof(*entries));
		if (got <= 0)
			return got ? -errno : 0;
		for (ssize_t i = 0; i < got / (ssize_t)sizeof(*entries); i++, at += size) {
			pages = (struct pages){ at, at + size, kind_of_entry(entries[i]) };
			if (pages.kind != PAGE_NONE)
				each(&pages, arg);
		}
	}
	return 0;
}

/**
 * pages_walk - look for pages, by PAGEMAP_SCAN or, before 6.7, by reading an entry for each page
 * @fd: from pages_open()
 * @start: first address
 * @end: first address behind the range
 * @each: called for each run of pages, by address; the run behind may be of the same kind
 * @arg: handed to @each
 *
 * Return: 0 or -errno
 */
int pages_walk(int fd, __u64 start, __u64 end, pages_fn each, void *arg)
{
	static bool old;
	int error = old ? -ENOTTY : pages_scan(fd, start, end, each, arg);

	if (error != -ENOTTY)
		return error;
	old = true;
	return read_entries(fd, start, end, each, arg);
}
