// SPDX-License-Identifier: GPL-2.0
/*
 * Raw records of the BPF programs: each is given to the function that understands its type.
 */
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "record/record.h"
#include "tracer/again.h"
#include "tracer/context.h"
#include "tracer/decode.h"
#include "tracer/failure.h"
#include "tracer/kept_sums.h"
#include "tracer/merge_refusal.h"
#include "tracer/queue.h"
#include "tracer/replay.h"
#include "tracer/rss_account.h"
#include "tracer/vm_ops_calls.h"
#include "tracer/vm_ops_target.h"
#include "tracer/vma_events.h"

static void zapped(struct mm *mm, const void *record)
{
	const struct raw_pages *raw = record;
	struct vma *vma = vma_of_object(raw->object);

	if (replay_runs() && tracer->decode.sums.vma)
		kept_goes(&tracer->decode.sums, raw->object);
	account_check(mm, raw);
	/* The unmap of a VMA that was replaced is told already: RECORD_RSS tells these pages. */
	if (vma && vma->told)
		vma = NULL;
	if (!vma)
		account_tell(mm, raw);
	for (int i = 0; i < RAW_NR_RSS && vma; i++) {
		vma->zapped[i] += raw->before[i] - raw->after[i];
		mm->rss[i] += raw->after[i] - raw->before[i];
	}
	if (raw->e.type == RAW_GONE)
		vma_event_freed(mm, raw->object);
}

static void advised(struct mm *mm, const void *record)
{
	struct decoding *decoding = &tracer->decode;
	const struct raw_pages *raw = record;
	struct mmscope_event *e;
	__s64 more;

	account_check(mm, raw);
	e = queue_add(RECORD_ADVISE, mm, mm_at(mm, decoding->now->start));
	more = account_add(mm, e, raw);
	e->start = decoding->now->start;
	e->end = decoding->now->end;
	e->aux = decoding->now->aux;
	e->pages = more < 0 ? -more : 0;
	if (decoding->now->pages)
		e->flags |= MMSCOPE_F_ERROR;
}

static void looks(struct mm *mm, const void *record)
{
	const struct raw_vma *raw = record;
	struct vma *vma = vma_of_object(raw->vma.object);
	/*
	 * Advice has a record of its own, and a VMA that is told because the tool reads all of them
	 * (read(2) of the iterator) has not changed.
	 */
	bool advice = raw->e.cause == SYS_madvise || raw->e.cause == SYS_process_madvise ||
		      raw->e.cause == SYS_read;
	bool same = vma && !((vma->image.flags ^ raw->vma.flags) & ~(__u64)RAW_VM_ACCOUNT);

	if (!vma || vma->mm != mm->id)
		return;
	vma_event_looks(vma, raw);
	if (!advice && !same)
		queue_add(RECORD_ADVISE, mm, vma)->aux = 0;
	merge_refusal_tell(mm, vma);
}

static void got_anon(struct mm *mm, const void *record)
{
	struct vma *vma = vma_of_object(tracer->decode.now->start);

	if (vma)
		vma->image.anon_vma = tracer->decode.now->end;
}

/*
 * The stack is unwound before the next record, which may change what is mapped. RAW_STACK is handed
 * out, so that the ring is left in between: unwinding takes long.
 */
static void stack_told(struct mm *mm, const void *record)
{
	if (tracer->decode.sums.stack)
		tracer->decode.sums.stack(mm, record);
	queue_add(RAW_STACK, mm, NULL);
}

/* Note the memory cgroup whose limit the fault that is told next has met. */
static void in_cgroup(struct mm *mm, const void *record)
{
	const struct raw_name *raw = record;

	snprintf(mm->cgroup, sizeof(mm->cgroup), "%.63s", raw->text);
}

static struct mm *mm_of(const struct mmscope_event *raw)
{
	struct mm *mm = mm_get(raw->mm);

	/* The mm's first record was lost, so its mm is made now. */
	return mm ? mm : mm_add(raw->mm);
}

static struct mm *mm_now(void)
{
	return mm_of(tracer->decode.now);
}

static void ended(struct mm *mm, const void *record)
{
	vma_event_forget(mm, true);
	queue_add(MMSCOPE_END, mm, NULL);
	tracer->decode.over = mm;
}

static void began(struct mm *none, const void *record)
{
	struct decoding *decoding = &tracer->decode;
	struct mm *maker = mm_get(decoding->now->parent);
	struct mm *mm = mm_now();

	mm->parent = decoding->now->parent;
	if (decoding->now->pages != RAW_BY_FORK || !maker)
		return;
	mm->brk_start = maker->brk_start;
	mm->brk = maker->brk;
	mm->stack = maker->stack;
	queue_add(MMSCOPE_FORK, maker, NULL)->aux = mm->id;
}

static void run_by(struct mm *mm, const void *record)
{
	const struct raw_task *raw = record;

	mm->tgid = raw->tgid;
	mm->compat = raw->compat;
	memcpy(mm->comm, raw->comm, sizeof(mm->comm));
}

static void forked(struct mm *child, const void *record)
{
	const struct raw_task *raw = record;

	/*
	 * A thread, or a child of vfork(2), shares the mm of the task that made it: there is no new
	 * mm.
	 */
	if (raw->e.aux == raw->e.mm)
		return;
	run_by(child, raw);
	queue_name(child);
}

static void executed(struct mm *mm, const void *record)
{
	run_by(mm, record);
	queue_add(RECORD_EXEC, mm, NULL)->aux = mm->parent;
	queue_name(mm);
}

static void stored(struct mm *mm, const void *record)
{
	const struct raw_vma *raw = record;

	if (raw->vma.object)
		vma_event_stored(mm, raw, false);
	else
		vma_event_emptied(mm, raw->e.start, raw->e.end ? raw->e.end : ~0ULL);
}

static void had(struct mm *mm, const void *record)
{
	vma_event_stored(mm, record, true);
}

static void completed(struct mm *mm, const void *record)
{
	vma_event_completed(mm, record);
	vm_ops_target_completed(mm, record);
}

static void copied(struct mm *mm, const void *record)
{
	vma_event_copied(mm, tracer->decode.now->start, tracer->decode.now->end);
}

static void freed(struct mm *mm, const void *record)
{
	struct decoding *decoding = &tracer->decode;

	if (replay_runs() && decoding->sums.vma)
		kept_goes(&decoding->sums, decoding->now->start);
	vma_event_freed(mm, decoding->now->start);
}

static void moved_heap(struct mm *mm, const void *record)
{
	struct decoding *decoding = &tracer->decode;

	mm->brk_start = decoding->now->start;
	mm->brk = decoding->now->end;
	mm->stack = decoding->now->aux;
}

static void found_ops(struct mm *mm, const void *record)
{
	vm_ops_target_found(tracer->decode.now->start, tracer->decode.now->end);
}

static void called(struct mm *mm, const void *record)
{
	vm_ops_calls_take(mm, record);
}

static void was_there(struct mm *mm, const void *record)
{
	run_by(mm, record);
	queue_name(mm);
}

static void forgotten(struct mm *mm, const void *record)
{
	vma_event_forget(mm, false);
	queue_add(RECORD_ANEW, mm, NULL);
}

static void pages_begin(struct mm *mm, const void *record)
{
	account_begin(mm, tracer->decode.now->tid);
}

static void pages_end(struct mm *mm, const void *record)
{
	account_take(mm, record);
}

static void call_failed(struct mm *mm, const void *record)
{
	failure_tell(mm, record);
}

static void faulted(struct mm *mm, const void *record)
{
	struct decoding *decoding = &tracer->decode;
	struct mmscope_event *e = queue_pass(mm);

	account_fault(mm, decoding->now, queue_extra(e)->rss);
	if (decoding->sums.site && replay_sums(decoding->now))
		kept_add(&decoding->sums, e->vma ? vma_of_id(e->vma) : NULL, decoding->now);
}

static void took_file(struct mm *mm, const void *record)
{
	names_file(record);
}

static void took_name(struct mm *mm, const void *record)
{
	names_pending(record);
}

static void summed_vma(struct mm *mm, const void *record)
{
	if (tracer->decode.sums.vma)
		tracer->decode.sums.vma(record);
}

static void summed_site(struct mm *mm, const void *record)
{
	if (tracer->decode.sums.site)
		tracer->decode.sums.site(record);
}

/**
 * struct decoder - the function that understands a type of raw records
 * @take: is given the address space of the record, and the record
 * @alone: the record has no address space, or one that may not be known yet: @take is given NULL
 */
struct decoder {
	void (*take)(struct mm *mm, const void *record);
	bool alone;
};

static const struct decoder fault = { .take = faulted };

static const struct decoder decoders[RAW_TYPES - RAW_MM] = {
	[RAW_MM - RAW_MM]		= { .take = began, .alone = true },
	[RAW_MM_END - RAW_MM]		= { .take = ended },
	[RAW_STORE - RAW_MM]		= { .take = stored },
	[RAW_CHANGE - RAW_MM]		= { .take = completed },
	[RAW_HAVE - RAW_MM]		= { .take = had },
	[RAW_DUP - RAW_MM]		= { .take = copied },
	[RAW_FREE - RAW_MM]		= { .take = freed },
	[RAW_ZAP - RAW_MM]		= { .take = zapped },
	[RAW_GONE - RAW_MM]		= { .take = zapped },
	[RAW_FILE - RAW_MM]		= { .take = took_file, .alone = true },
	[RAW_NAME - RAW_MM]		= { .take = took_name, .alone = true },
	[RAW_FORK - RAW_MM]		= { .take = forked },
	[RAW_EXEC - RAW_MM]		= { .take = executed },
	[RAW_HAVE_TASK - RAW_MM]	= { .take = was_there },
	[RAW_BRK - RAW_MM]		= { .take = moved_heap },
	[RAW_ADVISE - RAW_MM]		= { .take = advised },
	[RAW_LOOKS - RAW_MM]		= { .take = looks },
	[RAW_ANON - RAW_MM]		= { .take = got_anon },
	[RAW_FAULTS - RAW_MM]		= { .take = summed_vma, .alone = true },
	[RAW_OPS - RAW_MM]		= { .take = found_ops },
	[RAW_CALL - RAW_MM]		= { .take = called },
	[RAW_ANEW - RAW_MM]		= { .take = forgotten },
	[RAW_STACK - RAW_MM]		= { .take = stack_told },
	[RAW_RSS_BEGINS - RAW_MM]	= { .take = pages_begin },
	[RAW_RSS - RAW_MM]		= { .take = pages_end },
	[RAW_CGROUP - RAW_MM]		= { .take = in_cgroup },
	[RAW_SITE - RAW_MM]		= { .take = summed_site, .alone = true },
	[RAW_FAILED - RAW_MM]		= { .take = call_failed },
};

/* Decode the current record by its type. If no decoder has the type, its mm is only made known. */
static void decode(unsigned int type)
{
	const struct decoder *decoder = &fault;

	if (type >= RAW_MM && type < RAW_TYPES)
		decoder = &decoders[type - RAW_MM];
	else if (type != MMSCOPE_FAULT)
		decoder = NULL;
	if (!decoder || !decoder->take)
		mm_now();
	else
		decoder->take(decoder->alone ? NULL : mm_now(), tracer->decode.now);
}

/**
 * raw_sum_up - set the functions that take sums of faults
 * @to: the functions, copied; sums of which the function is NULL are dropped
 */
void raw_sum_up(const struct raw_sums *to)
{
	tracer->decode.sums = *to;
}

/**
 * raw_reset - forget state that names address spaces: a keyframe is about to replace them all
 */
void raw_reset(void)
{
	tracer->decode.over = NULL;
}

/**
 * raw_take - decode a raw record; queue_next() hands out the records that are made of it
 * @raw: the raw record, with all that follows its struct mmscope_event
 */
void raw_take(const struct mmscope_event *raw)
{
	struct decoding *decoding = &tracer->decode;

	if (!account_goes_on(raw))
		account_flush();
	decoding->now = raw;
	queue_because(raw);
	if (decoding->over)
		mm_drop(decoding->over);
	decoding->over = NULL;
	if (!queue_pending())
		vma_forget(raw->time_ns);
	decode(raw->type);
}

/**
 * raw_pass_over - count the pages of a fault that the filter drops, without making a record
 * @raw: raw record of the fault; the queue is empty
 */
void raw_pass_over(const struct mmscope_event *raw)
{
	struct mm *mm = mm_of(raw);
	struct mmscope_event e = *raw;
	__s64 rss[RAW_NR_RSS] = { 0 };
	const struct vma *vma;

	account_flush();
	account_fault(mm, raw, rss);
	/* If the fault mapped several pages, again_fault() finds the others by their VMA. */
	vma = raw->npages > 1 ? mm_at(mm, raw->addr) : NULL;
	e.vma = vma ? vma->id : 0;
	again_fault(&e);
}
