// SPDX-License-Identifier: GPL-2.0
/*
 * System calls of a history: the records of one call are put together, and where the kernel chose
 * an address, it is found out which.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "aspace/aspace.h"
#include "base/new_syscalls.h"
#include "base/proc.h"
#include "record/record.h"
#include "reproduce/backing.h"
#include "reproduce/call.h"
#include "reproduce/history.h"

/* Where a name is for the VMA that is told of next. */
static char pending[96];

/**
 * call_is_kept - can a program do a call again?
 * @nr: its number
 */
bool call_is_kept(int nr)
{
	switch (nr) {
	case SYS_mmap:
	case SYS_munmap:
	case SYS_mremap:
	case SYS_mprotect:
	case SYS_pkey_mprotect:
	case SYS_madvise:
	case SYS_process_madvise:
	case SYS_brk:
	case SYS_mlock:
	case SYS_mlock2:
	case SYS_munlock:
	case SYS_mlockall:
	case SYS_munlockall:
	case SYS_shmat:
	case SYS_shmdt:
	case SYS_prctl:
	case SYS_mseal:
		return true;
	}
	return false;
}

static __u64 key_of(const __u64 *args)
{
	return args[0] * 31 + args[1] * 37 + args[2] * 41 + args[3];
}

static __u64 whole_pages(__u64 bytes)
{
	__u64 page = proc_page_size();

	return (bytes + page - 1) & -page;
}

/* The last call in an address space, of any thread or of one. */
static struct step *last_call(struct history *history, __u32 mm, __u32 tid)
{
	for (size_t i = history->nr; i-- > 0;) {
		struct step *step = &history->steps[i];

		if (step->kind == STEP_CALL && step->mm == mm && (!tid || step->tid == tid))
			return step;
		if (step->kind == STEP_SETUP && step->mm == mm)
			return NULL;
	}
	return NULL;
}

static struct step *begin(struct history *history, const struct mmscope_event *raw,
			  const __u64 *args, unsigned int nr)
{
	struct family *family = history_family(history, raw->mm);
	struct step *step;

	if (family->tid && family->tid != raw->tid)
		family->threads = true;
	family->tid = raw->tid;
	step = history_add(history, STEP_CALL, raw);
	step->nr = raw->cause;
	step->more = nr;
	memcpy(step->args, args, nr * sizeof(*args));
	step->key = key_of(args);
	return step;
}

/*
 * The call that a record tells of: the one before it did, or a new one. How VMAs look after a call
 * is told when it is over, also when it has failed.
 */
static struct step *call_of(struct history *history, const struct raw_vma *raw)
{
	struct step *step = last_call(history, raw->e.mm, 0);

	if (step && step->tid == raw->e.tid && step->nr == raw->e.cause &&
	    step->key == key_of(raw->args) && (!step->error || raw->e.type == RAW_LOOKS) &&
	    !(step->placed && step->nr == SYS_mmap && raw->e.type == RAW_STORE))
		return step;
	return begin(history, &raw->e, raw->args, 4);
}

/*
 * Where the kernel has put what may be part of a larger VMA now: it has filled a hole of this
 * length.
 */
static __u64 hole_in(const struct mm *mm, __u64 start, __u64 end, __u64 length)
{
	__u64 at = start;
	const struct map_range *range;

	while (mm && at < end) {
		range = mm_in(mm, at, end);
		if ((range ? range->start : end) >= at + length)
			return at;
		if (!range)
			break;
		at = range->end;
	}
	return start;
}

static void place(struct step *step, const struct raw_vma *raw)
{
	bool maps = step->nr == SYS_mmap;
	__u64 at = step->args[maps ? 0 : 1];
	bool fixed = maps ? step->args[3] & (MAP_FIXED | MAP_FIXED_NOREPLACE) : at;
	__u64 length = maps ? whole_pages(step->args[1]) : raw->e.end - raw->e.start;

	/* The halves of what it cuts are stored before. */
	if (fixed && (at < raw->e.start || at >= raw->e.end))
		return;
	if (!step->place)
		step->place = fixed ? at :
			      hole_in(mm_get(raw->e.mm), raw->e.start, raw->e.end, length);
	step->ends = step->place + length;
}

static void take_backing(struct step *step, const struct vma_image *image)
{
	__u64 page = proc_page_size();

	if (step->place < image->start || step->place >= image->end)
		return;
	if (step->nr == SYS_mmap && step->args[3] & MAP_ANONYMOUS)
		return;
	step->backing = backing_of(image);
	if (!step->backing)
		return;
	step->offset = (image->pgoff + (step->place - image->start) / page) * page;
	backing_reach(step->backing, step->offset + step->ends - step->place);
	if (image->flags & RAW_VM_SHARED)
		step->backing->written = true;
}

static void take_name(struct step *step, const struct raw_vma *raw)
{
	if (step->name || !raw->vma.named)
		return;
	step->name = strdup(pending);
	if (!step->name)
		abort();
}

/*
 * How a VMA looks is told after each prctl(2), also one that has failed, which nothing else tells.
 * Return: is it as it was?
 */
static bool is_idle(const struct raw_vma *raw)
{
	const struct vma *vma = vma_of_object(raw->vma.object);

	return raw->e.cause == SYS_prctl && raw->e.type == RAW_LOOKS && vma &&
	       vma->image.named == raw->vma.named;
}

/**
 * call_raw - a VMA was changed by a call
 * @history: becomes longer, if it is a new one
 * @raw: the change; the tracer has not taken it yet
 */
void call_raw(struct history *history, const struct raw_vma *raw)
{
	struct step *step;

	if (!call_is_kept(raw->e.cause)) {
		if (raw->e.cause != SYS_read && raw->e.cause != SYS_exit_group)
			history->unkept[UNKEPT_CALL]++;
		return;
	}
	if (is_idle(raw))
		return;
	step = call_of(history, raw);
	if (step->nr == SYS_brk && step->args[0] > history_family(history, raw->e.mm)->heap_end)
		history_family(history, raw->e.mm)->heap_end = step->args[0];
	if (!raw->vma.object)
		return;
	if (step->nr == SYS_prctl)
		take_name(step, raw);
	if (step->nr != SYS_mmap && step->nr != SYS_shmat)
		return;
	place(step, raw);
	take_backing(step, &raw->vma);
	step->placed = raw->e.type == RAW_CHANGE;
}

/**
 * call_advised - there was a madvise(2)
 * @history: becomes longer, if no record before told of it
 * @raw: RAW_ADVISE
 */
void call_advised(struct history *history, const struct mmscope_event *raw)
{
	struct step *step = last_call(history, raw->mm, raw->tid);
	__u64 args[4] = { raw->start, raw->end - raw->start, raw->aux };

	if (!history_family(history, raw->mm)->ready)
		return;
	if (!step || step->nr != raw->cause || step->error || step->placed ||
	    step->args[0] != raw->start || whole_pages(step->args[1]) != whole_pages(args[1]) ||
	    (__u32)step->args[2] != raw->aux) {
		step = begin(history, raw, args, 3);
		step->nr = SYS_madvise;
	}
	step->error = raw->pages;
	step->placed = true;
}

/* Where a segment was attached of which a VMA is a part. */
static __u64 attached_at(const struct vma *vma)
{
	return vma->start - vma_pgoff(vma) * proc_page_size();
}

/* Has a record told of the call that takes a VMA away? */
static bool is_told(const struct step *step, const struct mmscope_event *raw,
		    const struct vma *vma)
{
	if (!step || step->nr != raw->cause || step->error)
		return false;
	if (step->nr == SYS_shmdt)
		return step->args[0] == attached_at(vma);
	return step->args[0] <= vma->start &&
	       step->args[0] + whole_pages(step->args[1]) >= vma->end;
}

/**
 * call_unmapped - a VMA goes
 * @history: becomes longer, if no record before told of the call
 * @raw: RAW_ZAP, RAW_GONE or RAW_FREE
 * @object: the VMA's
 *
 * Where only whole VMAs go nothing else is told of the call, and not its arguments: VMAs that touch
 * and go one after the other are one range.
 */
void call_unmapped(struct history *history, const struct mmscope_event *raw, __u64 object)
{
	struct step *step = last_call(history, raw->mm, raw->tid);
	const struct vma *vma = vma_of_object(object);
	__u64 args[4] = { 0 };

	if ((raw->cause != SYS_munmap && raw->cause != SYS_shmdt) || !vma || !vma->mapped ||
	    vma->mm != raw->mm || is_told(step, raw, vma))
		return;
	if (step && step == &history->steps[history->nr - 1] && step->nr == SYS_munmap &&
	    raw->cause == SYS_munmap && step->more == 2 &&
	    step->args[0] + step->args[1] == vma->start) {
		step->args[1] += vma->end - vma->start;
		return;
	}
	args[0] = raw->cause == SYS_shmdt ? attached_at(vma) : vma->start;
	args[1] = raw->cause == SYS_shmdt ? 0 : vma->end - vma->start;
	begin(history, raw, args, 2);
}

/**
 * call_refused - a call gave an error
 * @history: becomes longer, if no record before told of it
 * @raw: the call
 */
void call_refused(struct history *history, const struct raw_failed *raw)
{
	struct step *step = last_call(history, raw->e.mm, raw->e.tid);
	int error = raw->result < 0 ? -raw->result : 0;

	if (!history_family(history, raw->e.mm)->ready)
		return;
	if (!call_is_kept(raw->e.cause)) {
		history->unkept[UNKEPT_CALL]++;
		return;
	}
	if (!step || step->nr != raw->e.cause || step->more == 6 ||
	    step->args[0] != raw->args[0] || step->args[2] != raw->args[2] ||
	    whole_pages(step->args[1]) != whole_pages(raw->args[1]) ||
	    (step->placed && step->nr != SYS_madvise))
		step = begin(history, &raw->e, raw->args, 6);
	memcpy(step->args, raw->args, sizeof(step->args));
	step->more = 6;
	step->error = error ? error : ENOMEM;
	if (step->nr == SYS_mmap && !(step->args[3] & MAP_ANONYMOUS) && !step->backing)
		step->offset = step->args[5];
}

/**
 * call_named - a VMA is about to be told of that has a name
 * @raw: the name
 */
void call_named(const struct raw_name *raw)
{
	snprintf(pending, sizeof(pending), "%.95s", raw->text);
}

/**
 * call_went - where mremap(2) has put what it moved: a new VMA, or one that has grown there
 * @history: has the call
 * @e: a record of it
 */
void call_went(struct history *history, const struct mmscope_event *e)
{
	struct step *step = last_call(history, e->mm, e->tid);

	if (!step || step->nr != SYS_mremap || step->place)
		return;
	if (e->type == MMSCOPE_COPY)
		step->place = e->start;
	else if (e->type == RECORD_GROW)
		step->place = e->flags & MMSCOPE_F_BELOW ? e->start : e->aux;
	/* It has grown where it is. */
	if (e->type == RECORD_GROW && !(step->args[3] & (MREMAP_FIXED | MREMAP_DONTUNMAP)) &&
	    step->place == step->args[0] + whole_pages(step->args[1]))
		step->place = 0;
}
