// SPDX-License-Identifier: GPL-2.0
/*
 * Records that were made of raw records, until tracer_next() hands them out.
 */
#include <stdlib.h>
#include <string.h>
#include "aspace/aspace.h"
#include "base/proc.h"
#include "record/record.h"
#include "tracer/context.h"
#include "tracer/queue.h"

/**
 * struct letter - a record in the queue
 * @e: the record, which must be the first member: see queue_extra()
 * @extra: what the record tells beside its struct
 */
struct letter {
	struct mmscope_event e;
	struct record_extra extra;
};

/**
 * queue_because - set the raw record from which the next records are made
 * @raw: its time, thread, CPU and cause are copied into them. The queue keeps a copy: records are
 *	handed out when the ring has taken the memory of @raw back
 */
void queue_because(const struct mmscope_event *raw)
{
	tracer->queue.cause = *raw;
}

/**
 * queue_raw - the raw record from which records are made at present, without what follows its
 *	struct mmscope_event
 */
const struct mmscope_event *queue_raw(void)
{
	return &tracer->queue.cause;
}

static struct mmscope_event *push(void)
{
	struct queue *queue = &tracer->queue;

	if (queue->head == queue->tail) {
		queue->head = 0;
		queue->tail = 0;
	}
	if (queue->tail == queue->room) {
		queue->room = 2 * queue->room + 64;
		queue->letters = realloc(queue->letters, queue->room * sizeof(*queue->letters));
		if (!queue->letters)
			abort();
	}
	queue->letters[queue->tail].extra = (struct record_extra){ 0 };
	return &queue->letters[queue->tail++].e;
}

/**
 * queue_extra - what a record tells beside its struct
 * @e: from queue_add() or queue_pass(), not yet handed out
 */
struct record_extra *queue_extra(struct mmscope_event *e)
{
	return &((struct letter *)e)->extra;
}

/**
 * queue_extra_last - what the record that was handed out last tells beside its struct
 */
const struct record_extra *queue_extra_last(void)
{
	struct queue *queue = &tracer->queue;
	static const struct record_extra none;

	return queue->head ? &queue->letters[queue->head - 1].extra : &none;
}

/**
 * queue_rights - the rights of a VMA
 * @vma: the VMA
 *
 * Return: MMSCOPE_F_READ and its like
 */
__u32 queue_rights(const struct vma *vma)
{
	__u64 flags = vma->image.flags;

	return (flags & RAW_VM_READ ? MMSCOPE_F_READ : 0) |
	       (flags & RAW_VM_WRITE ? MMSCOPE_F_WRITE : 0) |
	       (flags & RAW_VM_EXEC ? MMSCOPE_F_EXEC : 0) |
	       (flags & RAW_VM_MAYSHARE ? MMSCOPE_F_SHARED : 0);
}

/**
 * queue_add - add a record about an address space
 * @type: enum mmscope_type or enum record_type
 * @mm: the address space
 * @vma: VMA that the record is about, or NULL
 *
 * Return: the record, for the caller to complete; valid until the next record is added
 */
struct mmscope_event *queue_add(__u8 type, struct mm *mm, const struct vma *vma)
{
	struct queue *queue = &tracer->queue;
	struct mmscope_event *e = push();

	*e = (struct mmscope_event){
		.time_ns = queue->cause.time_ns,
		.mm = mm->id,
		.seq = mm->seq += record_structural(type),
		.tid = queue->cause.tid,
		.type = type,
		.cause = queue->cause.cause,
		.cpu = queue->cause.cpu,
		.flags = RECORD_F_WHOLE,
	};
	if (!vma)
		return e;
	e->vma = vma->id;
	e->flags |= queue_rights(vma);
	e->start = vma->start;
	e->end = vma->end;
	e->aux = vma_pgoff(vma);
	return e;
}

/**
 * queue_name - add a record MMSCOPE_NAME
 * @mm: address space whose process is named
 */
void queue_name(struct mm *mm)
{
	struct mmscope_event *e = queue_add(MMSCOPE_NAME, mm, NULL);

	e->tgid = mm->tgid;
	e->parent_mm = mm->parent;
	memcpy(e->text, mm->comm, sizeof(mm->comm));
}

/**
 * queue_pass - add the raw record of a fault as it is, with the VMA that the fault was in
 * @mm: address space of the fault
 *
 * Return: the record, as from queue_add()
 */
struct mmscope_event *queue_pass(struct mm *mm)
{
	struct queue *queue = &tracer->queue;
	const struct vma *vma = mm_at(mm, queue->cause.addr);
	struct mmscope_event *e = push();

	*e = queue->cause;
	e->seq = mm->seq;
	e->flags |= RECORD_F_WHOLE;
	if (vma)
		e->vma = vma->id;
	return e;
}

/**
 * queue_lost - add a record that says how many are missing
 * @cpu: CPU on which they found no room
 * @count: how many
 *
 * Return: the record, as from queue_add()
 */
struct mmscope_event *queue_lost(unsigned int cpu, __u64 count)
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
 * queue_next - take the next record from the queue
 *
 * Return: the record, valid until the next one is added; NULL when the queue is empty
 */
struct mmscope_event *queue_next(void)
{
	struct queue *queue = &tracer->queue;

	return queue->head == queue->tail ? NULL : &queue->letters[queue->head++].e;
}

/**
 * queue_pending - is there a record in the queue?
 */
bool queue_pending(void)
{
	struct queue *queue = &tracer->queue;

	return queue->head != queue->tail;
}
