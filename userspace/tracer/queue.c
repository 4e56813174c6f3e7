// SPDX-License-Identifier: GPL-2.0
/*
 * Records on their way out: what was made of the raw ones, until somebody asks for it.
 */
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "base/proc.h"
#include "record/record.h"
#include "tracer/queue.h"

/**
 * struct letter - a record on its way
 * @e: the record
 * @extra: what else it tells
 */
struct letter {
	struct mmscope_event e;
	struct record_extra extra;
};

static struct letter *queue;
static size_t head, tail, room;

static const struct mmscope_event *cause;	/* the raw record that is being looked at */

/**
 * outbox_because - from now on records tell of this
 * @raw: gives them its time, thread, CPU and cause
 */
void outbox_because(const struct mmscope_event *raw)
{
	cause = raw;
}

/**
 * outbox_raw - the raw record that is being looked at
 */
const struct mmscope_event *outbox_raw(void)
{
	return cause;
}

static struct mmscope_event *push(void)
{
	if (head == tail) {
		head = 0;
		tail = 0;
	}
	if (tail == room) {
		room = 2 * room + 64;
		queue = realloc(queue, room * sizeof(*queue));
		if (!queue)
			abort();
	}
	queue[tail].extra = (struct record_extra){ 0 };
	return &queue[tail++].e;
}

/**
 * outbox_extra - what a record tells beside itself
 * @e: from outbox_add() or outbox_pass(), not yet handed out
 */
struct record_extra *outbox_extra(struct mmscope_event *e)
{
	return &((struct letter *)e)->extra;
}

/**
 * outbox_extra_last - the same of the record that was handed out last
 */
const struct record_extra *outbox_extra_last(void)
{
	static const struct record_extra none;

	return head ? &queue[head - 1].extra : &none;
}

/**
 * outbox_rights - what a VMA may be used for, as MMSCOPE_F_*
 * @area: the VMA
 */
__u32 outbox_rights(const struct area *area)
{
	__u64 flags = area->image.flags;

	return (flags & RAW_VM_READ ? MMSCOPE_F_READ : 0) |
	       (flags & RAW_VM_WRITE ? MMSCOPE_F_WRITE : 0) |
	       (flags & RAW_VM_EXEC ? MMSCOPE_F_EXEC : 0) |
	       (flags & RAW_VM_MAYSHARE ? MMSCOPE_F_SHARED : 0);
}

/**
 * outbox_add - a record of an address space
 * @type: enum mmscope_type
 * @space: the address space
 * @area: its VMA that this is about, or NULL
 *
 * Return: it, to be completed; valid until the next is added
 */
struct mmscope_event *outbox_add(__u8 type, struct space *space, const struct area *area)
{
	struct mmscope_event *e = push();

	*e = (struct mmscope_event){
		.time_ns = cause->time_ns,
		.mm = space->id,
		.seq = space->seq += record_structural(type),
		.tid = cause->tid,
		.type = type,
		.cause = cause->cause,
		.cpu = cause->cpu,
		.flags = RECORD_F_WHOLE,
	};
	if (!area)
		return e;
	e->vma = area->id;
	e->flags |= outbox_rights(area);
	e->start = area->start;
	e->end = area->end;
	e->aux = area_pgoff(area);
	return e;
}

/**
 * outbox_name - a NAME record
 * @space: whose process is named
 */
void outbox_name(struct space *space)
{
	struct mmscope_event *e = outbox_add(MMSCOPE_NAME, space, NULL);

	e->tgid = space->tgid;
	e->parent_mm = space->parent;
	memcpy(e->text, space->comm, sizeof(space->comm));
}

/**
 * outbox_pass - the raw record is what it is to be, but for what only the map knows
 * @space: where it was a fault
 *
 * Return: as outbox_add()
 */
struct mmscope_event *outbox_pass(struct space *space)
{
	const struct area *area = space_at(space, cause->addr);
	struct mmscope_event *e = push();

	*e = *cause;
	e->seq = space->seq;
	e->flags |= RECORD_F_WHOLE;
	if (area)
		e->vma = area->id;
	return e;
}

/**
 * outbox_lost - records are missing about here
 * @cpu: whose they are
 * @count: how many
 *
 * Return: as outbox_add()
 */
struct mmscope_event *outbox_lost(unsigned int cpu, __u64 count)
{
	struct mmscope_event *e = push();

	*e = (struct mmscope_event){
		.time_ns = time_now(),
		.type = MMSCOPE_LOST,
		.flags = RECORD_F_WHOLE,
		.cpu = cpu,
		.count = count,
	};
	return e;
}

/**
 * outbox_next - the next record
 *
 * Return: a record that stays valid until the next is added, or NULL for none
 */
struct mmscope_event *outbox_next(void)
{
	return head == tail ? NULL : &queue[head++].e;
}

/**
 * outbox_pending - has outbox_next() something to hand out?
 */
bool outbox_pending(void)
{
	return head != tail;
}
