// SPDX-License-Identifier: GPL-2.0
/*
 * What the BPF programs tell, raw: each record goes to who understands it.
 */
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include "aspace/aspace.h"
#include "aspace/vma_name.h"
#include "base/tool.h"
#include "record/record.h"
#include "tracer/again.h"
#include "tracer/decode.h"
#include "tracer/failure.h"
#include "tracer/merge_refusal.h"
#include "tracer/queue.h"
#include "tracer/rss_account.h"
#include "tracer/vm_ops_calls.h"
#include "tracer/vm_ops_target.h"
#include "tracer/vma_events.h"

static struct raw_sums sums;
static const struct mmscope_event *now;	/* the record that is being looked at */
static struct space *over;	/* ended, and still named by the records that tell so */

static void zapped(struct space *space, const void *record)
{
	const struct raw_pages *raw = record;
	struct area *area = area_of_object(raw->object);

	account_check(space, raw);
	if (!area) {
		account_tell(space, raw);
		return;
	}
	for (int i = 0; i < RAW_NR_RSS; i++) {
		area->zapped[i] += raw->before[i] - raw->after[i];
		space->rss[i] += raw->after[i] - raw->before[i];
	}
}

static void advised(struct space *space, const void *record)
{
	const struct raw_pages *raw = record;
	struct mmscope_event *e;
	__s64 more;

	account_check(space, raw);
	e = outbox_add(RECORD_ADVISE, space, space_at(space, now->start));
	more = account_add(space, e, raw);
	e->start = now->start;
	e->end = now->end;
	e->aux = now->aux;
	e->pages = more < 0 ? -more : 0;
	if (now->pages)
		e->flags |= MMSCOPE_F_ERROR;
}

/* Advice has a record of its own; names and policies have none. */
static void looks(struct space *space, const void *record)
{
	const struct raw_vma *raw = record;
	struct area *area = area_of_object(raw->vma.object);
	/* Advice is told. Who reads them all for us has changed none. */
	bool advice = raw->e.cause == SYS_madvise || raw->e.cause == SYS_process_madvise ||
		      raw->e.cause == SYS_read;
	bool same = area && !((area->image.flags ^ raw->vma.flags) & ~(__u64)RAW_VM_ACCOUNT);

	if (!area || area->mm != space->id)
		return;
	change_looks(area, raw);
	if (!advice && !same)
		outbox_add(RECORD_ADVISE, space, area)->aux = 0;
	apart_tell(space, area);
}

static void got_anon(struct space *space, const void *record)
{
	struct area *area = area_of_object(now->start);

	if (area)
		area->image.anon_vma = now->end;
}

/*
 * The stack is unwound before the next record, which may change what is mapped. RAW_STACK is handed
 * out, so that the ring is left in between: unwinding takes long.
 */
static void stack_told(struct space *space, const void *record)
{
	if (sums.stack)
		sums.stack(space, record);
	outbox_add(RAW_STACK, space, NULL);
}

static void in_cgroup(struct space *space, const void *record)
{
	const struct raw_name *raw = record;

	snprintf(space->cgroup, sizeof(space->cgroup), "%.63s", raw->text);
}

static struct space *space_of(const struct mmscope_event *raw)
{
	struct space *space = space_get(raw->mm);

	/* Its first record was lost. */
	return space ? space : space_add(raw->mm);
}

static struct space *space_now(void)
{
	return space_of(now);
}

static void ended(struct space *space, const void *record)
{
	change_forget(space, true);
	outbox_add(MMSCOPE_END, space, NULL);
	over = space;
}

static void began(struct space *none, const void *record)
{
	struct space *maker = space_get(now->parent);
	struct space *space = space_now();

	space->parent = now->parent;
	if (now->pages != RAW_BY_FORK || !maker)
		return;
	space->brk_start = maker->brk_start;
	space->brk = maker->brk;
	space->stack = maker->stack;
	outbox_add(MMSCOPE_FORK, maker, NULL)->aux = space->id;
}

static void run_by(struct space *space, const void *record)
{
	const struct raw_task *raw = record;

	space->tgid = raw->tgid;
	space->compat = raw->compat;
	memcpy(space->comm, raw->comm, sizeof(space->comm));
}

static void forked(struct space *child, const void *record)
{
	const struct raw_task *raw = record;

	/* A thread, or a child of vfork(2), has its maker's. */
	if (raw->e.aux == raw->e.mm)
		return;
	run_by(child, raw);
	outbox_name(child);
}

static void executed(struct space *space, const void *record)
{
	run_by(space, record);
	outbox_add(RECORD_EXEC, space, NULL)->aux = space->parent;
	outbox_name(space);
}

static void stored(struct space *space, const void *record)
{
	const struct raw_vma *raw = record;

	if (raw->vma.object)
		change_stored(space, raw, false);
	else
		change_emptied(space, now->start, now->end ? now->end : ~0ULL);
}

static void had(struct space *space, const void *record)
{
	change_stored(space, record, true);
}

static void completed(struct space *space, const void *record)
{
	change_completed(space, record);
}

static void copied(struct space *space, const void *record)
{
	change_copied(space, now->start, now->end);
}

static void freed(struct space *space, const void *record)
{
	change_freed(space, now->start);
}

static void zapped_freed(struct space *space, const void *record)
{
	const struct raw_pages *raw = record;

	zapped(space, record);
	change_freed(space, raw->object);
}

static void moved_heap(struct space *space, const void *record)
{
	space->brk_start = now->start;
	space->brk = now->end;
	space->stack = now->aux;
}

static void found_ops(struct space *space, const void *record)
{
	driver_found(now->start, now->end);
}

static void called(struct space *space, const void *record)
{
	calls_take(space, record);
}

static void was_there(struct space *space, const void *record)
{
	run_by(space, record);
	outbox_name(space);
}

static void forgotten(struct space *space, const void *record)
{
	change_forget(space, false);
	outbox_add(RECORD_ANEW, space, NULL);
}

static void pages_begin(struct space *space, const void *record)
{
	account_begin(space, now->tid);
}

static void pages_end(struct space *space, const void *record)
{
	account_take(space, record);
}

static void call_failed(struct space *space, const void *record)
{
	failure_tell(space, record);
}

static void faulted(struct space *space, const void *record)
{
	account_fault(space, now, outbox_extra(outbox_pass(space))->rss);
}

static void took_file(struct space *space, const void *record)
{
	names_file(record);
}

static void took_name(struct space *space, const void *record)
{
	names_pending(record);
}

static void summed_vma(struct space *space, const void *record)
{
	if (sums.vma)
		sums.vma(record);
}

static void summed_site(struct space *space, const void *record)
{
	if (sums.site)
		sums.site(record);
}

/**
 * struct decoder - who understands a kind of raw record
 * @take: is given it
 * @alone: it is of no address space, or of one that may not be known yet: @take gets NULL
 */
struct decoder {
	void (*take)(struct space *space, const void *record);
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
	[RAW_GONE - RAW_MM]		= { .take = zapped_freed },
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

/* A record of another type has its address space known, and is nothing else to us. */
static void decode(unsigned int type)
{
	const struct decoder *decoder = &fault;

	if (type >= RAW_MM && type < RAW_TYPES)
		decoder = &decoders[type - RAW_MM];
	else if (type != MMSCOPE_FAULT)
		decoder = NULL;
	if (!decoder || !decoder->take)
		space_now();
	else
		decoder->take(decoder->alone ? NULL : space_now(), now);
}

/**
 * raw_sum_up - hand sums of faults to who keeps them; without it they are dropped
 * @to: is copied
 */
void raw_sum_up(const struct raw_sums *to)
{
	sums = *to;
}

/**
 * raw_take - look at a raw record; outbox_next() has what comes of it
 * @raw: with its tail
 */
void raw_take(const struct mmscope_event *raw)
{
	if (!account_goes_on(raw))
		account_flush();
	now = raw;
	outbox_because(raw);
	if (over)
		space_drop(over);
	over = NULL;
	if (!outbox_pending())
		area_forget(raw->time_ns);
	decode(raw->type);
}

/**
 * raw_pass_over - take note of a fault that nobody wants to have
 * @raw: its record; all before it have been handed out
 */
void raw_pass_over(const struct mmscope_event *raw)
{
	struct space *space = space_of(raw);
	struct mmscope_event e = *raw;
	__s64 rss[RAW_NR_RSS] = { 0 };
	const struct area *area;

	account_flush();
	account_fault(space, raw, rss);
	/* Where there are others, they are looked for in their VMA. */
	area = raw->npages > 1 ? space_at(space, raw->addr) : NULL;
	e.vma = area ? area->id : 0;
	again_fault(&e);
}
