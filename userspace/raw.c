// SPDX-License-Identifier: GPL-2.0
/*
 * What the BPF programs tell, raw: each record goes to who understands it.
 */
#include <string.h>
#include <sys/syscall.h>
#include "account.h"
#include "apart.h"
#include "calls.h"
#include "change.h"
#include "driver.h"
#include "mmscope.h"
#include "names.h"
#include "outbox.h"
#include "raw.h"
#include "stacks.h"
#include "vmas.h"

static const struct mmscope_event *now;	/* the record that is being looked at */
static struct space *over;	/* ended, and still named by the records that tell so */

static void zapped(struct space *space, const struct raw_pages *raw)
{
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

static void advised(struct space *space, const struct raw_pages *raw)
{
	struct mmscope_event *e;
	__s64 more;

	account_check(space, raw);
	e = outbox_add(MMSCOPE_ADVISE, space, space_at(space, now->start));
	more = account_add(space, e, raw);
	e->start = now->start;
	e->end = now->end;
	e->aux = now->aux;
	e->pages = more < 0 ? -more : 0;
	if (now->pages)
		e->flags |= MMSCOPE_F_ERROR;
}

/* Advice has a record of its own; names and policies have none. */
static void looks(struct space *space, const struct raw_vma *raw)
{
	struct area *area = area_of_object(raw->vma.object);
	/* Advice is told. Who reads them all for us has changed none. */
	bool advice = raw->e.cause == SYS_madvise || raw->e.cause == SYS_process_madvise ||
		      raw->e.cause == SYS_read;
	bool same = area && !((area->image.flags ^ raw->vma.flags) & ~(__u64)RAW_VM_ACCOUNT);

	if (!area || area->mm != space->id)
		return;
	change_looks(area, raw);
	if (!advice && !same)
		outbox_add(MMSCOPE_ADVISE, space, area)->aux = 0;
	apart_tell(space, area);
}

static void got_anon(void)
{
	struct area *area = area_of_object(now->start);

	if (area)
		area->image.anon_vma = now->end;
}

/* For who wants sums: of the VMA that has that object now. */
static void summed_up(struct space *space)
{
	const struct area *area = area_of_object(now->start);

	if (area)
		outbox_add(RAW_FAULTS, space, area)->pages = now->pages;
}

/* What was mapped where may be another thing after the next record. It takes its time. */
static void stack_told(struct space *space)
{
	stacks_unwind(space, (const void *)now);
	outbox_add(RAW_STACK, space, NULL);
}

static struct space *space_now(void)
{
	struct space *space = space_get(now->mm);

	/* Its first record was lost. */
	return space ? space : space_add(now->mm);
}

static void ended(struct space *space)
{
	change_forget(space, true);
	outbox_add(MMSCOPE_END, space, NULL);
	over = space;
}

static void began(void)
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

static void run_by(struct space *space, const struct raw_task *raw)
{
	space->tgid = raw->tgid;
	space->compat = raw->compat;
	memcpy(space->comm, raw->comm, sizeof(space->comm));
}

static void forked(struct space *child, const struct raw_task *raw)
{
	/* A thread, or a child of vfork(2), has its maker's. */
	if (raw->e.aux == raw->e.mm)
		return;
	run_by(child, raw);
	outbox_name(child);
}

static void executed(struct space *space, const struct raw_task *raw)
{
	run_by(space, raw);
	outbox_add(MMSCOPE_EXEC, space, NULL)->aux = space->parent;
	outbox_name(space);
}

static void take(struct space *space)
{
	switch (now->type) {
	case RAW_STORE:
		if (((const struct raw_vma *)now)->vma.object)
			change_stored(space, (const void *)now, false);
		else
			change_emptied(space, now->start, now->end ? now->end : ~0ULL);
		break;
	case RAW_CHANGE:
		change_completed(space, (const void *)now);
		break;
	case RAW_HAVE:
		change_stored(space, (const void *)now, true);
		break;
	case RAW_DUP:
		change_copied(space, now->start, now->end);
		break;
	case RAW_FREE:
		change_freed(space, now->start);
		break;
	case RAW_ZAP:
		zapped(space, (const void *)now);
		break;
	case RAW_BRK:
		space->brk_start = now->start;
		space->brk = now->end;
		space->stack = now->aux;
		break;
	case RAW_ADVISE:
		advised(space, (const void *)now);
		break;
	case RAW_LOOKS:
		looks(space, (const void *)now);
		break;
	case RAW_ANON:
		got_anon();
		break;
	case RAW_OPS:
		driver_found(now->start, now->end);
		break;
	case RAW_CALL:
		calls_take(space, (const void *)now);
		break;
	case RAW_EXEC:
		executed(space, (const void *)now);
		break;
	case RAW_HAVE_TASK:
		run_by(space, (const void *)now);
		outbox_name(space);
		break;
	case RAW_FORK:
		forked(space, (const void *)now);
		break;
	case RAW_ANEW:
		change_forget(space, false);
		outbox_add(MMSCOPE_ANEW, space, NULL);
		break;
	case RAW_MM_END:
		ended(space);
		break;
	case RAW_FAULTS:
		summed_up(space);
		break;
	case RAW_STACK:
		stack_told(space);
		break;
	case RAW_RSS_BEGINS:
		account_begin(space, now->tid);
		break;
	case RAW_RSS:
		account_take(space, (const void *)now);
		break;
	case MMSCOPE_FAULT:
		account_fault(space, outbox_pass(space), now);
		break;
	}
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
	if (raw->type == RAW_MM)
		began();
	else if (raw->type == RAW_FILE)
		names_file((const void *)raw);
	else if (raw->type == RAW_NAME)
		names_pending((const void *)raw);
	else
		take(space_now());
}
