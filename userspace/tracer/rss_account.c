// SPDX-License-Identifier: GPL-2.0
/*
 * The pages of an address space by kind, as the records tell them: what each record brings or
 * takes. Their sum has to be what the kernel counts (RSS). Where it is not, no record told of some
 * pages, and RECORD_RSS_UNSEEN says so.
 */
#include <string.h>
#include "aspace/aspace.h"
#include "base/tool.h"
#include "record/record.h"
#include "tracer/context.h"
#include "tracer/queue.h"
#include "tracer/rss_account.h"

/*
 * A page of private memory is copied: count the copy as anonymous, and no longer count the page
 * that it replaces.
 */
static void copied(unsigned int from, __s64 rss[])
{
	if (from == RAW_FROM_NOTHING)
		return;
	rss[RAW_RSS_ANON]++;
	if (from == RAW_FROM_FILE)
		rss[RAW_RSS_FILE]--;
	else if (from == RAW_FROM_SHMEM)
		rss[RAW_RSS_SHMEM]--;
}

static void brought(const struct mmscope_event *e, unsigned int from, __s64 rss[])
{
	bool write = e->flags & MMSCOPE_F_WRITE;

	switch (RECORD_CLASS(e->flags)) {
	case RECORD_CLASS_ANON:
		rss[RAW_RSS_ANON] += e->npages;
		break;
	case RECORD_CLASS_STACK:
	case RECORD_CLASS_THP:
		/* The kernel counts no zero page, small or huge, for the process. */
		rss[RAW_RSS_ANON] += write ? e->npages : 0;
		break;
	case RECORD_CLASS_PRIVATE:
		rss[RAW_RSS_ANON]++;
		break;
	case RECORD_CLASS_COPY:
		copied(from, rss);
		break;
	case RECORD_CLASS_FILE:
		rss[RAW_RSS_FILE] += e->npages;
		break;
	case RECORD_CLASS_SHMEM:
		rss[RAW_RSS_SHMEM] += e->npages;
		break;
	case RECORD_CLASS_DRIVER:
		rss[RAW_RSS_FILE] += from == RAW_FROM_DRIVER ? e->npages : 0;
		break;
	case RECORD_CLASS_HUGETLB:
		rss[RAW_RSS_HUGETLB] += e->npages;
		break;
	case RECORD_CLASS_SWAP:
		if (from < RAW_FROM_SWAP)
			break;
		rss[RAW_RSS_ANON] += from - RAW_FROM_SWAP;
		rss[RAW_RSS_SWAP] -= from - RAW_FROM_SWAP;
		break;
	}
}

/**
 * account_fault - count the pages of a fault
 * @mm: address space of the fault
 * @raw: raw record of the fault, whose seq is an enum raw_from
 * @rss: the pages that the fault brought or took are added to it
 */
void account_fault(struct mm *mm, const struct mmscope_event *raw, __s64 rss[RAW_NR_RSS])
{
	if (raw->flags & MMSCOPE_F_ERROR)
		return;
	brought(raw, raw->seq, rss);
	for (int i = 0; i < RAW_NR_RSS; i++)
		mm->rss[i] += rss[i];
}

static struct begun *begun_by(__u32 tid)
{
	struct rss_account *account = &tracer->account;

	return &account->begun[tid % ARRAY_SIZE(account->begun)];
}

/**
 * account_begin - note that a thread begins an operation that takes time, and may bring or take
 *	pages
 * @mm: address space whose pages these are
 * @tid: the thread; an operation of a thread with the same bucket is forgotten
 */
void account_begin(struct mm *mm, __u32 tid)
{
	struct begun *new = begun_by(tid);

	new->mm = mm->id;
	new->tid = tid;
	memcpy(new->rss, mm->rss, sizeof(new->rss));
}

/*
 * The operation of a thread ends: @told becomes the pages that other records have told since it
 * began, and that are not its own.
 */
static void over(const struct mm *mm, const struct raw_pages *raw, __s64 told[])
{
	struct begun *old = begun_by(raw->e.tid);
	bool known = raw->begun && old->mm == mm->id && old->tid == raw->e.tid;

	for (int i = 0; i < RAW_NR_RSS; i++)
		told[i] = known ? mm->rss[i] - old->rss[i] : 0;
	if (known)
		old->mm = 0;
}

/* Is an operation of another thread under way that may bring or take pages of @mm? */
static bool under_way(const struct mm *mm, __u32 tid)
{
	struct rss_account *account = &tracer->account;

	for (size_t i = 0; i < ARRAY_SIZE(account->begun); i++)
		if (account->begun[i].mm == mm->id && account->begun[i].tid != tid)
			return true;
	return false;
}

/**
 * account_add - add the pages of an operation to a record, and to those of the address space
 * @mm: the address space
 * @e: record of the operation
 * @raw: counts of the kernel before and after the operation
 *
 * Return: by how many the pages in memory have become more
 */
__s64 account_add(struct mm *mm, struct mmscope_event *e, const struct raw_pages *raw)
{
	struct record_extra *extra = queue_extra(e);
	__s64 told[RAW_NR_RSS], more = 0;

	over(mm, raw, told);
	for (int i = 0; i < RAW_NR_RSS; i++) {
		extra->rss[i] = raw->after[i] - raw->before[i] - told[i];
		mm->rss[i] += extra->rss[i];
		more += i == RAW_RSS_SWAP ? 0 : extra->rss[i];
	}
	extra->lazy = raw->lazy;
	/*
	 * A child's pages are copied by its parent, so that each such record would say that another
	 * process did it.
	 */
	if (raw->outside && raw->why != RECORD_RSS_FORK) {
		e->flags |= MMSCOPE_F_REMOTE;
		memcpy(extra->by, raw->by, sizeof(extra->by) - 1);
	}
	return more;
}

/* Has an operation neither brought nor taken pages? Then it ends here, without a record. */
static bool nothing(const struct mm *mm, const struct raw_pages *raw)
{
	struct begun *old = begun_by(raw->e.tid), was = *old;
	__s64 told[RAW_NR_RSS], any = 0;

	over(mm, raw, told);
	for (int i = 0; i < RAW_NR_RSS; i++)
		any |= raw->after[i] - raw->before[i] - told[i];
	if (any)
		*old = was;
	return !any;
}

/**
 * account_tell - add a record of pages that came or went by no fault, no unmap and no advice
 * @mm: address space whose pages these are
 * @raw: counts of the kernel before and after; no record is added if they are the same
 */
void account_tell(struct mm *mm, const struct raw_pages *raw)
{
	const struct vma *vma = raw->object ? vma_of_object(raw->object) : NULL;
	struct mmscope_event *e;
	__s64 more;

	if (nothing(mm, raw))
		return;
	if (!vma && raw->e.end)
		vma = mm_at(mm, raw->e.start);
	if (vma && vma->mm != mm->id)
		vma = NULL;
	e = queue_add(RECORD_RSS, mm, vma);
	more = account_add(mm, e, raw);
	e->start = raw->e.start;
	e->end = raw->e.end;
	e->aux = raw->why;
	e->parent = 0;
	e->pages = more < 0 ? -more : more;
}

/**
 * account_without_faults - say that faults are not told, so that nothing can be compared
 * @without: faults are not told
 */
void account_without_faults(bool without)
{
	tracer->account.without_faults = without;
}

/**
 * account_check - compare what the records have told with what the kernel counts
 * @mm: address space whose pages these are
 * @raw: counts of the kernel, which are used only if nobody else could change them
 *	(&raw_pages.exact)
 */
void account_check(struct mm *mm, const struct raw_pages *raw)
{
	struct raw_pages unseen = { .e = { .time_ns = 0 }, .why = RECORD_RSS_UNSEEN };

	if (tracer->account.without_faults || !raw->exact || under_way(mm, raw->e.tid))
		return;
	if (mm->rss_unknown) {
		memcpy(mm->rss, raw->before, sizeof(mm->rss));
		mm->rss_unknown = false;
	}
	memcpy(unseen.before, mm->rss, sizeof(unseen.before));
	memcpy(unseen.after, raw->before, sizeof(unseen.after));
	account_tell(mm, &unseen);
}

/*
 * Does the kernel bring or take pages one by one for a reason? Then many raw records become one
 * record.
 */
static bool comes_in_rows(unsigned int why)
{
	return why == RECORD_RSS_RECLAIM || why == RECORD_RSS_MIGRATE ||
	       why == RECORD_RSS_ZEROED || why == RECORD_RSS_UFFD || why == RECORD_RSS_KSM ||
	       why == RECORD_RSS_INSERT;
}

/**
 * account_goes_on - does a raw record belong to those that are being put together?
 * @e: the raw record
 */
bool account_goes_on(const struct mmscope_event *e)
{
	const struct raw_pages *raw = (const void *)e, *together = &tracer->account.together;

	return e->type == RAW_RSS && together->e.type == RAW_RSS && raw->why == together->why &&
	       raw->object == together->object && e->mm == together->e.mm &&
	       e->tid == together->e.tid;
}

/**
 * account_flush - make a record of the raw records that were put together, if there are any
 */
void account_flush(void)
{
	struct raw_pages *together = &tracer->account.together;
	struct raw_pages raw;
	struct mm *mm;

	if (together->e.type != RAW_RSS)
		return;
	raw = *together;
	mm = mm_get(raw.e.mm);
	together->e.type = 0;
	queue_because(&raw.e);
	/* put_together() has added these pages to mm->rss, and account_add() adds them again. */
	for (int i = 0; mm && i < RAW_NR_RSS; i++)
		mm->rss[i] -= raw.after[i] - raw.before[i];
	if (mm)
		account_tell(mm, &raw);
}

static void put_together(struct mm *mm, const struct raw_pages *raw)
{
	struct raw_pages *together = &tracer->account.together;
	__s64 more;

	if (together->e.type != RAW_RSS) {
		*together = *raw;
		memset(together->before, 0, sizeof(together->before));
		memset(together->after, 0, sizeof(together->after));
	}
	for (int i = 0; i < RAW_NR_RSS; i++) {
		more = raw->after[i] - raw->before[i];
		together->after[i] += more;
		mm->rss[i] += more;
	}
	if (raw->e.start < together->e.start)
		together->e.start = raw->e.start;
	if (raw->e.end > together->e.end)
		together->e.end = raw->e.end;
}

/* Tell the pages that the kernel counts and that no record has told, as a record of their own. */
static void tell_whole(struct mm *mm, const struct raw_pages *raw)
{
	struct raw_pages whole = *raw;

	memcpy(whole.before, mm->rss, sizeof(whole.before));
	account_tell(mm, &whole);
}

/**
 * account_take - take a raw record of pages that came or went by no fault, no unmap and no advice
 * @mm: address space whose pages these are
 * @raw: counts of the kernel before and after
 */
void account_take(struct mm *mm, const struct raw_pages *raw)
{
	account_check(mm, raw);
	if (raw->why == RECORD_RSS_THERE || raw->why == RECORD_RSS_LOST)
		tell_whole(mm, raw);
	else if (comes_in_rows(raw->why))
		put_together(mm, raw);
	else
		account_tell(mm, raw);
}
