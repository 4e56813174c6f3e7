/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_BASE_PAGEMAP_H
#define MMSCOPE_BASE_PAGEMAP_H

#include <linux/types.h>
#include <sys/types.h>

/* What a page table has for a page of a VMA */
enum page_kind {
	PAGE_NONE,
	PAGE_SHARED,	/* a page of a file, or of shared memory */
	PAGE_ANON,	/* a private page; in a VMA of a file it is a copy of the file's page */
	PAGE_ZERO,	/* the zero page, which RSS does not count */
	PAGE_SWAPPED,
	PAGE_GUARDED,
	NR_PAGE_KINDS,
};

/**
 * struct pages - a run of pages of one kind
 * @start: first address
 * @end: first address behind it
 * @kind: not PAGE_NONE
 */
struct pages {
	__u64 start;
	__u64 end;
	enum page_kind kind;
};

typedef void (*pages_fn)(const struct pages *pages, void *arg);

int pages_open(pid_t pid);
int pages_scan(int fd, __u64 start, __u64 end, pages_fn each, void *arg);
int pages_walk(int fd, __u64 start, __u64 end, pages_fn each, void *arg);
__u64 pages_zero_pfn(void);

#endif
