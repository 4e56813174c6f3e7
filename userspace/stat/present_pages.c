// SPDX-License-Identifier: GPL-2.0
/*
 * Counts the pages that are present in the VMAs of a process, while it lives.
 */
#include <errno.h>
#include <unistd.h>
#include "aspace/aspace.h"
#include "base/pagemap.h"
#include "base/proc.h"
#include "stat/present_pages.h"

/**
 * struct living - state of counting the pages of a process
 * @mm: address space of the process
 * @at: range that pages are counted for at present
 */
struct living {
	const struct mm *mm;
	struct map_range *at;
};

static void count_pages(const struct pages *pages, void *arg)
{
	struct living *living = arg;
	struct map_range *range;
	__u64 from, to;

	if (pages->kind != PAGE_SHARED && pages->kind != PAGE_ANON)
		return;
	for (; living->at; living->at = range_above(living->at)) {
		range = living->at;
		from = pages->start > range->start ? pages->start : range->start;
		to = pages->end < range->end ? pages->end : range->end;
		if (from < to)
			range->present += (to - from) / proc_page_size();
		if (pages->end <= range->end)
			return;
	}
}

static void count_rss(const struct proc_vma *vma, void *arg)
{
	struct living *living = arg;
	struct map_range *range = mm_find(living->mm, vma->map.start);

	if (range && range->start <= vma->map.start)
		range->present += (vma->rss + vma->hugetlb) * 1024ULL / proc_page_size();
}

/**
 * present_pages - count the pages that are present in each VMA of a process
 * @mm: address space of the process; &map_range.present of each range, which is 0, becomes the
 *	number
 *
 * The kernel passes over empty ranges, with PAGEMAP_SCAN or, before 6.7, for smaps. To read pagemap
 * entry by entry would be 200 MB for 100 GB that are merely reserved.
 */
void present_pages(const struct mm *mm)
{
	struct living living = { .mm = mm, .at = mm_first(mm) };
	int fd = pages_open(mm->tgid), error;

	if (fd < 0 || !living.at)
		return;
	error = pages_scan(fd, living.at->start, range_below(mm, ~0ULL)->end, count_pages,
			   &living);
	close(fd);
	if (error == -ENOTTY)
		proc_vmas(mm->tgid, count_rss, &living);
}
