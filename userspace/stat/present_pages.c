// SPDX-License-Identifier: GPL-2.0
/*
 * How many pages are present in the VMAs of a process, while it lives.
 */
#include <errno.h>
#include <unistd.h>
#include "aspace/aspace.h"
#include "base/pagemap.h"
#include "base/proc.h"
#include "stat/present_pages.h"

/**
 * struct living - what is present in VMAs that are, while it is counted
 * @space: whose
 * @at: the piece that is looked at
 */
struct living {
	const struct space *space;
	struct piece *at;
};

static void count_pages(const struct pages *pages, void *arg)
{
	struct living *living = arg;
	struct piece *piece;
	__u64 from, to;

	if (pages->kind != PAGE_SHARED && pages->kind != PAGE_ANON)
		return;
	for (; living->at; living->at = piece_above(living->at)) {
		piece = living->at;
		from = pages->start > piece->start ? pages->start : piece->start;
		to = pages->end < piece->end ? pages->end : piece->end;
		if (from < to)
			piece->present += (to - from) / proc_page_size();
		if (pages->end <= piece->end)
			return;
	}
}

static void count_rss(const struct proc_vma *vma, void *arg)
{
	struct living *living = arg;
	struct piece *piece = space_find(living->space, vma->map.start);

	if (piece && piece->start <= vma->map.start)
		piece->present += (vma->rss + vma->hugetlb) * 1024ULL / proc_page_size();
}

/**
 * present_pages - count the pages that are present in each VMA of a process
 * @space: of the process; each &piece.present, which is 0, becomes the number
 *
 * By the kernel, which passes over what is empty; before 6.7 by smaps, which does so too. Who reads
 * pagemap entry by entry reads 200 MB for 100 GB that are merely reserved.
 */
void present_pages(const struct space *space)
{
	struct living living = { .space = space, .at = space_first(space) };
	int fd = pages_open(space->tgid), error;

	if (fd < 0 || !living.at)
		return;
	error = pages_scan(fd, living.at->start, piece_below(space, ~0ULL)->end, count_pages,
			   &living);
	close(fd);
	if (error == -ENOTTY)
		proc_vmas(space->tgid, count_rss, &living);
}
