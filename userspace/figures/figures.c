// SPDX-License-Identifier: GPL-2.0
/*
 * What the tracer's records add up to, of something that runs or of a recording: faults by class
 * and time, calls, pages given back, and the peaks. It is made of records alone, so that a
 * recording and the run that it was made of have the same figures.
 */
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "figures/figures.h"
#include "record/record.h"

static struct figures figures;

/* Processes that had an address space: numbers of them, each once */
static __u32 *processes;
static size_t nr_processes;

/**
 * figures_begin - before the first record
 */
void figures_begin(void)
{
	figures.rss_known = true;
}

static void count_fault(const struct mmscope_event *e)
{
	__u32 class = RECORD_CLASS(e->flags);
	struct figure_class *of;

	if (class >= RECORD_NR_CLASSES)
		return;
	of = &figures.classes[class];
	of->total.count++;
	of->total.ns += e->ns;
	if (!(e->flags & MMSCOPE_F_ERROR))
		of->total.pages += e->npages;
	if (e->ns)
		of->times[time_bucket(e->ns) & (TIME_BUCKETS - 1)]++;
	if (!e->vma)
		figures.outside++;
	sites_event(e);
}

/* A few of the youngest are looked at first: most records are of those. */
static void see_process(__u32 tgid)
{
	for (size_t i = nr_processes; i-- > 0;)
		if (processes[i] == tgid)
			return;
	if (!(nr_processes & (nr_processes - 1)))
		processes = realloc(processes,
				    (nr_processes ? 2 * nr_processes : 1) * sizeof(*processes));
	if (!processes)
		abort();
	processes[nr_processes++] = tgid;
}

/**
 * figures_rss - pages that an address space has, as VmRSS counts them
 * @mm: the address space
 */
__u64 figures_rss(const struct mm *mm)
{
	__s64 pages = mm->rss[RAW_RSS_FILE] + mm->rss[RAW_RSS_ANON] +
		      mm->rss[RAW_RSS_SHMEM];

	return pages > 0 ? pages : 0;
}

/* How much has an address space after a record of it? */
static void look(const struct mmscope_event *e)
{
	const struct mm *mm = mm_get(e->mm);
	__u64 rss;

	if (!mm)
		return;
	rss = figures_rss(mm);
	if (rss > figures.rss)
		figures.rss = rss;
	if (mm->nr > figures.vmas)
		figures.vmas = mm->nr;
	if (mm->rss_unknown)
		figures.rss_known = false;
	if (mm->tgid && record_structural(e->type))
		see_process(mm->tgid);
}

static void give_back(const struct mmscope_event *e)
{
	if (e->pages != MMSCOPE_PAGES_UNKNOWN)
		figures.given_back += e->pages;
}

static void count(const struct mmscope_event *e)
{
	switch (e->type) {
	case MMSCOPE_FAULT:
		count_fault(e);
		break;
	case MMSCOPE_MMAP:
		figures.mmaps++;
		break;
	case MMSCOPE_UNMAP:
		if (e->cause == MMSCOPE_CAUSE_TEARDOWN)
			break;
		figures.munmaps++;
		give_back(e);
		break;
	case RECORD_ADVISE:
		give_back(e);
		break;
	case RECORD_FAILED:
		figures.failed++;
		break;
	case MMSCOPE_FORK:
		figures.forks++;
		break;
	case RECORD_EXEC:
		figures.execs++;
		break;
	}
}

/**
 * figures_event - add a record
 * @e: of anybody, in order; those of the module, which count in numbers of their own, are not added
 */
void figures_event(const struct mmscope_event *e)
{
	if (!(e->flags & RECORD_F_WHOLE) || e->type == MMSCOPE_LOST)
		return;
	figures.records++;
	count(e);
	vmas_event(e);
	if (e->mm)
		look(e);
}

/**
 * figures_all - what was added up
 */
const struct figures *figures_all(void)
{
	return &figures;
}

/**
 * figures_faults - faults of all classes
 */
__u64 figures_faults(void)
{
	__u64 n = 0;

	for (size_t i = 0; i < RECORD_NR_CLASSES; i++)
		n += figures.classes[i].total.count;
	return n;
}

/**
 * figures_processes - processes of which anything was told
 */
__u64 figures_processes(void)
{
	return nr_processes;
}
