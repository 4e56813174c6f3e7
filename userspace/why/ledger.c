// SPDX-License-Identifier: GPL-2.0
/*
 * The ledger: each record adds the pages that it brought or took, by kind of page, to one entry (or
 * splits them into two). So the sum of all entries is what all records told. The tracer compares
 * that sum with the kernel's own counters; if they differ, it tells a record of pages that nobody
 * saw, which has an entry of its own.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "aspace/aspace.h"
#include "base/tool.h"
#include "record/extra.h"
#include "tracer/queue.h"
#include "why/ledger.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25	/* 6.1 */
#endif

static struct ledger_mm **mms;
static size_t nr_mms;

/**
 * ledger_mm_of - find an address space of which there was a record
 * @mm: number of the address space
 *
 * Return: NULL if there was none
 */
struct ledger_mm *ledger_mm_of(__u32 mm)
{
	for (size_t i = nr_mms; i-- > 0;)
		if (mms[i]->id == mm)
			return mms[i];
	return NULL;
}

/**
 * ledger_mms - all address spaces of which there were records
 * @list: is set to an array that belongs to the ledger; valid until the next record
 *
 * Return: how many they are
 */
size_t ledger_mms(struct ledger_mm ***list)
{
	*list = mms;
	return nr_mms;
}

static struct ledger_mm *mm_of(__u32 id)
{
	struct ledger_mm *mm = ledger_mm_of(id);

	if (mm)
		return mm;
	mms = realloc(mms, (nr_mms + 1) * sizeof(*mms));
	mm = calloc(1, sizeof(*mm));
	if (!mms || !mm)
		abort();
	mm->id = id;
	mms[nr_mms++] = mm;
	return mm;
}

static enum ledger_entry entry_of_fault(const struct mmscope_event *e)
{
	switch (RECORD_CLASS(e->flags)) {
	case RECORD_CLASS_COPY:
	case RECORD_CLASS_PRIVATE:
		return LEDGER_COPIED;
	case RECORD_CLASS_SWAP:
		return LEDGER_SWAPPED_IN;
	}
	if (e->flags & RECORD_F_GUP)
		return LEDGER_POPULATED;
	return RECORD_CLASS(e->flags) == RECORD_CLASS_THP ? LEDGER_HUGE : LEDGER_TOUCHED;
}

static enum ledger_entry entry_of_rss(unsigned int why)
{
	static const __u8 entries[RECORD_NR_RSS] = {
		[RECORD_RSS_UNSEEN] = LEDGER_UNSEEN, [RECORD_RSS_THERE] = LEDGER_THERE,
		[RECORD_RSS_LOST] = LEDGER_LOST, [RECORD_RSS_FORK] = LEDGER_FORKED,
		[RECORD_RSS_TAKEN] = LEDGER_CUT, [RECORD_RSS_RECLAIM] = LEDGER_RECLAIMED,
		[RECORD_RSS_MIGRATE] = LEDGER_MOVED, [RECORD_RSS_ZEROED] = LEDGER_MOVED,
		[RECORD_RSS_COLLAPSE] = LEDGER_HUGE, [RECORD_RSS_SPLIT] = LEDGER_MOVED,
		[RECORD_RSS_KSM] = LEDGER_MERGED, [RECORD_RSS_SWAPOFF] = LEDGER_SWAPPED_IN,
		[RECORD_RSS_UFFD] = LEDGER_INSERTED, [RECORD_RSS_INSERT] = LEDGER_INSERTED,
		[RECORD_RSS_OOM] = LEDGER_RECLAIMED, [RECORD_RSS_SWAPIN] = LEDGER_SWAPPED_IN,
		[RECORD_RSS_ADVICE] = LEDGER_ADVISED,
	};

	return why < RECORD_NR_RSS ? entries[why] : LEDGER_UNSEEN;
}

/*
 * Were small pages made huge? khugepaged does it, and so does madvise(2), which has a record of its
 * own type.
 */
static bool collapses(const struct mmscope_event *e)
{
	return (e->type == RECORD_RSS && e->aux == RECORD_RSS_COLLAPSE) ||
	       (e->type == RECORD_ADVISE && e->aux == MADV_COLLAPSE);
}

static enum ledger_entry entry_of(const struct mmscope_event *e)
{
	if (e->type == MMSCOPE_FAULT)
		return entry_of_fault(e);
	/*
	 * The pages of a VMA that mmap(2) replaced may be told by a record of their own, behind the
	 * record of its unmap, when a recording is read.
	 */
	if (e->type == RECORD_RSS && e->aux == RECORD_RSS_TAKEN && e->cause == SYS_mmap)
		return LEDGER_UNMAPPED;
	if (e->type == RECORD_RSS)
		return entry_of_rss(e->aux);
	if (collapses(e))
		return LEDGER_HUGE;
	return e->type == RECORD_ADVISE ? LEDGER_ADVISED : LEDGER_UNMAPPED;
}

static void post(struct ledger_mm *mm, enum ledger_entry entry, const __s64 rss[])
{
	bool any = false;

	for (int i = 0; i < RAW_NR_RSS; i++) {
		mm->entries[entry][i] += rss[i];
		any |= rss[i];
	}
	mm->times[entry] += any;
}

/* Post the pages that went to swap to an entry of their own; @rest keeps those that are gone. */
static void post_swapped(struct ledger_mm *mm, __s64 rest[])
{
	__s64 n = rest[RAW_RSS_SWAP], out[RAW_NR_RSS] = { 0 };

	if (n <= 0 || rest[RAW_RSS_ANON] >= 0)
		return;
	if (n > -rest[RAW_RSS_ANON])
		n = -rest[RAW_RSS_ANON];
	out[RAW_RSS_SWAP] = n;
	out[RAW_RSS_ANON] = -n;
	rest[RAW_RSS_SWAP] -= n;
	rest[RAW_RSS_ANON] += n;
	post(mm, LEDGER_SWAPPED_OUT, out);
}

static void post_around(struct ledger_mm *mm, const struct mmscope_event *e, __s64 rest[])
{
	__s64 beside[RAW_NR_RSS] = { 0 };
	enum raw_rss kind;

	if (e->type != MMSCOPE_FAULT || e->flags & RECORD_F_GUP)
		return;
	kind = RECORD_CLASS(e->flags) == RECORD_CLASS_FILE ? RAW_RSS_FILE : RAW_RSS_SHMEM;
	if (rest[kind] < 2)
		return;
	beside[kind] = rest[kind] - 1;
	rest[kind] = 1;
	post(mm, LEDGER_AROUND, beside);
}

/* Does a call bring pages because the program asked it to, or because it locks them? */
static bool populates(int cause)
{
	switch (cause) {
	case SYS_mmap:
	case SYS_mlock:
	case SYS_mlock2:
	case SYS_mlockall:
	case SYS_madvise:
	case SYS_mremap:
	case SYS_mprotect:
	case SYS_brk:
		return true;
	}
	return false;
}

static void group_fault(struct ledger_group *group, const struct mmscope_event *e, __s64 pages)
{
	if (pages <= 0)
		return;
	group->came += pages;
	if (RECORD_CLASS(e->flags) == RECORD_CLASS_THP) {
		group->huge += pages;
		group->huge_faults++;
	}
	if (!(e->flags & RECORD_F_GUP) || e->flags & MMSCOPE_F_REMOTE)
		return;
	if (populates(e->cause))
		group->populated += pages;
	else if (e->cause >= 0 && e->cause != SYS_execve)
		group->pinned += pages;
}

static void group_note(struct ledger_group *group, const struct mmscope_event *e,
		       const struct record_extra *extra)
{
	__s64 pages = ledger_pages(extra->rss);

	for (int i = 0; i < RAW_NR_RSS; i++)
		group->rss[i] += extra->rss[i];
	if (pages)
		series_add(&group->series, e->time_ns, pages);
	if (e->type == MMSCOPE_FAULT)
		group_fault(group, e, pages + extra->rss[RAW_RSS_HUGETLB]);
	else if (pages < 0)
		group->gone -= pages;
	if (collapses(e) && pages > 0)
		group->collapsed += pages;
	if (e->type == RECORD_ADVISE && e->aux == MADV_FREE)
		group->lazy += extra->lazy;
	group->got += e->type == MMSCOPE_MMAP || e->type == RECORD_GROW;
}

static void note_fork(struct ledger_mm *mm, const struct mmscope_event *e)
{
	struct ledger_mm *child = mm_of(e->aux);

	mm->forks[mm->nr_forks++ % FORKS] = (struct ledger_fork){ e->time_ns, child->id, 0 };
	child->forks[child->nr_forks++ % FORKS] = (struct ledger_fork){ e->time_ns, mm->id, 0 };
}

static void note_who(struct ledger_mm *of)
{
	const struct mm *mm = mm_get(of->id);

	if (!mm)
		return;
	of->tgid = mm->tgid;
	memcpy(of->comm, mm->comm, sizeof(of->comm));
}

/* Does the record tell of pages that go because the whole address space ends? */
static bool is_end(const struct mmscope_event *e)
{
	return e->type == MMSCOPE_END ||
	       (e->type == MMSCOPE_UNMAP && e->cause == MMSCOPE_CAUSE_TEARDOWN);
}

static void note_pages(struct ledger_mm *mm, const struct mmscope_event *e,
		       const struct record_extra *extra, bool early)
{
	const struct ledger_vma *vma = e->vma ? vmas_get(e->vma) : NULL;
	struct ledger_group *group = &mm->groups[vma ? vma->kind : KIND_OTHER];
	__s64 rest[RAW_NR_RSS];

	for (int i = 0; i < RAW_NR_RSS; i++) {
		mm->at_end[i] += extra->rss[i];
		mm->base[i] += early ? extra->rss[i] : 0;
		if (vma)
			vma->row->rss[i] += early ? 0 : extra->rss[i];
	}
	if (early)
		return;
	memcpy(rest, extra->rss, sizeof(rest));
	post_swapped(mm, rest);
	post_around(mm, e, rest);
	post(mm, entry_of(e), rest);
	group_note(group, e, extra);
	if (e->type == MMSCOPE_FAULT)
		faults_note(mm, e, extra, vma);
}

/**
 * ledger_note - take note of a record
 * @e: the record; records come in the order of time
 * @early: the record is before the first instant: it only changes what is there at that instant
 */
void ledger_note(const struct mmscope_event *e, bool early)
{
	static const struct record_extra none;
	const struct record_extra *extra = queue_extra_last();
	struct ledger_mm *mm;

	if (!(e->flags & RECORD_F_WHOLE) || e->type >= RAW_MM || !e->mm ||
	    e->type == MMSCOPE_LOST || e->type == MMSCOPE_NAME)
		return;
	mm = mm_of(e->mm);
	extra = extra ? extra : &none;
	for (int i = 0; i < RAW_NR_RSS; i++)
		mm->told[i] += extra->rss[i];
	if (mm->ended)
		return;
	if (is_end(e)) {
		mm->ended = true;
		if (!early && mm->from)
			mm->to = e->time_ns;
		return;
	}
	if (!mm->tgid || e->type == RECORD_EXEC)
		note_who(mm);
	if (!early) {
		mm->from = mm->from ? mm->from : e->time_ns;
		mm->to = e->time_ns;
	}
	if (e->type == RECORD_FAILED && FAILURE_WHY(e->aux) == FAILURE_MAP_COUNT) {
		mm->refused_maps++;
		mm->limit = extra->limit;
	}
	if (record_structural(e->type) && e->type != MMSCOPE_UNMAP && e->type != MMSCOPE_MOVE)
		vmas_note(mm, e, early);
	note_pages(mm, e, extra, early);
	if (e->type == MMSCOPE_UNMAP || e->type == MMSCOPE_MOVE)
		vmas_note(mm, e, early);
	if (e->type == MMSCOPE_FORK && !early)
		note_fork(mm, e);
	if (record_structural(e->type)) {
		mm->changed_ns = e->time_ns;
		mm->changed_tid = e->tid;
	}
}

/**
 * ledger_remainder - pages that are there by the tracer's account, but in no entry of the ledger
 * @mm: the address space
 * @rest: is set to these pages, by enum raw_rss
 *
 * Return: the sum of their absolute values; 0 if the ledger has all pages
 */
__u64 ledger_remainder(const struct ledger_mm *mm, __s64 rest[RAW_NR_RSS])
{
	const struct mm *now = mm_get(mm->id);
	__u64 sum = 0;

	for (int i = 0; i < RAW_NR_RSS; i++) {
		rest[i] = mm->at_end[i] - mm->base[i];
		for (int k = 0; k < LEDGER_ENTRIES; k++)
			rest[i] -= mm->entries[k][i];
		rest[i] -= mm->told[i];
		if (now && !mm->ended)
			rest[i] += now->rss[i];
		sum += rest[i] < 0 ? -rest[i] : rest[i];
	}
	return sum;
}
