// SPDX-License-Identifier: GPL-2.0
/*
 * What address spaces did, step by step, as raw records tell it: each call once, with its
 * arguments, whatever number of VMAs it changed.
 */
#include <sys/syscall.h>
#include "aspace/aspace.h"
#include "base/proc.h"
#include "record/record.h"
#include "reproduce/backing.h"
#include "reproduce/call.h"
#include "reproduce/history.h"
#include "reproduce/intake.h"

static void set_up(struct history *history, const struct mmscope_event *raw,
		   const struct vma_image *image, __u64 start, __u64 end)
{
	struct step *step = history_add(history, STEP_SETUP, raw);

	step->place = start;
	step->ends = end;
	step->flags = image->flags;
	step->backing = backing_of(image);
	if (!step->backing)
		return;
	step->offset = (image->pgoff + (start - image->start) / proc_page_size()) *
		       proc_page_size();
	backing_reach(step->backing, step->offset + end - start);
	if (image->flags & RAW_VM_SHARED)
		step->backing->written = true;
}

/* What exec has mapped is there when it is done. The vdso no program can map. */
static void begin(struct history *history, const struct mmscope_event *e)
{
	struct mm *mm = mm_get(e->mm);

	history_family(history, e->mm)->ready = true;
	if (!mm)
		return;
	for (struct map_range *range = mm_first(mm); range; range = range_above(range)) {
		const struct vma *vma = range->vma;
		struct vma_image image = vma->image;

		if (vma->special)
			continue;
		image.start = range->start;
		image.pgoff = vma_pgoff(vma) + (range->start - vma->start) / proc_page_size();
		set_up(history, e, &image, range->start, range->end);
	}
}

/* The stack was touched where exec made it first. */
static void shift(struct history *history, const struct mmscope_event *e)
{
	for (size_t i = history->nr; i-- > 0;) {
		struct step *step = &history->steps[i];

		if (step->mm == e->mm && step->kind == STEP_TOUCH && step->args[0] >= e->aux &&
		    step->args[0] < e->aux + e->end - e->start)
			step->args[0] += e->start - e->aux;
	}
}

/**
 * intake_record - take note of what a raw record was found to mean
 * @history: becomes longer
 * @e: a record of the tracer's
 */
void intake_record(struct history *history, const struct mmscope_event *e)
{
	if (!(e->flags & RECORD_F_WHOLE))
		return;
	if (e->type == RECORD_EXEC)
		begin(history, e);
	else if (e->type == MMSCOPE_MREMAP && e->cause == SYS_execve)
		shift(history, e);
	else if (e->cause == SYS_mremap)
		call_went(history, e);
}

/* Where an access was in a file. If the file ended before, that tells its size. */
static void used(struct backing *backing, const struct vma *vma, const struct mmscope_event *raw)
{
	__u64 page = proc_page_size();
	__u64 end = (vma_pgoff(vma) + (raw->addr - vma->start) / page + 1) * page;

	if (!backing)
		return;
	if (!(raw->flags & MMSCOPE_F_ERROR)) {
		if (end > backing->used)
			backing->used = end;
	} else if (REFUSAL_WHY(record_error(raw)) == REFUSAL_END) {
		backing->size = raw->pgoff;
		backing->exact = true;
	}
}

/*
 * The access that a fault was of. The kernel's own on behalf of a call that brings pages is done
 * again by that call.
 */
static void touched(struct history *history, const struct mmscope_event *raw)
{
	struct mm *mm = mm_get(raw->mm);
	struct vma *vma = mm ? mm_at(mm, raw->addr) : NULL;
	struct step *step;

	if (vma && vma->special) {
		history->unkept[UNKEPT_VDSO]++;
		return;
	}
	if (raw->flags & RECORD_F_GUP && call_is_kept(raw->cause))
		return;
	step = history_add(history, STEP_TOUCH, raw);
	step->args[0] = raw->addr;
	step->flags = raw->flags;
	step->early = !history_family(history, raw->mm)->ready;
	if (vma)
		used(backing_of(&vma->image), vma, raw);
}

static void began(struct history *history, const struct mmscope_event *raw)
{
	struct family *family = history_family(history, raw->mm);

	if (raw->pages == RAW_BY_ATTACH)
		history->unkept[UNKEPT_PAGES]++;
	if (raw->pages == RAW_BY_EXEC)
		family->ready = false;
	if (raw->pages != RAW_BY_FORK || !raw->parent)
		return;
	family->parent = raw->parent;
	family->heap = history_family(history, raw->parent)->heap;
	history_add(history, STEP_FORK, raw);
	history->steps[history->nr - 1].mm = raw->parent;
	history->steps[history->nr - 1].child = raw->mm;
}

static void ended(struct history *history, const struct mmscope_event *raw)
{
	history_add(history, STEP_LEAVE, raw);
}

static void heap(struct history *history, const struct mmscope_event *raw)
{
	struct family *family = history_family(history, raw->mm);

	family->heap = raw->start;
	if (raw->end > family->heap_end)
		family->heap_end = raw->end;
}

static void process(struct history *history, const struct mmscope_event *raw)
{
	const struct raw_task *task = (const void *)raw;

	if (raw->type != RAW_FORK || raw->aux != raw->mm)
		history_family(history, raw->mm)->tgid = task->tgid;
}

/* Changes that no call asked for, or one that makes an address space. */
static bool by_kernel(const struct mmscope_event *raw)
{
	switch (raw->cause) {
	case SYS_execve:
	case SYS_execveat:
	case SYS_clone:
	case SYS_clone3:
	case SYS_fork:
	case SYS_vfork:
		return true;
	}
	return raw->cause < 0;
}

static void changed(struct history *history, const struct mmscope_event *raw)
{
	if (!by_kernel(raw) && history_family(history, raw->mm)->ready)
		call_raw(history, (const void *)raw);
}

static void goes(struct history *history, const struct mmscope_event *raw, __u64 object)
{
	if (!by_kernel(raw) && history_family(history, raw->mm)->ready)
		call_unmapped(history, raw, object);
}

/**
 * intake_raw - take note of a raw record, before the tracer does
 * @history: becomes longer
 * @raw: with its tail
 */
void intake_raw(struct history *history, const struct mmscope_event *raw)
{
	const struct raw_vma *vma = (const void *)raw;

	switch (raw->type) {
	case MMSCOPE_FAULT:
		touched(history, raw);
		break;
	case MMSCOPE_LOST:
		history->unkept[UNKEPT_LOST] += raw->count;
		break;
	case RAW_MM:
		began(history, raw);
		break;
	case RAW_MM_END:
		ended(history, raw);
		break;
	case RAW_FORK:
	case RAW_EXEC:
	case RAW_HAVE_TASK:
		process(history, raw);
		break;
	case RAW_BRK:
		heap(history, raw);
		break;
	case RAW_FILE:
		backing_learn((const void *)raw);
		break;
	case RAW_NAME:
		call_named((const void *)raw);
		break;
	case RAW_HAVE:
		set_up(history, raw, &vma->vma, raw->start, raw->end);
		break;
	case RAW_STORE:
	case RAW_CHANGE:
	case RAW_LOOKS:
		changed(history, raw);
		break;
	case RAW_ZAP:
	case RAW_GONE:
		goes(history, raw, ((const struct raw_pages *)raw)->object);
		break;
	case RAW_FREE:
		goes(history, raw, raw->start);
		break;
	case RAW_ADVISE:
		call_advised(history, raw);
		break;
	case RAW_FAILED:
		call_refused(history, (const void *)raw);
		break;
	}
}
