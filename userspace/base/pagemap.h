/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_BASE_PAGEMAP_H
#define MMSCOPE_BASE_PAGEMAP_H

#include <linux/types.h>
#include <sys/types.h>

/* What is behind a page of a VMA */
enum page_kind {
	PAGE_NONE,
	PAGE_SHARED,	/* of a file, or shared memory */
	PAGE_ANON,	/* private: in a file's VMA, a copy */
	PAGE_ZERO,	/* the zero page, which counts as none in RSS */
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
