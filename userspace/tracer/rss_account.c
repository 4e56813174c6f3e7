// SPDX-License-Identifier: GPL-2.0
/*
 * The pages of an address space, as the records tell them: what each of them brings or takes, by
 * kind. Their sum is what the kernel counts. Where it is not, something was not seen, and that is
 * told too.
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
 * account_fault - a fault is told, or passed over
 * @mm: where it was
 * @raw: as it came
 * @rss: becomes the pages that it brought or took
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
 * account_begin - a thread begins what takes its time, and may bring or take pages
 * @mm: whose
 * @tid: the thread; another one's that is not over makes room for it
 */
void account_begin(struct mm *mm, __u32 tid)
{
	struct begun *new = begun_by(tid);

	new->mm = mm->id;
	new->tid = tid;
	memcpy(new->rss, mm->rss, sizeof(new->rss));
}

/* An operation ends: @told becomes what other records have brought or taken since it began. */
static void over(const struct mm *mm, const struct raw_pages *raw, __s64 told[])
{
	struct begun *old = begun_by(raw->e.tid);
	bool known = raw->begun && old->mm == mm->id && old->tid == raw->e.tid;

	for (int i = 0; i < RAW_NR_RSS; i++)
		told[i] = known ? mm->rss[i] - old->rss[i] : 0;
	if (known)
		old->mm = 0;
}

static bool under_way(const struct mm *mm, __u32 tid)
{
	struct rss_account *account = &tracer->account;

	for (size_t i = 0; i < ARRAY_SIZE(account->begun); i++)
		if (account->begun[i].mm == mm->id && account->begun[i].tid != tid)
			return true;
	return false;
}

/**
 * account_add - let a record tell what happened to pages
 * @mm: whose they are
 * @e: the record
 * @raw: what happened
 *
 * Return: how many more are in memory
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
	 * fork(2) copies a child's pages from its parent, so "by another process" would be told of
	 * each.
	 */
	if (raw->outside && raw->why != RECORD_RSS_FORK) {
		e->flags |= MMSCOPE_F_REMOTE;
		memcpy(extra->by, raw->by, sizeof(extra->by) - 1);
	}
	return more;
}

/* Has an operation neither brought nor taken pages? Then it ends here, and is not told. */
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
 * account_tell - a record of pages that came or went by no fault, no unmap and no advice
 * @mm: whose they are
 * @raw: what happened
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
 * account_without_faults - faults are not told: what the kernel counts can be compared with nothing
 * @without: so it is
 */
void account_without_faults(bool without)
{
	tracer->account.without_faults = without;
}

/**
 * account_check - has the kernel counted what was told?
 * @mm: whose pages
 * @raw: says what it had counted, if nobody could change that meanwhile
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
 * Does the kernel bring or take pages one by one for this reason? Such records in a row are told as
 * one.
 */
static bool comes_in_rows(unsigned int why)
{
	return why == RECORD_RSS_RECLAIM || why == RECORD_RSS_MIGRATE ||
	       why == RECORD_RSS_ZEROED || why == RECORD_RSS_UFFD || why == RECORD_RSS_KSM ||
	       why == RECORD_RSS_INSERT;
}

/**
 * account_goes_on - is a raw record more of what the ones before it were?
 * @e: the record
 */
bool account_goes_on(const struct mmscope_event *e)
{
	const struct raw_pages *raw = (const void *)e, *together = &tracer->account.together;

	return e->type == RAW_RSS && together->e.type == RAW_RSS && raw->why == together->why &&
	       raw->object == together->object && e->mm == together->e.mm &&
	       e->tid == together->e.tid;
}

/**
 * account_flush - tell what was kept to be told as one
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
	/* mm->rss has these pages already: account_add() adds them again. */
	for (int i = 0; mm && i < RAW_NR_RSS; i++)
		mm->rss[i] -= raw.after[i] - raw.before[i];
	if (mm)
		account_tell(mm, &raw);
	queue_because(NULL);
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

/* Tell what the kernel counts and no record has told, as a record of its own. */
static void tell_whole(struct mm *mm, const struct raw_pages *raw)
{
	struct raw_pages whole = *raw;

	memcpy(whole.before, mm->rss, sizeof(whole.before));
	account_tell(mm, &whole);
}

/**
 * account_take - pages came or went by no fault, no unmap and no advice
 * @mm: whose they are
 * @raw: what happened
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
